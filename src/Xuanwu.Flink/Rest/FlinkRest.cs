namespace Xuanwu.Flink.Rest;

/// <summary>One Flink cluster's REST API.</summary>
/// <param name="http">Shared by all clusters; see <see cref="FlinkHttp"/>.</param>
/// <param name="address">The cluster's address; when null, the client's BaseAddress.</param>
/// <param name="options">Limits.</param>
public sealed class FlinkRest(HttpClient http, Uri? address = null, FlinkRestOptions? options = null)
{
    public Task<Probe<FlinkOverview>> OverviewAsync(CancellationToken ct) => throw new NotImplementedException();
    public Task<Probe<IReadOnlyList<FlinkTaskManager>>> TaskManagersAsync(CancellationToken ct) => throw new NotImplementedException();
    public Task<Probe<IReadOnlyList<FlinkJobSummary>>> JobsAsync(CancellationToken ct) => throw new NotImplementedException();
    public Task<Probe<FlinkState>> JobStateAsync(string jobId, CancellationToken ct) => throw new NotImplementedException();
    public Task<Probe<FlinkJob>> JobAsync(string jobId, CancellationToken ct) => throw new NotImplementedException();
    public Task<Probe<FlinkExceptions>> ExceptionsAsync(string jobId, CancellationToken ct) => throw new NotImplementedException();
    public Task<Probe<FlinkCheckpoints>> CheckpointsAsync(string jobId, CancellationToken ct) => throw new NotImplementedException();
    public Task<Probe<SavepointStatus>> SavepointAsync(string jobId, string triggerId, CancellationToken ct) => throw new NotImplementedException();
    public Task<CommandReply> TriggerSavepointAsync(string jobId, string? directory, string triggerId, CancellationToken ct) => throw new NotImplementedException();
    public Task<CommandReply> StopAsync(string jobId, string? directory, bool drain, string triggerId, CancellationToken ct) => throw new NotImplementedException();
    public Task<CommandReply> CancelAsync(string jobId, CancellationToken ct) => throw new NotImplementedException();

    private readonly Uri address = address ?? http.BaseAddress ?? throw new ArgumentException("An address is needed.", nameof(address));
    private readonly FlinkRestOptions options = options ?? FlinkRestOptions.Default;
}
