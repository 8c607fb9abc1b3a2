using System.Globalization;
using System.Text.Json;
using Xuanwu.Flink.Rest;

namespace Xuanwu.Flink.Gateway;

/// <summary>An open session of a gateway. Its statements run one after another.</summary>
public sealed class SqlGatewaySession
{
    // A look at a result can be repeated: the last batch is given again.
    private const int LostLooksAllowed = 3;

    private readonly SqlGateway gateway;
    private readonly int version;
    private readonly string path;

    internal SqlGatewaySession(SqlGateway gateway, int version, string path) =>
        (this.gateway, this.version, this.path) = (gateway, version, path);

    /// <summary>
    /// Runs one statement and waits for its result. A statement that starts a job has its result when the cluster has
    /// taken the job; the answer is then given as soon as the job's id is known.
    /// </summary>
    /// <exception cref="GatewayError">The statement failed.</exception>
    /// <exception cref="GatewayUnreachable">Nothing that can be believed came back, or not in time: it may have
    /// run.</exception>
    public async Task<StatementResult> ExecuteAsync(string statement, CancellationToken ct)
    {
        var options = gateway.Options;
        var started = options.Clock.GetTimestamp();
        var answer = await gateway.CallAsync(
            HttpMethod.Post, $"{path}/statements", new() { ["statement"] = statement }, ct);
        var operation = answer.Text("operationHandle")
            ?? throw new GatewayUnreachable("The gateway took a statement without giving a handle for it.");
        var result = new StatementResult(JobId: null, [], []);
        var token = 0L;
        var wait = options.PollInterval;
        while (true)
        {
            var page = await FetchAsync($"{path}/operations/{Uri.EscapeDataString(operation)}/result", token, ct);
            if (page.Text("resultType") is not "NOT_READY")
            {
                result = result.With(page);
                if (result.JobId is not null || page.Text("resultType") is "EOS") return result;
                if (Next(page) is not { } next) return result;
                token = next;
                continue;
            }

            if (options.Clock.GetElapsedTime(started) > options.StatementTimeout)
            {
                throw new GatewayUnreachable(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The statement had no result within {options.StatementTimeout.TotalSeconds:0} s."));
            }

            await Task.Delay(wait, options.Clock, ct);
            if (wait < TimeSpan.FromSeconds(1)) wait *= 2;
        }
    }

    /// <summary>Closes the session, if the gateway can still be reached. Jobs that it submitted go on.</summary>
    public Task CloseAsync(CancellationToken ct) => gateway.SendAsync(HttpMethod.Delete, path, body: null, ct);

    private async Task<JsonElement> FetchAsync(string results, long token, CancellationToken ct)
    {
        // Mandatory from version 2 on, unknown before.
        var format = version >= 2 ? "?rowFormat=JSON" : "";
        var address = string.Create(CultureInfo.InvariantCulture, $"{results}/{token}{format}");
        for (var lost = 0; ; lost++)
        {
            try
            {
                return await gateway.CallAsync(HttpMethod.Get, address, body: null, ct);
            }
            catch (GatewayUnreachable gone) when (lost < LostLooksAllowed && gone.InnerException is not GatewayError)
            {
                await Task.Delay(gateway.Options.PollInterval * (1 << lost), gateway.Options.Clock, ct);
            }
        }
    }

    // The gateway does not know the proxy before it, so its address for the next batch is only good for the token in
    // it.
    private static long? Next(JsonElement page)
    {
        if (page.Text("nextResultUri") is not { } address) return null;
        var last = address.Split('?')[0].Split('/')[^1];
        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var token) ? token : null;
    }
}

/// <summary>What a statement came to.</summary>
/// <param name="JobId">The job that it started, when it did.</param>
/// <param name="Columns">Names of the columns.</param>
/// <param name="Rows">Values by column; null is SQL's NULL.</param>
public sealed record StatementResult(
    string? JobId, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<JsonElement?>> Rows)
{
    internal StatementResult With(JsonElement page)
    {
        var results = page.Get("results");
        var columns = results.Items("columns").Select(column => column.Text("name") ?? "").ToList();
        var rows = results.Items("data")
            .Select(row => (IReadOnlyList<JsonElement?>)
                [.. row.Items("fields").Select(Value)])
            .ToList();

        // In version 1 the id is only a row under this column.
        var row = columns is ["job id"] && rows is [[{ ValueKind: JsonValueKind.String } value, ..], ..]
            ? value.GetString()
            : null;
        return new(page.Text("jobID") ?? row ?? JobId, columns.Count > 0 ? columns : Columns, [.. Rows, .. rows]);
    }

    private static JsonElement? Value(JsonElement field) => field.ValueKind == JsonValueKind.Null ? null : field;
}
