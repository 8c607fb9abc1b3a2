using System.Text.Json.Serialization;
using Npgsql;
using Xuanwu.EventStore;
using Xuanwu.Messaging;
using Xuanwu.Postgres;

namespace Xuanwu.Server.Http;

/// <summary>How far the start has come; readiness is asked of the parts themselves.</summary>
public sealed class StartProgress
{
    /// <summary>What the server is doing before it can serve; null once it serves.</summary>
    public string? Doing { get; set; } = "starting";
}

/// <summary>One part that a request needs.</summary>
public sealed record HealthCheck(string Name, bool Ok, string? Problem);

public sealed record HealthReport(bool Ready, IReadOnlyList<HealthCheck> Checks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(HealthReport))]
public sealed partial class HealthJson : JsonSerializerContext;

/// <summary>Alive: the process answers. Ready: database, migrations, projections and workers do.</summary>
public static class Health
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", () => Results.Text("{\"alive\":true}\n", "application/json"));
        app.MapGet("/readyz", async (
            StartProgress start, Database database, MessageBus bus, ProjectionDaemon daemon, CancellationToken ct) =>
        {
            var report = await CheckAsync(start, database, bus, daemon, ct);
            return Results.Json(report, HealthJson.Default.HealthReport, statusCode: report.Ready ? 200 : 503);
        });
    }

    private static async Task<HealthReport> CheckAsync(
        StartProgress start, Database database, MessageBus bus, ProjectionDaemon daemon, CancellationToken ct)
    {
        var checks = new List<HealthCheck>
        {
            await DatabaseAsync(database, ct),
            new("start", start.Doing is null, start.Doing is null ? null : $"The server is still {start.Doing}."),
        };
        if (checks.All(check => check.Ok)) checks.AddRange(await ProjectionsAsync(daemon, ct));
        checks.Add(new("workers", bus.Problem is null, bus.Problem));
        return new(checks.All(check => check.Ok), checks);
    }

    private static async Task<IEnumerable<HealthCheck>> ProjectionsAsync(
        ProjectionDaemon daemon, CancellationToken ct) =>
        (await daemon.StatusAsync(ct)).Select(view => new HealthCheck(
            $"projection {view.Name}", view.State is not ProjectionState.Stopped, view.Fault is null
            ? null
            : $"Event {view.Fault.Sequence} ({view.Fault.Type} of {view.Fault.StreamId}) cannot be applied: "
                + $"{view.Fault.Reason}"));

    private static async Task<HealthCheck> DatabaseAsync(Database database, CancellationToken ct)
    {
        try
        {
            await using var command = database.Source.CreateCommand("select 1");
            await command.ExecuteScalarAsync(ct);
            return new("database", Ok: true, Problem: null);
        }
        catch (Exception broken) when (
            broken is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            return new("database", Ok: false, $"PostgreSQL does not answer: {broken.Message}");
        }
    }
}
