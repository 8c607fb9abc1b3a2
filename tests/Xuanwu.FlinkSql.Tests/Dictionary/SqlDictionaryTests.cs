using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Tests.Dictionary;

public sealed class SqlDictionaryTests
{
    private static readonly SqlDictionary Shipped = SqlDictionary.Shipped;

    [Fact]
    public void All_sheets_can_be_read_and_hold_what_was_collected()
    {
        var connectors = Shipped.Connectors.Select(name => Shipped.Connector(name)!).ToArray();
        Assert.Equal(45, connectors.Length);
        Assert.True(connectors.Sum(sheet => sheet.Options.Count) > 2000);
        Assert.Equal(14, Shipped.Formats.Count);
        Assert.All(Shipped.Formats, name => Assert.Equal(name, Shipped.Format(name)!.Name));
        Assert.Equal(10, Shipped.Catalogs.Count);
        Assert.All(Shipped.Catalogs, name => Assert.NotNull(Shipped.Catalog(name)!.Find("type")));
        Assert.True(Shipped.Configuration.Options.Count > 1000);
    }

    [Fact]
    public void No_sheet_names_an_option_twice()
    {
        var sheets = Shipped.Connectors.Select(Shipped.Connector).Concat(Shipped.Formats.Select(Shipped.Format))
            .Concat(Shipped.Catalogs.Select(Shipped.Catalog)).Append(Shipped.Configuration);
        foreach (var sheet in sheets)
        {
            var twice = sheet!.Options.GroupBy(option => option.Key).Where(group => group.Count() > 1);
            Assert.True(!twice.Any(), $"{sheet.Name}: {string.Join(", ", twice.Select(group => group.Key))}");
        }
    }

    [Fact]
    public void Every_default_is_a_value_of_its_type()
    {
        var sheets = Shipped.Connectors.Select(Shipped.Connector).Concat(Shipped.Formats.Select(Shipped.Format))
            .Append(Shipped.Configuration);
        foreach (var sheet in sheets)
        {
            foreach (var option in sheet!.Options.Where(each => each.Default is not null && each.Values.Count == 0))
            {
                var expected = OptionValues.Expected(option, option.Default!);
                Assert.True(expected is null, $"{sheet.Name} {option.Key}: '{option.Default}' is not {expected}");
            }
        }
    }

    [Fact]
    public void Every_key_that_an_option_is_required_with_is_known()
    {
        foreach (var sheet in Shipped.Connectors.Select(Shipped.Connector))
        {
            foreach (var option in sheet!.Options)
            {
                foreach (var key in option.Required.SelectMany(each => each.Keys))
                    Assert.True(sheet.Find(key) is not null, $"{sheet.Name} {option.Key}: {key}");
                foreach (var key in option.Instead)
                    Assert.True(sheet.Find(key) is not null, $"{sheet.Name} {option.Key}: {key}");
            }
        }
    }

    [Fact]
    public void A_line_tells_all_that_a_rule_needs()
    {
        var kafka = Shipped.Connector("kafka")!;
        var mode = kafka.Find("scan.bounded.mode")!;
        Assert.Equal(OptionType.Enum, mode.Type);
        Assert.Equal("unbounded", mode.Default);
        Assert.Equal(["unbounded", "latest-offset", "group-offsets", "timestamp", "specific-offsets"], mode.Values);
        Assert.Equal(new Since(Release.Parse("3.0.0"), OfConnector: true), mode.Since);
        Assert.Equal(OptionUse.Source, mode.Use);
        Assert.Equal("Where reading ends, turning the table into a bounded source.", mode.Description);

        var topic = kafka.Find("topic")!;
        Assert.Equal([RequirementKind.ForSink, RequirementKind.OneOfForSource], topic.Required.Select(it => it.Kind));
        Assert.Equal(["topic", "topic-pattern"], topic.Required[1].Keys);
        Assert.Equal("sink.delivery-guarantee", Assert.Single(kafka.Find("sink.semantic")!.Instead));
        Assert.True(kafka.Find("sink.partitioner")!.ValuesAreOpen);
        Assert.Equal("5 min", kafka.Find("scan.topic-partition-discovery.interval")!.DefaultChanges[0].After);
        Assert.Equal(Changes.AsFormat, kafka.Head.Writes);
        Assert.Contains("leader-epoch", kafka.Head.Metadata);
    }

