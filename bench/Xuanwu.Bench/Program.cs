using Xuanwu.Bench;
using Xuanwu.Bench.GraphQL;

// One benchmark a file. Each prints its section and writes it into bench/RESULTS.md.
var benchmarks = new Dictionary<string, Func<bool, Task>>(StringComparer.Ordinal)
{
    ["journal"] = Journal.RunAsync,
    ["replay"] = Replay.RunAsync,
    ["rebuild"] = RebuildViews.RunAsync,
    ["lag"] = Lag.RunAsync,
    ["start"] = Start.RunAsync,
    ["track"] = Track.RunAsync,
    ["graphql"] = GraphQLSpeed.RunAsync,
};

if (args is ["serve-nothing", var port])
{
    await Start.ServeNothingAsync(port);
    return 0;
}

if (args is ["serve-graphql", var graphQLPort])
{
    await Endpoints.ServeAsync(graphQLPort);
    return 0;
}

if (args is ["load-graphql", var target, var path, var title, var seconds])
{
    await Load.RunAsync(target, path, title, seconds);
    return 0;
}

var quick = args.Contains("--quick");
var asked = args.Where(arg => !arg.StartsWith("--", StringComparison.Ordinal)).ToList();
var unknown = asked.Where(name => !benchmarks.ContainsKey(name)).ToList();
if (unknown.Count > 0)
{
    Console.Error.WriteLine(
        $"Unknown benchmark: {string.Join(", ", unknown)}. There are: {string.Join(", ", benchmarks.Keys)} (and --quick).");
    return 2;
}

foreach (var name in asked.Count > 0 ? asked : benchmarks.Keys.ToList()) await benchmarks[name](quick);
return 0;
