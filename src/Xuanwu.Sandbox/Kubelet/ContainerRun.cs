using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>What a container is started with.</summary>
internal sealed record ContainerStart(
    string Name, string Image, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment,
    IReadOnlyDictionary<string, string> Files, IReadOnlyDictionary<string, string> PodLabels, string ServiceAccount);

/// <summary>
/// One run of a container, from start to end; a restart is another run. It ends once: by its program's answer, by a
/// crash, or by being given up after the grace period. After the end its ports are closed and the cluster no longer
/// listens to it, whatever the program still does.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001",
    Justification = "A CancellationTokenSource without a timer owns nothing; programs may outlive the run.")]
internal sealed class ContainerRun : IContainer, IContainerObjects
{
    private readonly PodRun _pod;
    private readonly Node _node;
    private readonly ContainerStart _start;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<int> _ports = [];
    private bool _ended;

    public ContainerRun(Node node, PodRun pod, ContainerStart start) => (_node, _pod, _start) = (node, pod, start);

    private event Action<string>? Changed;

    public event Action<string>? ConfigMapChanged
    {
        add
        {
            Changed += value;
            _node.ConfigMaps.Subscribe(this);
            if (Ended) _node.ConfigMaps.Unsubscribe(this);
        }

        remove
        {
            Changed -= value;
            if (Changed is null) _node.ConfigMaps.Unsubscribe(this);
        }
    }

    public string Namespace => _pod.Namespace;

    public string PodName => _pod.Name;

    public IReadOnlyDictionary<string, string> PodLabels => _start.PodLabels;

    public string Name => _start.Name;

    public string Image => _start.Image;

    public IReadOnlyList<string> Arguments => _start.Arguments;

    public IReadOnlyDictionary<string, string> Environment => _start.Environment;

    public IReadOnlyDictionary<string, string> Files => _start.Files;

    public IPAddress Address => _pod.Address;

    public IContainerObjects Objects => this;

    public ContainerLog Log { get; } = new();

    public string Id { get; } = "sandbox://" + Guid.NewGuid().ToString("n");

    public DateTimeOffset Started { get; } = DateTimeOffset.UtcNow;

    public DateTimeOffset Finished { get; private set; }

    public int ExitCode { get; private set; }

    public bool Ended => Volatile.Read(ref _ended);

    public void Run(IContainerProgram program) => _ = Task.Run(async () =>
    {
        int code;
        try
        {
            code = await program.RunAsync(this, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            code = 143;
        }
        catch (Exception e)
        {
            WriteLine(e.ToString());
            code = 1;
        }

        End(code);
    });

    /// <summary>SIGTERM.</summary>
    public void Stop() => _ = _stop.CancelAsync();

    /// <summary>Ends the container now, whatever its program does.</summary>
    public void Kill(int exitCode)
    {
        End(exitCode);
        Stop();
    }

    public void Listen(int port, RequestDelegate handler) => Bind(port, handler);

    public void Open(int port) => Bind(port, handler: null);

    private void Bind(int port, RequestDelegate? handler)
    {
        lock (_ports)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            _node.Network.Listen(_pod, port, handler);
            _ports.Add(port);
        }

        _node.Enqueue(_pod.Uid);
    }

    public void WriteLine(string line) => Log.Write(line);

    public (IReadOnlyDictionary<string, string> Data, string ResourceVersion)? FindConfigMap(string name)
    {
        if (!MayUse("get") || _node.Store.Find(Kinds.ConfigMap, Namespace, name) is not { } found) return null;
        var data = found.View(it => it.Child("data").TextMap());
        return (data, found.Revision.ToString(CultureInfo.InvariantCulture));
    }

    public bool TryPutConfigMap(
        string name, IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> data,
        string? resourceVersion)
    {
        if (!MayUse(resourceVersion is null ? "create" : "update")) return false;
        var o = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = Json.From(labels) },
            ["data"] = Json.From(data),
        };
        try
        {
            if (resourceVersion is null)
            {
                _node.Registry.Create(Kinds.ConfigMap, Namespace, o, WriteOptions.Internal);
            }
            else
            {
                o.Metadata()["resourceVersion"] = resourceVersion;
                _node.Registry.Update(Kinds.ConfigMap, Namespace, name, o, WriteOptions.Internal);
            }

            return true;
        }
        catch (ApiFailure failure)
        {
            if (failure.Code is not (404 or 409)) WriteLine(failure.Message);
            return false;
        }
    }

    public void DeleteConfigMap(string name)
    {
        if (!MayUse("delete")) return;
        try
        {
            _node.Registry.Delete(Kinds.ConfigMap, Namespace, name, new DeleteOptions());
        }
        catch (ApiFailure failure) when (failure.Code == 404)
        {
            // it is gone, as asked
        }
    }

    /// <summary>Tells the program that a ConfigMap of its namespace changed.</summary>
    public void Tell(string configMap)
    {
        if (Ended || _pod.Partitioned) return;
        try
        {
            Changed?.Invoke(configMap);
        }
        catch (Exception e)
        {
            WriteLine(e.ToString());
        }
    }

    private bool MayUse(string verb)
    {
        if (Ended || _pod.Partitioned) return false;
        if (_node.Access.Allows(Namespace, _start.ServiceAccount, verb, "", "configmaps")) return true;
        WriteLine(
            $"configmaps is forbidden: User \"system:serviceaccount:{Namespace}:{_start.ServiceAccount}\" " +
            $"cannot {verb} resource \"configmaps\" in API group \"\" in the namespace \"{Namespace}\"");
        return false;
    }

    private void End(int exitCode)
    {
        lock (_ports)
        {
            if (_ended) return;
            (ExitCode, Finished) = (exitCode, DateTimeOffset.UtcNow);
            Volatile.Write(ref _ended, true);
            foreach (var port in _ports) _node.Network.Close(Address, port);
        }

        _node.ConfigMaps.Unsubscribe(this);
        Log.Close();
        _node.Enqueue(_pod.Uid);
    }
}
