using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes;

/// <summary>
/// A client of one API server (reference/using-api/api-concepts). Thread-safe; connections are pooled, so one per
/// server is enough.
/// </summary>
/// <remarks>
/// Every method throws <see cref="ApiError"/> when the call fails, <see cref="ArgumentException"/> for names that
/// Kubernetes would not accept, and <see cref="OperationCanceledException"/> only when the caller's token is cancelled.
/// Calls that may be repeated are (see <see cref="KubernetesClientOptions"/>); a create only when the server
/// refused to look at it (429). In place of a namespace, null or empty means that of the connection, where no other
/// meaning is given. For kinds that live in no namespace it is ignored.
/// </remarks>
public sealed class KubernetesClient : IDisposable
{
    private readonly ApiCalls _calls;

    public KubernetesClient(KubernetesConnection connection, KubernetesClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        Connection = connection;
        _calls = new(connection, options ?? KubernetesClientOptions.Default);
    }

    public KubernetesConnection Connection { get; }

    public void Dispose() => _calls.Dispose();

    /// <summary>
    /// Makes the object have the fields the manifest names, creating it if need be, by server-side apply
    /// (reference/using-api/server-side-apply). Fields this manager applied before and no longer names are removed.
    /// Applying the same twice changes nothing.
    /// </summary>
    /// <param name="fieldManager">Who owns the fields.</param>
    /// <param name="force">Take fields over from other managers; else that is a Conflict, a cause per field.</param>
    /// <returns>The object as it is now.</returns>
    public async Task<KubernetesObject> ApplyAsync(
        KubernetesObject manifest, string fieldManager, bool force, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentException.ThrowIfNullOrEmpty(fieldManager);
        var kind = manifest.Kind;
        var request = new ApiRequest(HttpMethod.Patch, PathOf(kind, manifest.Namespace, manifest.Name))
        {
            Body = ApiJson.Write(manifest.Json),
            ContentType = "application/apply-patch+yaml", // every JSON text is YAML
            IsApply = manifest.ResourceVersion.Length == 0,
        };
        request.With("fieldManager", fieldManager).With("force", force);
        return Expect(request, kind, await _calls.AskAsync(request, ct));
    }

    /// <summary>Creates an object; AlreadyExists when there is one of the name.</summary>
    /// <remarks>After a time-out or a lost connection it may or may not exist: look before trying again.</remarks>
    public async Task<KubernetesObject> CreateAsync(KubernetesObject manifest, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var kind = manifest.Kind;
        if (manifest.TextAt("metadata", "generateName") is null) Check(kind, manifest.Name);
        var request = new ApiRequest(HttpMethod.Post, PathOf(kind, manifest.Namespace))
        {
            Body = ApiJson.Write(manifest.Json),
            Idempotent = false,
        };
        return Expect(request, kind, await _calls.AskAsync(request, ct));
    }

    /// <summary>
    /// Puts the whole object in place of the one there. With a resource version in it only if nobody changed the
    /// object since (else Conflict); then a repeat after a lost answer is a Conflict too.
    /// </summary>
    public async Task<KubernetesObject> ReplaceAsync(KubernetesObject manifest, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var kind = manifest.Kind;
        var request = new ApiRequest(HttpMethod.Put, PathOf(kind, manifest.Namespace, manifest.Name))
        {
            Body = ApiJson.Write(manifest.Json),
        };
        return Expect(request, kind, await _calls.AskAsync(request, ct));
    }

    /// <summary>Changes fields by a merge patch (RFC 7386): null removes a field, a list replaces a list.</summary>
    public async Task<KubernetesObject> PatchAsync(
        Kind kind, string ns, string name, JsonObject mergePatch, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(mergePatch);
        var request = new ApiRequest(HttpMethod.Patch, PathOf(kind, ns, name))
        {
            Body = ApiJson.Write(mergePatch),
            ContentType = "application/merge-patch+json",
        };
        return Expect(request, kind, await _calls.AskAsync(request, ct));
    }