    [Fact]
    public void Keys_under_a_prefix_and_keys_with_a_column_are_found()
    {
        var kafka = Shipped.Connector("kafka")!;
        Assert.Equal("properties.*", kafka.Find("properties.max.partition.fetch.bytes")!.Key);
        Assert.Equal(OptionSecrecy.Value, kafka.Find("properties.ssl.key.password")!.Secrecy);
        Assert.Null(kafka.Find("properties."));
        var datagen = Shipped.Connector("datagen")!;
        var pattern = datagen.Find("fields.user.id.max-past")!;
        Assert.Equal("fields.#.max-past", pattern.Key);
        Assert.Equal("user.id", OptionSheet.ColumnOf(pattern, "fields.user.id.max-past"));
        Assert.Null(datagen.Find("fields.max"));
        Assert.NotNull(Shipped.Configuration.Find("pipeline.global-job-parameters.team"));
    }

    [Fact]
    public void A_sheet_may_begin_with_all_of_another()
    {
        var sheet = Shipped.Connector("upsert-pulsar")!;
        Assert.Equal("upsert-pulsar", sheet.Name);
        Assert.Equal(PrimaryKeyUse.Required, sheet.Head.PrimaryKey);
        Assert.Equal(Shipped.Connector("pulsar")!.Options.Count, sheet.Options.Count);
        Assert.Null(Shipped.Connector("no-such-connector"));
    }

    [Fact]
    public void An_operators_file_goes_over_the_shipped_one()
    {
        var (mine, errors) = Shipped.With(new Dictionary<string, string>
        {
            ["kafka.options"] = "connector kafka\n\ntopic string required -- Ours.\nx-team string values=a|b\n",
            ["ours.options"] = "connector ours\nroles sink\nwrites upsert\non 1.20-2.x 1.0-1.9\n\nurl string "
                + "required\n",
            ["readme.md"] = "not a sheet",
        });
        Assert.Empty(errors);
        Assert.Equal("Ours.", mine.Connector("kafka")!.Find("topic")!.Description);
        Assert.Equal(["a", "b"], mine.Connector("kafka")!.Find("x-team")!.Values);
        Assert.NotNull(mine.Connector("kafka")!.Find("scan.startup.mode"));
        Assert.Equal(Changes.AsFormat, mine.Connector("kafka")!.Head.Reads);
        Assert.Equal(Changes.Upsert, mine.Connector("ours")!.Head.Writes);
        Assert.Contains("ours", mine.Connectors);
        Assert.DoesNotContain("ours", Shipped.Connectors);
        Assert.Null(Shipped.Connector("kafka")!.Find("x-team"));
    }

    [Fact]
    public void An_operators_mistake_is_told_by_file_and_line_and_harms_nothing()
    {
        var (mine, errors) = Shipped.With(new Dictionary<string, string>
        {
            ["a.options"] = "connector kafka\n\ntopic text\nurl string since=soon\nx string required=maybe\n",
            ["b.options"] = "topic string\n",
            ["c.options"] = "",
        });
        Assert.Equal(
            ["a.options:3: 'text' is not a type.", "a.options:4: 'soon' is not a release number.",
                "a.options:5: 'maybe' is not a way to require an option."],
            errors.Take(3).Select(error => error.ToString()));
        Assert.Equal(["b.options", "c.options"], errors.Skip(3).Select(error => error.File).Distinct());
        Assert.Equal(OptionType.List, mine.Connector("kafka")!.Find("topic")!.Type);
    }
}
