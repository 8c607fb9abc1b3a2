using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Xuanwu.Flink.Rest;

namespace Xuanwu.Flink.Gateway;

/// <summary>How far an operation is (org.apache.flink.table.gateway.api.operation.OperationStatus).</summary>
public enum OperationStatus
{
    Initialized,
    Pending,
    Running,
    Finished,
    Canceled,
    Closed,
    Error,
    Timeout,
}

/// <summary>A statement under way in a gateway. Looking at it changes nothing and may be repeated.</summary>
public sealed class GatewayOperation
{
    // A look at a result can be repeated: the last batch is given again.
    private const int LostLooksAllowed = 3;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly SqlGateway gateway;
    private readonly int version;
    private readonly string path;

    internal GatewayOperation(SqlGateway gateway, int version, string path) =>
        (this.gateway, this.version, this.path) = (gateway, version, path);

    /// <summary>
    /// How far it is. Absent: the gateway knows neither it nor, perhaps, its session. A status that this release does
    /// not know is unknown.
    /// </summary>
    public Task<Probe<OperationStatus>> StatusAsync(CancellationToken ct) =>
        gateway.ProbeAsync(HttpMethod.Get, $"{path}/status", body: null, ReadStatus, ct);

    /// <summary>
    /// One look at the result, at the batch of a token: 0 first, then the one that the last batch names. Only that and
    /// the batch before it can be had. A statement's failure is among the answers that exist.
    /// </summary>
    public Task<Probe<ResultPage>> FetchAsync(long token, CancellationToken ct)
    {
        // Mandatory from version 2 on, unknown before.
        var format = version >= 2 ? "?rowFormat=JSON" : "";
        return gateway.ProbeAsync<ResultPage>(
            HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"{path}/result/{token}{format}"),
            body: null,
            json => ResultPage.Read(json) is { } page ? [page] : [],
            ct,
            error => new Failed(error));
    }

    /// <summary>
    /// The batches of the result, from the first to the last; a query that reads a stream has no last one. Waits
    /// between looks, longer when there is nothing new.
    /// </summary>
    /// <param name="firstWithin">Limit of the time to the first batch.</param>
    /// <param name="ct">Ends the reading, not the operation.</param>
    /// <exception cref="GatewayError">The statement failed.</exception>
    /// <exception cref="SessionLost">The gateway has forgotten it.</exception>
    /// <exception cref="GatewayUnreachable">Nothing that can be believed came back, time after time, or no batch in
    /// time.</exception>
    public async IAsyncEnumerable<Rows> ReadAsync(TimeSpan firstWithin, [EnumeratorCancellation] CancellationToken ct)
    {
        var clock = gateway.Options.Clock;
        var started = clock.GetTimestamp();
        var wait = gateway.Options.PollInterval;
        var first = true;
        for (long? token = 0; token is { } at;)
        {
            if (await LookAsync(at, ct) is Rows rows)
            {
                yield return rows;
                first = false;
                token = rows.Next;
                if (rows.Changes.Count > 0) wait = gateway.Options.PollInterval;
                if (rows.Changes.Count > 0 || token is null) continue;
            }
            else if (first && clock.GetElapsedTime(started) > firstWithin)
            {
                throw new GatewayUnreachable(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The statement had no result within {firstWithin.TotalSeconds:0.#} s."));
            }

            await Task.Delay(wait, clock, ct);
            if (wait < LongestWait) wait *= 2;
        }
    }

    /// <summary>
    /// Cancels it, and says how far it then is. A job that an INSERT has submitted goes on; that of a query ends.
    /// </summary>
    public Task<Probe<OperationStatus>> CancelAsync(CancellationToken ct) =>
        gateway.ProbeAsync(HttpMethod.Post, $"{path}/cancel", body: null, ReadStatus, ct);

    /// <summary>Lets the gateway forget it, cancelled if need be.</summary>
    public Task<Probe<OperationStatus>> CloseAsync(CancellationToken ct) =>
        gateway.ProbeAsync(HttpMethod.Delete, $"{path}/close", body: null, ReadStatus, ct);

    private async Task<ResultPage> LookAsync(long token, CancellationToken ct)
    {
        for (var lost = 0; ; lost++)
        {
            switch (await FetchAsync(token, ct))
            {
                case Exists<ResultPage> { Value: Failed failed }:
                    throw failed.Error;
                case Exists<ResultPage> page:
                    return page.Value;
                case Absent<ResultPage> gone:
                    throw new SessionLost(gone.Said);
                case Unknown<ResultPage> unknown when lost >= LostLooksAllowed:
                    throw new GatewayUnreachable(unknown.Reason, unknown.Cause);
            }

            await Task.Delay(gateway.Options.PollInterval * (1 << lost), gateway.Options.Clock, ct);
        }
    }

    private static OperationStatus[] ReadStatus(JsonElement json) =>
        Enum.TryParse<OperationStatus>(json.Text("status"), ignoreCase: true, out var status) ? [status] : [];
}
