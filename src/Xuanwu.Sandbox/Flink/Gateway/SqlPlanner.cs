using System.Globalization;
using Xuanwu.Sandbox.Flink.Jobs;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>
/// Makes a job graph of INSERT statements: a vertex for each source and each sink, named as Flink names them.
/// </summary>
internal static class SqlPlanner
{
    private const string FixedJobId = "$internal.pipeline.job-id";

    private static readonly string[] Connectors =
    [
        "kafka", "upsert-kafka", "jdbc", "filesystem", "datagen", "print", "blackhole", "elasticsearch-6",
        "elasticsearch-7", "elasticsearch-8", "opensearch", "opensearch-2", "hbase-1.4", "hbase-2.2", "hbase-2.6",
        "hive", "mysql-cdc", "postgres-cdc", "oracle-cdc", "sqlserver-cdc", "mongodb-cdc", "tidb-cdc",
        "oceanbase-cdc", "db2-cdc", "vitess-cdc", "doris", "starrocks", "clickhouse", "paimon", "iceberg", "hudi",
        "fluss", "pulsar", "rabbitmq", "redis", "mongodb", "kinesis", "firehose", "dynamodb", "python-input-format",
    ];

    /// <exception cref="FlinkFailure">A table is missing or cannot be read or written.</exception>
    public static JobGraph Plan(
        IReadOnlyList<InsertStatement> inserts, SqlCatalogs catalogs, FlinkSettings settings, FlinkVersion version)
    {
        var parallelism =
            Math.Max(1, settings.Number(1, "table.exec.resource.default-parallelism", "parallelism.default"));
        var vertices = new Dictionary<string, JobVertex>();
        var number = 0;
        var sources = new List<SqlTable>();
        var sinks = new List<(string Path, JobVertex Vertex)>();
        foreach (var insert in inserts)
        {
            var read = Sources(insert.Query, catalogs).DistinctBy(table => table.Path).ToList();
            var inputs = new List<string>();
            foreach (var table in read)
            {
                RequireConnector(table, "source");
                var key = "source:" + table.Path;
                if (!vertices.TryGetValue(key, out var source))
                {
                    sources.Add(table);
                    source = Vertex(key, Invariant($"Source: {Short(table)}[{++number}]"), table, "scan.parallelism",
                        parallelism, []);
                    vertices[key] = source;
                }

                inputs.Add(source.Id);
            }

            if (read.Count == 0)
            {
                const string values = "source:values";
                vertices.TryAdd(
                    values, JobVertex.Named(values, 1) with { Name = Invariant($"Source: Values[{++number}]") });
                inputs.Add(vertices[values].Id);
            }

            var sink = catalogs.Find(insert.Target) ?? throw SqlErrors.Validation(
                $"Cannot find table '{SqlCatalogs.Quoted(catalogs.FullPath(insert.Target))}' in any of the catalogs "
                + $"[{string.Join(", ", catalogs.Names)}], nor as a temporary table.");
            RequireConnector(sink, "sink");
            var name = Invariant($"{Short(sink)}[{++number}]: Writer");
            var writes = Vertex($"sink:{sink.Path}#{sinks.Count(each => each.Path == sink.Path)}", name, sink,
                "sink.parallelism", parallelism, inputs);
            sinks.Add((sink.Path, writes));
        }

        var jobId = settings.Find(FixedJobId)?.ToLowerInvariant() ?? JobGraph.NewJobId();
        if (!JobGraph.IsJobId(jobId))
        {
            throw new FlinkFailure(
                "java.lang.IllegalArgumentException", $"Cannot parse JobID from \"{jobId}\". The expected format is "
                + "[0-9a-fA-F]{32}, e.g. fd72014d4c864993a2e5a9287b4a9c5d.");
        }

        return new JobGraph(
            jobId,
            settings.Find("pipeline.name") ?? "insert-into_" + string.Join(',', sinks.Select(sink => sink.Path)),
            [.. vertices.Values, .. sinks.Select(sink => sink.Vertex)],
            settings,
            RestoreSettings.From(settings, version),
            sources.TrueForAll(IsBounded) ? Duration(sources) : null);
    }

