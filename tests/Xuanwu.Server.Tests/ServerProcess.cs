using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Testing;

namespace Xuanwu.Server.Tests;

/// <summary>A server as users run it: a process of its own, which can be killed as the kernel kills it.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly StringBuilder _output = new();
    private readonly ProcessStartInfo _start;
    private Process? _process;

    public ServerProcess(string postgres, string kubeconfig, int ingressPort)
    {
        Port = FreePort();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromSeconds(15) };
        _start = new ProcessStartInfo("dotnet", ["exec", Program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["XUANWU_POSTGRES"] = postgres,
                ["XUANWU_PORT"] = $"{Port}",
                ["XUANWU_SANDBOX_KUBECONFIG"] = kubeconfig,
                ["XUANWU_SANDBOX_INGRESS_PORT"] = $"{ingressPort}",
            },
        };
    }

    /// <summary>The server's assembly, of the configuration that the tests were built in.</summary>
    public static string Program { get; } = Repository.At(
        $"src/Xuanwu.Server/bin/{new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name}/net10.0/Xuanwu.Server.dll");

    public int Port { get; }

    public HttpClient Http { get; }

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public void Start()
    {
        _process = Process.Start(_start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>SIGKILL: nothing of the process runs any more when this returns.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task ReadyAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await timer.WaitForNextTickAsync(limit.Token))
        {
            try
            {
                using var answer = await Http.GetAsync("readyz", limit.Token);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException) when (_process is { HasExited: false })
            {
                // not listening yet
            }
        }
    }

    /// <summary>Sends a GraphQL request; the answer's data, or an exception for whatever is not an answer.</summary>
    public async Task<JsonNode> QueryAsync(string query, object? variables = null)
    {
        using var answer = await Http.PostAsJsonAsync("graphql", new { query, variables });
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        return body["errors"] is null ? body["data"]! : throw new HttpRequestException(body.ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Http.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
