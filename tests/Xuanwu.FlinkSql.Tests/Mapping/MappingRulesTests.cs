using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Mapping;

namespace Xuanwu.FlinkSql.Tests.Mapping;

public sealed class MappingRulesTests
{
    [Fact]
    public void All_shipped_rules_can_be_read_and_say_since_when_and_from_where()
    {
        var all = MappingRules.Shipped.All;
        Assert.True(all.Count > 530);
        Assert.All(all, rule => Assert.True(rule.Since != default, rule.Name));
        Assert.All(all, rule => Assert.True(rule.Source.Length > 0, rule.Name));
    }

    [Fact]
    public void What_a_rule_leads_to_is_an_option_that_the_dictionary_knows()
    {
        foreach (var rule in MappingRules.Shipped.All.Where(rule => rule.Effect == RuleEffect.Rename))
        {
            var sheet = rule.File switch
            {
                "configuration" => SqlDictionary.Shipped.Configuration,
                _ when rule.File.StartsWith("format-", StringComparison.Ordinal) =>
                    SqlDictionary.Shipped.Format(rule.File["format-".Length..]),
                _ => SqlDictionary.Shipped.Connector(rule.File),
            };
            if (sheet is null) continue;
            foreach (var term in rule.New)
                Assert.True(sheet.Find(term.Key.Replace("#", "a")) is not null, $"{rule.File}:{rule.Line} {term}");
        }
    }

    [Fact]
    public void No_two_rules_say_the_same_of_one_spelling_at_one_release()
    {
        var twice = MappingRules.Shipped.All.Where(rule => rule.With.Count == 0)
            .GroupBy(rule => (rule.File, rule.Old.Key, rule.Old.Value, rule.Since)).Where(group => group.Count() > 1);
        Assert.Empty(twice.Select(group => group.Key.ToString()));
    }

    [Fact]
    public void An_operators_rules_go_before_the_shipped_ones()
    {
        var (rules, errors) = MappingRules.Shipped.With(new Dictionary<string, string>
        {
            ["mine.rules"] = "rules configuration\nfrom our handbook\n"
                + "state.checkpoints.dir <-> our.checkpoints since=1.20 -- As we do it.\n"
                + "our.old -> our.new since=1.18\n",
        });
        Assert.Empty(errors);
        var mapped = SqlMapping.Parameters(
            [new("state.checkpoints.dir", "s3://a"), new("our.old", "1")], SqlTarget.Of("1.20"), rules);
        Assert.Equal(["our.checkpoints", "our.new"], mapped.Parameters.Select(each => each.Key));
        Assert.Equal("our handbook", mapped.Changes[0].Source);
        Assert.EndsWith("As we do it.", mapped.Changes[0].Why);
    }

    [Fact]
    public void An_operators_mistake_is_told_by_file_and_line()
    {
        var (_, errors) = MappingRules.Shipped.With(new Dictionary<string, string>
        {
            ["a.rules"] = "rules configuration\na => b since=1.18\nc -> d\ne -> f since=1.18 value=louder\n",
            ["b.rules"] = "a -> b since=1.18\n",
        });
        Assert.Equal(
            [("a.rules", 2), ("a.rules", 3), ("a.rules", 4), ("b.rules", 1)],
            errors.Where(error => !error.Message.StartsWith("The file")).Select(error => (error.File, error.Line))
                .Distinct());
    }
}