    /// <summary>The tables that a query reads in the end, views resolved.</summary>
    public static IEnumerable<SqlTable> Sources(SqlQuery query, SqlCatalogs catalogs)
    {
        foreach (var name in query.Tables)
        {
            var table = catalogs.Find(name) ?? throw SqlErrors.ObjectNotFound(
                name.At, name.Parts[^1], name.Parts.Count > 1 ? string.Join('.', name.Parts.SkipLast(1)) : null);
            if (table.View is null) yield return table;
            else foreach (var below in Sources(table.View, catalogs)) yield return below;
        }
    }

    public static bool IsBounded(SqlTable table) => table.Options.GetValueOrDefault("connector") switch
    {
        "datagen" => table.Options.ContainsKey("number-of-rows") || table.Options.Values.Contains("sequence"),
        "filesystem" => !table.Options.ContainsKey("source.monitor-interval"),
        "jdbc" or "hbase-2.2" or "hbase-1.4" or "mongodb" => true,
        _ => table.Options.GetValueOrDefault("scan.bounded.mode") is { } mode && mode != "unbounded",
    };

    private static JobVertex Vertex(
        string key, string name, SqlTable table, string option, int parallelism, IReadOnlyList<string> inputs)
    {
        var own = int.TryParse(
            table.Options.GetValueOrDefault(option), NumberStyles.None, CultureInfo.InvariantCulture, out var set)
            ? Math.Max(1, set)
            : parallelism;
        return JobVertex.Named(key, own, inputs) with { Name = name };
    }

    private static void RequireConnector(SqlTable table, string role)
    {
        // of an outside catalog, which knows its connector
        if (table.Columns.Count == 0 && table.Options.Count == 0) return;
        var quoted = SqlCatalogs.Quoted(table.Path);
        var problem = table.Options.GetValueOrDefault("connector") is not { } connector
            ? "Table options do not contain an option key 'connector' for discovering a connector. Therefore, Flink "
                + "assumes a managed "
                + "table. However, a managed table factory that implements "
                + "org.apache.flink.table.factories.ManagedTableFactory is not "
                + "in the classpath."
            : Connectors.Contains(connector)
                ? null
                : $"Cannot discover a connector using option: 'connector'='{connector}'";
        if (problem is null) return;
        var cause = table.Options.TryGetValue("connector", out var unknown)
            ? new JavaThrowable("org.apache.flink.table.api.ValidationException",
                $"Could not find any factory for identifier '{unknown}' that implements "
                + "'org.apache.flink.table.factories.DynamicTableFactory' in the classpath.\n\nAvailable factory "
                + "identifiers are:\n\n"
                + string.Join('\n', Connectors.Order(StringComparer.Ordinal)))
            : null;
        throw SqlErrors.Validation(
            $"Unable to create a {role} for {(role == "sink" ? "writing" : "reading")} table '{quoted}'.",
            new JavaThrowable("org.apache.flink.table.api.ValidationException", problem, cause));
    }

    // As long as the rows take at their rate, but no longer than a minute.
    private static TimeSpan Duration(List<SqlTable> sources)
    {
        var longest = TimeSpan.FromSeconds(1);
        foreach (var table in sources.Where(table => table.Options.GetValueOrDefault("connector") == "datagen"))
        {
            double Option(string key, double otherwise) =>
                double.TryParse(table.Options.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var number)
                    ? number
                    : otherwise;
            var seconds =
                Math.Clamp(Option("number-of-rows", 1000) / Math.Max(1, Option("rows-per-second", 10_000)), 0.5, 60);
            if (seconds > longest.TotalSeconds) longest = TimeSpan.FromSeconds(seconds);
        }

        return longest;
    }

    private static string Short(SqlTable table) => table.Path.Split('.', 3)[^1];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
