using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>
/// Maps the options of one table: first which connector it names, for its rules depend on that; then what is more than
/// a key (<see cref="LegacyTable"/>); then key by key.
/// </summary>
internal static class TableMapping
{
    /// <summary>
    /// The connector as it is named after mapping; null when the table names none. Options of a hint come without a
    /// connector, so the one of their table is given.
    /// </summary>
    public static (string? Connector, IReadOnlyList<MappingProblem> Problems) Map(
        List<MappedOption> options, string? ofTable, IReadOnlyList<string> formats, SqlTarget target,
            MappingRules rules)
    {
        var problems = new List<MappingProblem>();
        var connector = Identify(options, target, rules.Of(RuleScope.Identifiers), problems) ?? ofTable;
        if (connector is null) return (null, problems);

        var own = rules.Of(RuleScope.Connector, connector);
        var all = rules.Of(RuleScope.Connector, "*");
        LegacyTable.Map(options, target, own, problems);
        var sets = new List<(RuleSet, string)> { (own, ""), (all, "") };
        foreach (var option in options)
        {
            if (option.Key is "format" or "format.type") AddFormat(option.Value, "");
            else if (option.Key == "key.format") AddFormat(option.Value, "key.");
            else if (option.Key == "value.format") AddFormat(option.Value, "value.");
        }

        foreach (var format in formats)
        {
            AddFormat(format, "");
            AddFormat(format, "key.");
            AddFormat(format, "value.");
        }

        var mapping = new OptionMapping(
            options, target, target.ReleasesOf(connector), sets, target.Dictionary.Connector(connector));
        mapping.Run();
        problems.AddRange(mapping.Problems);
        var named = options.LastOrDefault(option => option.Key == "connector" && !option.IsRemoved)?.Value;
        return (named ?? connector, problems);

        void AddFormat(string format, string prefix)
        {
            var found = rules.Of(RuleScope.Format, format);
            if (found.Rules.Count > 0) sets.Add((found, prefix));
        }
    }

    private static string? Identify(
        List<MappedOption> options, SqlTarget target, RuleSet rules, List<MappingProblem> problems)
    {
        if (options.FirstOrDefault(option => option.Key == "connector.type") is { } legacy) Legacy(legacy);
        var named = options.LastOrDefault(option => option.Key == "connector");
        if (named is null) return null;
        for (var round = 0; round < 4 && Rename(named); round++)
        {
        }

        return named.Value;

        void Legacy(MappedOption type)
        {
            var rule = rules.From("connector.type")
                .Where(each => Same(each.Old.Value, type.Value) && target.Reached(each.Since, null) == true)
                .Where(each => each.With.All(term => options.Any(option =>
                    option.Key == term.Key && Same(term.Value, option.Value))))
                .OrderByDescending(each => each.With.Count).FirstOrDefault();
            if (rule is not null)
            {
                (type.Key, type.Value) = (rule.New[0].Key, rule.New[0].Value ?? type.Value);
                type.Trail.Add((rule, true));
                return;
            }

            if (target.Flink < Release.Parse("1.11")) return;
            problems.Add(new(
                "SQL_MAP_BY_HAND",
                $"'connector.type' = '{type.Value}' is the form of Flink 1.10, and no rule says which connector it is "
                    + "now.",
                type.Index,
                IsError: true));
        }

        bool Rename(MappedOption option)
        {
            foreach (var rule in rules.From("connector"))
            {
                var now = rule.New[0].Value!;
                if (!Same(rule.Old.Value, option.Value) || target.Reached(rule.Since, null) != true) continue;
                if (option.Trail.Any(it => it.Rule == rule) || !IsDue(rule, option.Value, now)) continue;
                problems.Add(new(
                    "SQL_MAP_CONNECTOR",
                    $"The target has no '{option.Value}'; it becomes '{now}'. {rule.Note}".TrimEnd(),
                    option.Index,
                    IsError: false));
                option.Value = now;
                option.Trail.Add((rule, true));
                return true;
            }

            return false;
        }

        bool IsDue(MappingRule rule, string before, string now) => rule.When switch
        {
            "image" => target.Connectors is not null && target.Has(before) == false && target.Has(now) == true,
            "gone" => target.Has(before) == false && target.Has(now) != false,
            _ => true,
        };
    }

    private static bool Same(string? one, string other) =>
        string.Equals(one, other.Trim(), StringComparison.OrdinalIgnoreCase);
}
