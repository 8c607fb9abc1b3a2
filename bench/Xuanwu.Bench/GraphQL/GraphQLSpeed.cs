using System.Diagnostics;
using System.Globalization;

namespace Xuanwu.Bench.GraphQL;

/// <summary>
/// The engine over HTTP against what the machine can do in the same minutes: an endpoint that writes the same bytes, or
/// one that writes the same objects by System.Text.Json. The server has one core, the load the other. The share is that
/// of processor time a request, which does not depend on whether the load or the server is the slower of the two.
/// </summary>
internal static class GraphQLSpeed
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(bool quick)
    {
        var rounds = quick ? 2 : 5;
        var seconds = quick ? 1.5 : 5;
        var port = Child.FreePort();
        using var http = Machine.Client(port);
        using var server = Child.StartPinned(0, "Xuanwu.Bench", ["serve-graphql", $"{port}"]);
        await server.UntilAsync(async () => await http.GetStringAsync("/allocated"), Limit, Pause);
        var idle = server.ResidentMiB;
        var load = Machine.Load();
        var rows = new List<string>();
        foreach (var it in Case.All)
        {
            await MeasureAsync(http, server, port, "/graphql", it, 1.5); // warm-up
            await MeasureAsync(http, server, port, it.Against, it, 1.5);
            var ours = new List<Figures>();
            var limit = new List<Figures>();
            for (var round = 0; round < rounds; round++)
            {
                limit.Add(await MeasureAsync(http, server, port, it.Against, it, seconds));
                ours.Add(await MeasureAsync(http, server, port, "/graphql", it, seconds));
            }

            rows.Add(Row(it, ours, limit));
        }

        var command = "./dev.sh bench graphql" + (quick ? " --quick" : "");
        Results.Write("graphql", command, string.Create(CultureInfo.InvariantCulture, $"""
            {rounds} rounds of {seconds:0.#} s each in turn, 32 connections, POST over loopback; server on core 0, load on
            core 1; load average {load} before, {Machine.Load()} after. "bare" writes the bytes of the same answer; "stj"
            makes and writes the same objects by System.Text.Json with generated code. Share: the limit's processor time a request
            over ours. HotChocolate 16's shares were measured elsewhere, by requests a second.

            | case | limit | limit µs | GraphQL µs | share (goal) | HotChocolate | requests/s | limit requests/s | bytes allocated a request | of the limit |
            |---|---|---|---|---|---|---|---|---|---|
            {string.Join('\n', rows)}

            Resident size idle {idle:N0} MiB, after all cases {server.ResidentMiB:N0} MiB.
            """));
    }

    private static string Row(Case it, List<Figures> ours, List<Figures> limit)
    {
        var share = Results.Median(limit.Select(round => round.Micros))
            / Results.Median(ours.Select(round => round.Micros));
        return string.Create(CultureInfo.InvariantCulture,
            $"| {it.Title} | {it.Against} | {Results.Spread([.. limit.Select(round => round.Micros)], "N1")} | "
            + $"{Results.Spread([.. ours.Select(round => round.Micros)], "N1")} | **{share:N2}** (≥ {it.Goal:N2}) | "
            + $"{it.HotChocolate} | {Results.Median(ours.Select(round => round.PerSecond)):N0} | "
            + $"{Results.Median(limit.Select(round => round.PerSecond)):N0} | "
            + $"{Results.Median(ours.Select(round => round.Allocated)):N0} | "
            + $"{Results.Median(limit.Select(round => round.Allocated)):N0} |");
    }

    private static async Task<Figures> MeasureAsync(
        HttpClient http, Child server, int port, string path, Case it, double seconds)
    {
        var allocated = await AllocatedAsync(http);
        var cpu = server.Cpu;
        using var load = Child.StartPinned(
            1, "Xuanwu.Bench", ["load-graphql", $"{port}", path, it.Title, seconds.ToString(CultureInfo.InvariantCulture)]);
        var clock = Stopwatch.StartNew();
        while (!load.Ended)
        {
            if (clock.Elapsed > Limit + TimeSpan.FromSeconds(seconds)) throw new TimeoutException(load.Output);
            await Task.Delay(20);
        }

        var used = server.Cpu - cpu;
        var total = await AllocatedAsync(http) - allocated;
        var words = (await load.LastLineAsync()).Split(' ');
        if (words.Length != 2 || !long.TryParse(words[0], CultureInfo.InvariantCulture, out var count))
        {
            throw new InvalidOperationException(load.Output);
        }

        return new Figures(
            used.TotalMicroseconds / count,
            count / double.Parse(words[1], CultureInfo.InvariantCulture),
            (double)total / count);
    }

    private static async Task<long> AllocatedAsync(HttpClient http) =>
        long.Parse(await http.GetStringAsync("/allocated"), CultureInfo.InvariantCulture);

    private sealed record Figures(double Micros, double PerSecond, double Allocated);
}
