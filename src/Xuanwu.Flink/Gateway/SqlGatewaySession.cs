using System.Globalization;
using System.Text.Json;
using Xuanwu.Flink.Rest;

namespace Xuanwu.Flink.Gateway;

/// <summary>
/// An open session of a gateway: in its memory only, and gone when it was idle for too long
/// (<c>sql-gateway.session.idle-timeout</c>, 10 minutes). Its statements run one after another.
/// </summary>
public sealed class SqlGatewaySession
{
    private readonly SqlGateway gateway;
    private readonly int version;

    internal SqlGatewaySession(SqlGateway gateway, int version, string handle)
    {
        (this.gateway, this.version, Handle) = (gateway, version, handle);
        Path = string.Create(CultureInfo.InvariantCulture, $"v{version}/sessions/{Uri.EscapeDataString(handle)}");
    }

    /// <summary>The gateway's name of it; who knows it can use the session.</summary>
    public string Handle { get; }

    internal string Path { get; }

    /// <summary>
    /// Runs one statement and waits for its result. A statement that starts a job has its result when the cluster has
    /// taken the job; the answer is then given as soon as the job's id is known.
    /// </summary>
    /// <exception cref="GatewayError">The statement failed.</exception>
    /// <exception cref="SessionLost">The session is gone.</exception>
    /// <exception cref="GatewayUnreachable">Nothing that can be believed came back, or not in time: it may have
    /// run.</exception>
    public async Task<StatementResult> ExecuteAsync(string statement, CancellationToken ct)
    {
        var operation = await StartAsync(statement, ct);
        var result = new StatementResult(JobId: null, [], []);
        await foreach (var page in operation.ReadAsync(gateway.Options.StatementTimeout, ct))
        {
            result = result.With(page);
            // A query has its rows behind the id of its job.
            if (result.JobId is not null && page.IsQuery is not true) break;
        }

        return result;
    }

    /// <summary>
    /// Sends one statement. Whether it is any good shows when its result is fetched. Not to be repeated: a lost answer
    /// may be one of a statement that runs.
    /// </summary>
    /// <param name="statement">One statement; a semicolon may end it.</param>
    /// <param name="ct">Gives up waiting, not the statement.</param>
    /// <param name="timeout">After how long the gateway gives the operation up; the client's limit comes first.</param>
    /// <param name="config">
    /// Settings of this statement alone, such as <c>rest.address</c> and <c>rest.port</c> of the cluster.
    /// </param>
    public async Task<GatewayOperation> StartAsync(
        string statement,
        CancellationToken ct,
        TimeSpan? timeout = null,
        IReadOnlyDictionary<string, string>? config = null)
    {
        var body = new Dictionary<string, object> { ["statement"] = statement };
        if (timeout is { } limit) body["executionTimeout"] = (long)limit.TotalMilliseconds;
        if (config is not null) body["executionConfig"] = config;
        var answer = await gateway.CallAsync(HttpMethod.Post, $"{Path}/statements", body, ct);
        var operation = answer.Text("operationHandle")
            ?? throw new GatewayUnreachable("The gateway took a statement without giving a handle for it.");
        return new(gateway, version, $"{Path}/operations/{Uri.EscapeDataString(operation)}");
    }

    /// <summary>
    /// Changes the session by one statement (CREATE, DROP, ALTER, USE, LOAD, UNLOAD, ADD JAR) at once and without a
    /// result. Version 1 of the API has no such call; there the statement is executed, which comes to the same.
    /// </summary>
    /// <exception cref="GatewayError">The statement failed, or is not one that configures.</exception>
    /// <exception cref="GatewayUnreachable">Nothing that can be believed came back: it may have run.</exception>
    public Task ConfigureAsync(string statement, CancellationToken ct) => version >= 2
        ? gateway.CallAsync(
            HttpMethod.Post, $"{Path}/configure-session", new() { ["statement"] = statement }, ct)
        : ExecuteAsync(statement, ct);

    /// <summary>Keeps the session from becoming idle.</summary>
    /// <returns>Its handle; absent when the gateway has forgotten it.</returns>
    public Task<Probe<string>> HeartbeatAsync(CancellationToken ct) => gateway.ProbeAsync<string>(
        HttpMethod.Post, $"{Path}/heartbeat", body: null, _ => [Handle], ct);

    /// <summary>The settings in force.</summary>
    public Task<Probe<IReadOnlyDictionary<string, string>>> PropertiesAsync(CancellationToken ct) =>
        gateway.ProbeAsync<IReadOnlyDictionary<string, string>>(
            HttpMethod.Get,
            Path,
            body: null,
            json => json.Get("properties") is { ValueKind: JsonValueKind.Object } properties
                ? [properties.EnumerateObject().ToDictionary(each => each.Name, each => each.Value.ToString())]
                : [],
            ct);

    /// <summary>
    /// What may continue the word that ends at a position of a statement; nothing before version 2 of the API. A GET
    /// with a body: where a proxy drops that, the gateway answers an error.
    /// </summary>
    public async Task<IReadOnlyList<string>> CompleteAsync(string statement, int position, CancellationToken ct)
    {
        if (version < 2) return [];
        var answer = await gateway.CallAsync(
            HttpMethod.Get,
            $"{Path}/complete-statement",
            new() { ["statement"] = statement, ["position"] = position },
            ct);
        return
        [
            .. answer.Items("candidates")
                .Where(each => each.ValueKind == JsonValueKind.String).Select(each => each.GetString()!),
        ];
    }

    /// <summary>Closes the session with its operations. Jobs that its INSERTs submitted go on.</summary>
    /// <returns>Whether it is closed for certain; if not, its idle timeout will.</returns>
    public async Task<bool> CloseAsync(CancellationToken ct) =>
        await gateway.ProbeAsync<string>(HttpMethod.Delete, Path, body: null, _ => [Handle], ct)
            is Exists<string> or Absent<string>;
}

/// <summary>What a statement came to.</summary>
/// <param name="JobId">The job that it started, when it did.</param>
/// <param name="Columns">The columns of its rows.</param>
/// <param name="Rows">All its rows.</param>
public sealed record StatementResult(
    string? JobId, IReadOnlyList<ResultColumn> Columns, IReadOnlyList<ChangelogRow> Rows)
{
    /// <summary>The first column of the first row, as of EXPLAIN or SHOW CREATE TABLE.</summary>
    public string? Text => Rows is [{ Fields: [string text, ..] }, ..] ? text : null;

    internal StatementResult With(Rows page) => new(
        JobId ?? page.JobId,
        page.Columns.Count > 0 ? page.Columns : Columns,
        page.Changes.Count == 0 ? Rows : [.. Rows, .. page.Changes]);
}
