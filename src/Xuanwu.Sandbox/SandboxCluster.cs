using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Controllers;
using Xuanwu.Sandbox.Faults;
using Xuanwu.Sandbox.Flink;
using Xuanwu.Sandbox.Ingress;
using Xuanwu.Sandbox.Kubelet;
using Xuanwu.Sandbox.Net;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox;

/// <summary>
/// An embedded Kubernetes cluster: API, controllers, kubelet and ingress in this process. It is a sandbox and says so
/// (/version): containers are programs in this process, found by image. Several clusters in one process do not touch.
/// </summary>
public sealed class SandboxCluster : IAsyncDisposable, IFaultTarget
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ObjectStore _store;
    private readonly Node _node;
    private readonly ListEndpoint _lists;
    private readonly ApiServer _api;
    private readonly IngressServer _ingress;
    private readonly ControlLoop _controllers;
    private readonly StateFile? _state;
    private readonly Credentials _credentials;
    private readonly SocketHub _apiHub = new();
    private readonly SocketHub _ingressHub = new();
    private readonly List<WebApplication> _servers = [];
    private readonly FlinkPrograms? _flink;
    private X509Certificate2? _certificate;
    private int _disposed;

    private SandboxCluster(SandboxOptions options)
    {
        _credentials = Credentials.LoadOrCreate(options.DataDirectory);
        if (options.Flink)
        {
            _flink = new FlinkPrograms(directory: options.DataDirectory);
            options = options with
            {
                Programs = [.. options.Programs, _flink.Find],
                KnownImages =
                    [.. options.KnownImages, "flink:VERSION (jobmanager, standalone-job, taskmanager, sql-gateway)"],
            };
        }

        _store = new ObjectStore(Math.Max(1, options.WatchHistory));
        Registry = new Registry(_store);
        Faults = new FaultBoard(this, options.Seed);
        _controllers = new ControlLoop(Registry, _stop.Token);
        _node = new Node(Registry, options, _stop.Token);
        _ingress = new IngressServer(_store, _node.Network, Faults, options.ProxyTimeout);
        _lists = new ListEndpoint(_store);
        _api = new ApiServer(
            Registry, _lists, new WatchEndpoint(_store, Faults, options.BookmarkInterval, _stop.Token),
            new PodEndpoints(_store, _node, options.ProxyTimeout, _stop.Token), Faults, _credentials.Accept);
        if (options.DataDirectory is { } directory) _state = new StateFile(_store, directory);
    }

    /// <summary>Address of the Kubernetes API.</summary>
    public Uri ApiServer { get; private set; } = null!;

    /// <summary>Port of the ingress on 127.0.0.1.</summary>
    public int IngressPort { get; private set; }

    /// <summary>A kubeconfig with the cluster's address, authority and token.</summary>
    public string Kubeconfig => _credentials.Kubeconfig(ApiServer);

    /// <summary>How the cluster misbehaves.</summary>
    public FaultBoard Faults { get; }

    internal Registry Registry { get; }

    /// <summary>Starts a cluster; it is ready to be used when the task ends.</summary>
    /// <exception cref="SandboxPortTaken">A port that was asked for is in use.</exception>
    /// <exception cref="InvalidDataException">The data directory holds something else.</exception>
    public static async Task<SandboxCluster> StartAsync(SandboxOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var cluster = new SandboxCluster(options);
        try
        {
            await cluster.BeginAsync(options, ct);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the kubeconfig, readable by its owner alone.</summary>
    public Task WriteKubeconfigAsync(string path, CancellationToken ct = default) => Task.Run(
        () =>
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory) Directory.CreateDirectory(directory);
            PrivateFile.Write(path, Encoding.UTF8.GetBytes(Kubeconfig));
        },
        ct);

    /// <summary>The objects of a kind, by its plural (pods, deployments, …), as the API would send them.</summary>
    /// <exception cref="ArgumentException">The sandbox does not have the kind.</exception>
    public IReadOnlyList<JsonObject> Objects(string plural, string? @namespace = null, string? labelSelector = null)
    {
        var selector = LabelSelector.Parse(labelSelector);
        return [.. _store.List(KindOf(plural), @namespace).Where(it => selector.Matches(it.Labels))
            .Select(it => it.Parse())];
    }

    /// <summary>The pods that match, in order of their names.</summary>
    public IReadOnlyList<SandboxPod> Pods(string? @namespace = null, string? labelSelector = null) =>
        [.. Objects("pods", @namespace, labelSelector).Select(SandboxPod.Of)];

    /// <summary>
    /// Waits until the objects of a kind are as wished; looks again at each change. They are to be read only.
    /// </summary>
    /// <exception cref="TimeoutException">They were not in time.</exception>
    public async Task<IReadOnlyList<JsonObject>> WaitAsync(
        string plural, Func<IReadOnlyList<JsonObject>, bool> wish, string? @namespace = null,
        string? labelSelector = null,
        TimeSpan? limit = null)
    {
        using var end = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(20));
        var (kind, selector) = (KindOf(plural), LabelSelector.Parse(labelSelector));
        var seen = new Dictionary<Stored, JsonObject>();
        while (true)
        {
            var (_, _, _, more) = _store.After(kind, _store.Revision);
            seen = _store.List(kind, @namespace).Where(it => selector.Matches(it.Labels))
                .ToDictionary(it => it, it => seen.GetValueOrDefault(it) ?? it.Parse());
            List<JsonObject> objects = [.. seen.Values];
            if (wish(objects)) return objects;
            try
            {
                await more.WaitAsync(end.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(
                    $"The {plural} of the sandbox did not become as wished; there are {objects.Count} that match.");
            }
        }
    }

    /// <summary>Waits until the pods are as wished.</summary>
    /// <exception cref="TimeoutException">They were not in time.</exception>
    public async Task<IReadOnlyList<SandboxPod>> WaitForPodsAsync(
        Func<IReadOnlyList<SandboxPod>, bool> wish, string? @namespace = null, string? labelSelector = null,
        TimeSpan? limit = null)
    {
        var pods = await WaitAsync("pods", it => wish([.. it.Select(SandboxPod.Of)]), @namespace, labelSelector, limit);
        return [.. pods.Select(SandboxPod.Of)];
    }

    /// <summary>Saves the state, where it is kept.</summary>
    public void Save() => _state?.Save();

    /// <summary>Stops every pod and listener; the state is saved when there is a data directory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stop.CancelAsync();
        if (_servers.Count > 0) Save();
        _apiHub.CloseAll();
        _ingressHub.CloseAll();
        _node.StopAll();
        foreach (var server in _servers) await server.DisposeAsync();
        await _node.Network.DisposeAsync();
        _flink?.Dispose();
        _certificate?.Dispose();
        _stop.Dispose();
    }

    IReadOnlyList<string> IFaultTarget.OnPods(FaultAction action) => _node.Hurt(action);

    void IFaultTarget.ExpireWatches()
    {
        _lists.Compact();
        _store.Compact();
    }

    void IFaultTarget.Refuse(FaultScope scope, TimeSpan duration)
    {
        var (hub, port) = scope == FaultScope.Api ? (_apiHub, ApiServer.Port) : (_ingressHub, IngressPort);
        hub.CloseAll();
        _ = OpenAgainAsync(hub, port, duration);
    }

    private static ResourceKind KindOf(string plural) =>
        Kinds.All.FirstOrDefault(it => it.Plural == plural)
        ?? throw new ArgumentException($"The sandbox has no {plural}.", nameof(plural));

    private async Task BeginAsync(SandboxOptions options, CancellationToken ct)
    {
        _state?.Load();
        foreach (var ns in options.Namespaces.Where(it => _store.Find(Kinds.Namespace, null, it) is null))
        {
            Registry.Create(Kinds.Namespace, null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } },
                WriteOptions.Internal);
            ControlLoop.HaveDefaultAccount(Registry, ns);
        }

        if (options.Https) _certificate = _credentials.ServerCertificate();
        var apiPort = Open(_apiHub, options.ApiPort);
        IngressPort = Open(_ingressHub, options.IngressPort);
        ApiServer = new Uri($"{(options.Https ? "https" : "http")}://127.0.0.1:{apiPort}");
        await _node.StartAsync(ct);
        _controllers.Start();
        _servers.Add(await WebHost.StartAsync(_apiHub, _certificate, _api.HandleAsync, ct));
        _servers.Add(await WebHost.StartAsync(_ingressHub, null, _ingress.HandleAsync, ct));
        _state?.Start(_stop.Token);
    }

    private static int Open(SocketHub hub, int port)
    {
        try
        {
            return hub.Open(IPAddress.Loopback, port).Port;
        }
        catch (SocketException e) when (
            e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            throw new SandboxPortTaken(port, e);
        }
    }

    private async Task OpenAgainAsync(SocketHub hub, int port, TimeSpan after)
    {
        for (var wait = after; ; wait = TimeSpan.FromMilliseconds(50))
        {
            await Task.Delay(wait, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Volatile.Read(ref _disposed) != 0) return;
            try
            {
                hub.Open(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                // something else holds the port for the moment
            }
        }
    }
}

/// <summary>A port that the sandbox was told to use is in use.</summary>
public sealed class SandboxPortTaken(int port, Exception inner)
    : Exception($"Port {port} on 127.0.0.1 is in use by another process. Stop it, or choose another port.", inner)
{
    /// <summary>The port.</summary>
    public int Port { get; } = port;
}
