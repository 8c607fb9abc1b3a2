using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xuanwu.Sandbox.Flink;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Tests.Flink;

/// <summary>
/// Runs Flink programs as a kubelet would: an address a pod, real HTTP on it, ConfigMaps in a namespace.
/// </summary>
public sealed class FlinkHost : IAsyncDisposable
{
    public const string Sql = "/opt/flink/bin/sql-gateway.sh";

    private static int pods;

    private readonly FlinkPrograms programs;
    private readonly List<FlinkPod> started = [];

    private FlinkHost(string? directory) => programs = new FlinkPrograms(Time, directory);

    public ManualTime Time { get; } = new();

    public ConfigMaps ConfigMaps { get; init; } = new();

    public string Version { get; set; } = "1.20.1";

    /// <summary>A host that its test class gives up in DisposeAsync.</summary>
    public static FlinkHost Open(string? directory = null, ConfigMaps? configMaps = null) =>
        new(directory) { ConfigMaps = configMaps ?? new ConfigMaps() };

    /// <summary>Starts a container; with an address it lies in the pod that has it already.</summary>
    public FlinkPod Start(
        string[] arguments, IPAddress? address = null, Dictionary<string, string>? files = null, string space = "jobs")
    {
        var number = Interlocked.Increment(ref pods);
        var program = programs.Find($"registry.example/library/flink:{Version}-java17", arguments);
        Assert.NotNull(program);
        var pod = new FlinkPod(
            $"{arguments[0].Split('/')[^1]}-{number}", address ?? Address(number), space,
            arguments, files ?? [], ConfigMaps, program);
        started.Add(pod);
        pod.Run();
        return pod;
    }

    /// <summary>The arguments of a process of an HA cluster.</summary>
    public static string[] Ha(string process, params string[] more) =>
    [
        process, "-Dhigh-availability.type=kubernetes", "-Dhigh-availability.storageDir=s3://flink/ha",
        "-Dkubernetes.cluster-id=ads",
        "-Dkubernetes.namespace=jobs", "-Dsql-gateway.endpoint.rest.address=0.0.0.0", .. more,
    ];

    /// <summary>The arguments of a process of a cluster without HA, all of it on one address.</summary>
    public static string[] Plain(string process, params string[] more) =>
        [process, "-Djobmanager.rpc.address=ads-jobmanager", "-Dsql-gateway.endpoint.rest.address=0.0.0.0", .. more];

    // Apart from those of other test processes and of the sandbox's own pods, which lie lower.
    private static IPAddress Address(int number)
    {
        var process = Environment.ProcessId;
        return new IPAddress(
            [127, (byte)(64 + (process % 150)), (byte)(100 + (process / 150 % 30 * 5) + (number / 250)),
                (byte)(1 + (number % 250))]);
    }

    public void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in started) await pod.DisposeAsync();
        programs.Dispose();
    }
}