    /// <summary>The object, or null when the API server says that exactly this object does not exist.</summary>
    /// <remarks>
    /// The third answer, unknown, is an <see cref="ApiError"/>: also for a 404 that is no Status, or is about
    /// something else.
    /// </remarks>
    public async Task<KubernetesObject?> FindAsync(Kind kind, string ns, string name, CancellationToken ct)
    {
        try
        {
            return await GetAsync(kind, ns, name, ct);
        }
        catch (ApiError e) when (IsAbsence(e, kind, name))
        {
            return null;
        }
    }

    /// <summary>The object; NotFound when there is none.</summary>
    public async Task<KubernetesObject> GetAsync(Kind kind, string ns, string name, CancellationToken ct)
    {
        var request = ApiRequest.Get(PathOf(kind, ns, name));
        var found = Expect(request, kind, await _calls.AskAsync(request, ct));
        return found.Name == name ? found : throw NotAsked(request);
    }

    /// <summary>
    /// Every object that exists throughout the call, each once, page by page. When the server forgets where the pages
    /// were (410), the rest comes from a new list in one piece.
    /// </summary>
    /// <param name="ns">The namespace; null for all namespaces.</param>
    /// <param name="labelSelector">As in <c>app=flink,run in (a,b)</c>; null for all.</param>
    public IAsyncEnumerable<KubernetesObject> ListAsync(
        Kind kind, string? ns, string? labelSelector, CancellationToken ct)
    {
        var path = CollectionOf(kind, ns);
        return Listing.AllAsync(_calls, kind, path, labelSelector, ct);
    }

    /// <summary>
    /// All objects there are and all that happens to them: Added for each object, Synced, then changes as they come.
    /// Never ends but by the token. Lost connections, server time-outs, expired versions and errors are overcome by
    /// resuming or listing again; each failed attempt is told as Trouble. What was missed meanwhile is caught up with:
    /// Added, Modified or Deleted come for it, then Synced once more, and nothing comes twice. Events of one object are
    /// in order, but changes in quick succession may come as one.
    /// </summary>
    /// <param name="ns">The namespace; null for all namespaces.</param>
    /// <param name="labelSelector">Objects that cease to match come as Deleted; null for all.</param>
    public IAsyncEnumerable<WatchEvent> WatchAsync(Kind kind, string? ns, string? labelSelector, CancellationToken ct)
    {
        var path = CollectionOf(kind, ns);
        return Reflector.WatchAsync(_calls, kind, path, labelSelector, ct);
    }

    /// <summary>Asks for the object's deletion; false when there was none.</summary>
    public Task<bool> DeleteAsync(Kind kind, string ns, string name, Propagation propagation, CancellationToken ct) =>
        DeleteAsync(kind, ns, name, propagation, uid: null, ct);

    /// <summary>
    /// Asks for the object's deletion, but only if it has that uid; false when there was none, or another one of the
    /// same name, which then stays.
    /// </summary>
    public async Task<bool> DeleteAsync(
        Kind kind, string ns, string name, Propagation propagation, string? uid, CancellationToken ct)
    {
        var request = ApiRequest.Delete(PathOf(kind, ns, name), DeleteOptions(propagation, uid));
        try
        {
            await _calls.AskAsync(request, ct);
            return true;
        }
        catch (ApiError e) when (IsAbsence(e, kind, name))
        {
            return false;
        }
        catch (ApiError e) when (e.IsConflict && uid is not null)
        {
            var there = await FindAsync(kind, ns, name, ct);
            if (there is null || there.Uid != uid) return false;
            throw;
        }
    }

