namespace Xuanwu.FlinkSql.Mapping;

/// <summary>
/// What in tables of Flink 1.10 is more than one key: pairs and triples with an index between them, a class name that
/// stands beside the word 'custom', and update-mode = upsert, which is a connector of its own now.
/// </summary>
internal static class LegacyTable
{
    public static void Map(List<MappedOption> options, SqlTarget target, RuleSet rules, List<MappingProblem> problems)
    {
        foreach (var way in options.Select(option => Rule(option)?.Way).OfType<string>().Distinct().ToArray())
        {
            var found = options.Where(option => Rule(option)?.Way == way)
                .Select(option => (Option: option, Rule: Rule(option)!)).ToArray();
            switch (way)
            {
                case "indexed-properties": Properties(found); break;
                case "indexed-offsets": Join(found, "scan.startup.specific-offsets", Offset); break;
                case "indexed-hosts": Join(found, "hosts", Host); break;
                case "partitioner-class": Partitioner(found, options); break;
                case "upsert": Upsert(found[0].Option, found[0].Rule, options, problems); break;
            }
        }

        MappingRule? Rule(MappedOption option) => option.Trail.Count > 0
            ? null
            : rules.From(option.Key).FirstOrDefault(rule => rule.Way is not null
                && target.Reached(rule.Since, null) == true
                && (rule.Old.Value is null || rule.Old.Value == option.Value));
    }

    // connector.properties.0.key = a, connector.properties.0.value = b become properties.a = b.
    private static void Properties((MappedOption Option, MappingRule Rule)[] found)
    {
        foreach (var pair in found.GroupBy(each => each.Option.Key.Split('.')[2]))
        {
            var (key, value) = (Part(pair, "key"), Part(pair, "value"));
            if (key is not { } named || value is not { } given) continue;
            OptionMapping.Remove(named.Option, named.Rule);
            given.Option.Key = "properties." + named.Option.Value;
            given.Option.Trail.Add((given.Rule, true));
        }
    }

    private static void Join(
        (MappedOption Option, MappingRule Rule)[] found,
        string key,
        Func<IEnumerable<(MappedOption Option, MappingRule Rule)>, string> one)
    {
        var joined = string.Join(';', found.GroupBy(each => each.Option.Key.Split('.')[2])
            .OrderBy(group => group.Key.Length).ThenBy(group => group.Key, StringComparer.Ordinal).Select(one));
        foreach (var (option, rule) in found.Skip(1)) OptionMapping.Remove(option, rule);
        (found[0].Option.Key, found[0].Option.Value) = (key, joined);
        found[0].Option.Trail.Add((found[0].Rule, true));
    }

    private static string Offset(IEnumerable<(MappedOption Option, MappingRule Rule)> parts) =>
        $"partition:{Part(parts, "partition")?.Option.Value},offset:{Part(parts, "offset")?.Option.Value}";

    private static string Host(IEnumerable<(MappedOption Option, MappingRule Rule)> parts) =>
        $"{Part(parts, "protocol")?.Option.Value ?? "http"}://{Part(parts, "hostname")?.Option.Value}"
        + $":{Part(parts, "port")?.Option.Value ?? "9200"}";

    private static void Partitioner((MappedOption Option, MappingRule Rule)[] found, List<MappedOption> options)
    {
        foreach (var custom in options.Where(option => option.Key == "connector.sink-partitioner" && !option.IsRemoved))
            OptionMapping.Remove(custom, found[0].Rule);
        found[0].Option.Key = "sink.partitioner";
        found[0].Option.Trail.Add((found[0].Rule, true));
    }

    // The connector changes, and with it the format is the value's and the key needs one too: the same.
    private static void Upsert(
        MappedOption mode, MappingRule rule, List<MappedOption> options, List<MappingProblem> problems)
    {
        if (options.LastOrDefault(option => option.Key == "connector") is not { } connector) return;
        OptionMapping.Remove(mode, rule);
        connector.Value = "upsert-kafka";
        connector.Trail.Add((rule, true));
        foreach (var format in options.Where(option => option.Key is "format" or "format.type").ToArray())
        {
            format.Key = "value.format";
            format.Trail.Add((rule, true));
            var key = new MappedOption("key.format", format.Value, format.Index) { IsNew = true };
            key.Trail.Add((rule, true));
            options.Insert(options.IndexOf(format) + 1, key);
        }

        problems.Add(new(
            "SQL_MAP_CONNECTOR",
            "A Kafka table in upsert mode is 'upsert-kafka' now; it needs PRIMARY KEY … NOT ENFORCED with the columns "
                + "of the message's key.",
            connector.Index,
            IsError: false));
    }

    private static (MappedOption Option, MappingRule Rule)? Part(
        IEnumerable<(MappedOption Option, MappingRule Rule)> parts, string name)
    {
        foreach (var part in parts)
        {
            if (part.Option.Key.EndsWith("." + name, StringComparison.Ordinal)) return part;
        }

        return null;
    }
}