/// <summary>A started container.</summary>
public sealed class FlinkPod(
    string name, IPAddress address, string space, string[] arguments, Dictionary<string, string> files,
    ConfigMaps configMaps,
    IContainerProgram program) : IContainer, IContainerObjects, IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly CancellationTokenSource stop = new();
    private readonly List<WebApplication> servers = [];
    private readonly List<string> lines = [];
    private bool cut;

    public string Namespace => space;

    public string PodName => name;

    public IReadOnlyDictionary<string, string> PodLabels { get; } = new Dictionary<string, string>();

    public string Name => "flink";

    public string Image => "flink";

    public IReadOnlyList<string> Arguments => arguments;

    public IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Files => files;

    public IPAddress Address => address;

    public IContainerObjects Objects => this;

    public event Action<string>? ConfigMapChanged
    {
        add => configMaps.Changed += value;
        remove => configMaps.Changed -= value;
    }

    public (IReadOnlyDictionary<string, string> Data, string ResourceVersion)? FindConfigMap(string name) =>
        cut ? null : configMaps.FindConfigMap(name);

    public bool TryPutConfigMap(
        string name, IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> data,
        string? resourceVersion)
    {
        Assert.Equal("high-availability", labels["configmap-type"]);
        return !cut && configMaps.TryPut(name, data, resourceVersion);
    }

    public void DeleteConfigMap(string name)
    {
        if (!cut) configMaps.DeleteConfigMap(name);
    }

    public Task<int> Ended { get; private set; } = Task.FromResult(0);

    public string Log
    {
        get
        {
            lock (lines) return string.Join('\n', lines);
        }
    }

    public void Run() => Ended = program.RunAsync(this, stop.Token);

    /// <summary>Ends the process; without grace it can no longer reach the API by the time it is told.</summary>
    public async Task<int> KillAsync(bool grace = true)
    {
        if (!grace) cut = true;
        await stop.CancelAsync();
        var code = await Ended.WaitAsync(TimeSpan.FromSeconds(10));
        await CloseAsync();
        return code;
    }

    public void Open(int port)
    {
    }

    public void Listen(int port, RequestDelegate handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, port));
        var server = builder.Build();
        server.Run(handler);
        server.StartAsync().GetAwaiter().GetResult();
        servers.Add(server);
    }

    public void WriteLine(string line)
    {
        lock (lines) lines.Add(line);
    }

    public async Task<(int Status, JsonNode Body)> SendAsync(
        string method, string path, JsonNode? body = null, int port = 8081)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://{address}:{port}{path}");
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, JsonNode.Parse(text)!);
    }

    public async Task<JsonNode> GetAsync(string path, int port = 8081)
    {
        var (status, body) = await SendAsync("GET", path, null, port);
        Assert.True(status == 200, $"{path}: {status} {body.ToJsonString()}");
        return body;
    }

    public async Task<string> TextAsync(string path) =>
        await Http.GetStringAsync(new Uri($"http://{address}:8081{path}"));

    public async Task<JsonNode> UploadAsync(string fileName)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent([1, 2, 3]), "jarfile", fileName } };
        using var response = await Http.PostAsync(new Uri($"http://{address}:8081/v1/jars/upload"), form);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    public async Task<string> StatusOf(string jobId) => (string)(await GetAsync($"/v1/jobs/{jobId}/status"))["status"]!;

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        stop.Dispose();
    }

    private async Task CloseAsync()
    {
        foreach (var server in servers) await server.DisposeAsync();
        servers.Clear();
    }
}

/// <summary>The ConfigMaps of one namespace.</summary>
public sealed class ConfigMaps
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, (Dictionary<string, string> Data, string Version)> all =
        new(StringComparer.Ordinal);
    private int versions;

    public event Action<string>? Changed;

    /// <summary>Whether the Role that a JobManager needs is missing.</summary>
    public bool Forbidden { get; set; }

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (gate) return [.. all.Keys];
        }
    }

    public (IReadOnlyDictionary<string, string> Data, string ResourceVersion)? FindConfigMap(string name)
    {
        lock (gate) return !Forbidden && all.TryGetValue(name, out var found) ? (found.Data, found.Version) : null;
    }

    public bool TryPut(string name, IReadOnlyDictionary<string, string> data, string? resourceVersion)
    {
        Assert.All(data.Keys, key => Assert.Matches("^[-._a-zA-Z0-9]+$", key));
        lock (gate)
        {
            var present = all.TryGetValue(name, out var found) ? found.Version : null;
            if (Forbidden || present != resourceVersion) return false;
            all[name] = (new Dictionary<string, string>(data), (++versions).ToString(null, null));
        }

        Changed?.Invoke(name);
        return true;
    }

    public void DeleteConfigMap(string name)
    {
        lock (gate)
        {
            if (!all.Remove(name)) return;
        }

        Changed?.Invoke(name);
    }
}