    /// <summary>Asks for the deletion of all objects that match; how many those were.</summary>
    /// <param name="labelSelector">Must not be empty, lest everything goes.</param>
    public async Task<int> DeleteAllAsync(
        Kind kind, string ns, string labelSelector, Propagation propagation, CancellationToken ct)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(labelSelector);
        var request = ApiRequest.Delete(PathOf(kind, ns), DeleteOptions(propagation, uid: null))
            .With("labelSelector", labelSelector);
        try
        {
            var deleted = await _calls.AskAsync(request, ct);
            return (deleted["items"] as JsonArray)?.Count ?? 0;
        }
        catch (ApiError e) when (e is { IsAnswer: true, Status: System.Net.HttpStatusCode.MethodNotAllowed })
        {
            // Services cannot be deleted as a collection before Kubernetes 1.23.
            var count = 0;
            await foreach (var it in ListAsync(kind, Home(ns), labelSelector, ct))
            {
                if (await DeleteAsync(kind, it.Namespace, it.Name, propagation, it.Uid, ct)) count++;
            }

            return count;
        }
    }

    /// <summary>
    /// The lines of a container's log as they come. Ends with the log; a lost connection is an error, after which the
    /// caller may go on with <see cref="PodLogOptions.SinceTime"/>.
    /// </summary>
    public IAsyncEnumerable<string> PodLogsAsync(string ns, string pod, PodLogOptions options, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        return PodLogs.LinesAsync(_calls, PathOf(Kind.Pod, ns, pod) + "/log", options, ct);
    }

    /// <summary>
    /// An HTTP client for a port of a pod, by way of the API server and with its credentials
    /// (tasks/access-application-cluster/access-cluster-services). Addresses are relative to its BaseAddress and begin
    /// without a slash. Failures are HttpClient's own, nothing is repeated; dispose of it as you like.
    /// </summary>
    public HttpClient PodProxy(string ns, string pod, int port)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        Check(Kind.Pod, pod);
        var path = $"{Kind.Pod.Path(Home(ns))}/{pod}:{port}/proxy/";
        return new(_calls.Handler, disposeHandler: false)
        {
            BaseAddress = new Uri(Connection.Server.AbsoluteUri.TrimEnd('/') + path),
        };
    }

    /// <summary>What the server says of itself.</summary>
    public async Task<ServerVersion> VersionAsync(CancellationToken ct)
    {
        var request = ApiRequest.Get("/version");
        var json = new KubernetesObject(await _calls.AskAsync(request, ct));
        return new(
            json.TextAt("gitVersion") ?? throw NotAsked(request),
            json.TextAt("major") ?? "",
            json.TextAt("minor") ?? "",
            json.TextAt("platform") ?? "");
    }

    // A 404 may also be about a missing namespace, or an address behind which there is another kind of server.
    private static bool IsAbsence(ApiError e, Kind kind, string name) =>
        e.IsNotFound && e.ObjectName == name && (e.ObjectPlural ?? kind.Plural) == kind.Plural;

    private static KubernetesObject Expect(ApiRequest request, Kind kind, JsonObject json)
    {
        var found = new KubernetesObject(json);
        return found.KindName == kind.Name && found.ApiVersion == kind.ApiVersion && found.Name.Length > 0
            ? found
            : throw NotAsked(request);
    }

    private static ApiError NotAsked(ApiRequest request) => new(
        System.Net.HttpStatusCode.OK,
        "Unreadable",
        $"{request}: the answer is JSON, but not what was asked for; it says nothing about it.");

    private static JsonObject DeleteOptions(Propagation propagation, string? uid)
    {
        var options = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["propagationPolicy"] = propagation.ToString(),
        };
        if (uid is not null) options["preconditions"] = new JsonObject { ["uid"] = uid };
        return options;
    }

    private string Home(string? ns) => string.IsNullOrEmpty(ns) ? Connection.Namespace : ns;

    private string PathOf(Kind kind, string? ns)
    {
        ArgumentNullException.ThrowIfNull(kind);
        if (kind.Namespaced && Names.WrongWithLabel(Home(ns)) is { } wrong)
        {
            throw new ArgumentException($"Namespace: {wrong}", nameof(ns));
        }

        return kind.Path(Home(ns));
    }

    private string PathOf(Kind kind, string? ns, string name)
    {
        PathOf(kind, ns);
        Check(kind, name);
        return kind.Path(Home(ns), name);
    }

    private string CollectionOf(Kind kind, string? ns)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return ns is null ? kind.Path(null) : PathOf(kind, ns);
    }

    private static void Check(Kind kind, string name)
    {
        if (kind.WrongWithName(name) is { } wrong) throw new ArgumentException($"{kind.Name}: {wrong}", nameof(name));
    }
}
