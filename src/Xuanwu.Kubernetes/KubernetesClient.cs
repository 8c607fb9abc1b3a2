namespace Xuanwu.Kubernetes;

public sealed class KubernetesClient(KubernetesConnection connection, KubernetesClientOptions? options = null) : IDisposable
{
    public KubernetesConnection Connection { get; } = connection;
    public KubernetesClientOptions Options { get; } = options ?? KubernetesClientOptions.Default;

    public Task<KubernetesObject> ApplyAsync(KubernetesObject manifest, string fieldManager, bool force, CancellationToken ct) => throw new NotImplementedException();
    public Task<KubernetesObject> CreateAsync(KubernetesObject manifest, CancellationToken ct) => throw new NotImplementedException();
    public Task<KubernetesObject> ReplaceAsync(KubernetesObject manifest, CancellationToken ct) => throw new NotImplementedException();
    public Task<KubernetesObject> PatchAsync(Kind kind, string ns, string name, System.Text.Json.Nodes.JsonObject mergePatch, CancellationToken ct) => throw new NotImplementedException();
    public Task<KubernetesObject?> FindAsync(Kind kind, string ns, string name, CancellationToken ct) => throw new NotImplementedException();
    public Task<KubernetesObject> GetAsync(Kind kind, string ns, string name, CancellationToken ct) => throw new NotImplementedException();
    public IAsyncEnumerable<KubernetesObject> ListAsync(Kind kind, string? ns, string? labelSelector, CancellationToken ct) => throw new NotImplementedException();
    public IAsyncEnumerable<WatchEvent> WatchAsync(Kind kind, string? ns, string? labelSelector, CancellationToken ct) => throw new NotImplementedException();
    public Task<bool> DeleteAsync(Kind kind, string ns, string name, Propagation propagation, CancellationToken ct) => throw new NotImplementedException();
    public Task<bool> DeleteAsync(Kind kind, string ns, string name, Propagation propagation, string? uid, CancellationToken ct) => throw new NotImplementedException();
    public Task<int> DeleteAllAsync(Kind kind, string ns, string labelSelector, Propagation propagation, CancellationToken ct) => throw new NotImplementedException();
    public IAsyncEnumerable<string> PodLogsAsync(string ns, string pod, PodLogOptions options, CancellationToken ct) => throw new NotImplementedException();
    public HttpClient PodProxy(string ns, string pod, int port) => throw new NotImplementedException();
    public Task<ServerVersion> VersionAsync(CancellationToken ct) => throw new NotImplementedException();
    public void Dispose() { }
}
