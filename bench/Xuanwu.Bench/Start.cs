using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xuanwu.Testing;

namespace Xuanwu.Bench;

/// <summary>
/// From the start of the server's process to the answer of the first command that it committed, and what it occupies
/// when idle. The limit is a web application with one route and nothing else, started the same way in turn: what the
/// runtime and ASP.NET take before a program can do anything at all.
/// </summary>
internal static class Start
{
    private const string Create =
        "mutation ($name: String!, $id: String) { createJob(input: "
        + "{ project: \"bench\", name: $name, kind: SQL, commandId: $id }) { job { id } errors { code message } } }";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(bool quick)
    {
        await using var postgres = await PostgresServer.StartAsync(new PostgresServerOptions { Durable = true });
        await using var database = await postgres.CreateDatabaseAsync();
        var load = Machine.Load();
        var rounds = quick ? 2 : 5;
        await RoundAsync(database, "warm-up", TimeSpan.Zero); // the indexes of views are made by the first start
        var raw = new List<Figures>();
        var server = new List<Figures>();
        for (var round = 0; round < rounds; round++)
        {
            raw.Add(await RawRoundAsync());
            server.Add(await RoundAsync(database, $"round-{round}", Idle));
        }

        var ratio = Results.Median(server.Select(it => it.Ms)) / Results.Median(raw.Select(it => it.Ms));
        var command = "./dev.sh bench start" + (quick ? " --quick" : "");
        Results.Write("start", command, string.Create(CultureInfo.InvariantCulture, $"""
            {rounds} rounds each in turn, on a migrated database; load average {load} before, {Machine.Load()} after.
            From the start of the process to the answer of the first command (createJob over HTTP, durably committed),
            against the first answer of a web application that does nothing. CPU is what the process used until then:
            elapsed time grows with the load of the machine, CPU hardly does. Resident size after
            {Idle.TotalSeconds:N0} idle seconds.

            | | median ms (goal 1,000) | worst ms | CPU ms | resident MiB (goal 150) | worst |
            |---|---|---|---|---|---|
            | empty web application | {Row(raw)} |
            | Xuanwu.Server | {Row(server)} |

            The server takes **{ratio:N1}** times what the empty application takes.
            """));
    }

    /// <summary>The limit: this program, when the command line says so, as one that answers and does nothing.</summary>
    public static async Task ServeNothingAsync(string port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        app.MapGet("/", () => "nothing");
        await app.RunAsync();
    }

    private static string Row(List<Figures> rounds) => string.Create(CultureInfo.InvariantCulture,
        $"**{Results.Median(rounds.Select(it => it.Ms)):N0}** | {rounds.Max(it => it.Ms):N0} | "
        + $"{Results.Median(rounds.Select(it => it.CpuMs)):N0} | "
        + $"**{Results.Median(rounds.Select(it => it.MiB)):N0}** | {rounds.Max(it => it.MiB):N0}");

    private static async Task<Figures> RoundAsync(TestDatabase database, string name, TimeSpan idle)
    {
        var port = Child.FreePort();
        using var http = Machine.Client(port);
        using var server = Child.Start(
            "Xuanwu.Server", [],
            ("XUANWU_POSTGRES", database.ConnectionString), ("XUANWU_PORT", $"{port}"),
            ("XUANWU_SANDBOX_KUBECONFIG", ""));
        var variables = new { name, id = $"start-{name}" };
        await server.UntilAsync<object>(
            async () => (await Child.QueryAsync(http, Create, variables))["job"]?["id"], Limit, Pause);
        return await MeasureAsync(server, idle);
    }

    private static async Task<Figures> RawRoundAsync()
    {
        var port = Child.FreePort();
        using var http = Machine.Client(port);
        using var nothing = Child.Start("Xuanwu.Bench", ["serve-nothing", $"{port}"]);
        await nothing.UntilAsync(async () => await http.GetStringAsync("/"), Limit, Pause);
        return await MeasureAsync(nothing, TimeSpan.FromSeconds(1));
    }

    private static async Task<Figures> MeasureAsync(Child child, TimeSpan idle)
    {
        var (elapsed, cpu) = (Stopwatch.GetElapsedTime(child.StartedAt), child.Cpu);
        await Task.Delay(idle);
        return new(elapsed.TotalMilliseconds, cpu.TotalMilliseconds, child.ResidentMiB);
    }

    private sealed record Figures(double Ms, double CpuMs, double MiB);
}
