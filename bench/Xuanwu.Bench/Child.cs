using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Xuanwu.Bench;

/// <summary>A program of ours as users run it, a process of its own, with what it costs.</summary>
internal sealed class Child : IDisposable
{
    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private bool _disposed;

    private Child(ProcessStartInfo start)
    {
        StartedAt = Stopwatch.GetTimestamp();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public long StartedAt { get; }

    public bool Ended => _process.HasExited;

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>VmRSS.</summary>
    public double ResidentMiB
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>The last lines that it wrote.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <param name="program">A name beside this benchmark, as Xuanwu.Server: built with it.</param>
    public static Child Start(
        string program, IReadOnlyList<string> arguments, params IReadOnlyList<(string Name, string Value)> environment)
    {
        var file = Path.Combine(AppContext.BaseDirectory, program + ".dll");
        var start = new ProcessStartInfo("dotnet", ["exec", file, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("XUANWU_LISTEN"); // it would win over the port
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return new Child(start);
    }

    /// <summary>The same on one core alone, where the machine can do that.</summary>
    public static Child StartPinned(int core, string program, IReadOnlyList<string> arguments)
    {
        if (!File.Exists("/usr/bin/taskset") || Environment.ProcessorCount < 2) return Start(program, arguments);
        var file = Path.Combine(AppContext.BaseDirectory, program + ".dll");
        return new Child(new ProcessStartInfo("/usr/bin/taskset", ["-c", $"{core}", "dotnet", "exec", file, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
    }

    /// <summary>What a process wrote last, once it has ended.</summary>
    public async Task<string> LastLineAsync()
    {
        await _process.WaitForExitAsync();
        return Output.TrimEnd().Split('\n')[^1].Trim();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The first answer that is a success, asked for again every few milliseconds.</summary>
    public async Task<T> UntilAsync<T>(Func<Task<T?>> ask, TimeSpan limit, TimeSpan pause)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (Ended) throw new InvalidOperationException($"The process has ended.\n{Output}");
            try
            {
                if (await ask() is { } answer) return answer;
            }
            catch (HttpRequestException) when (clock.Elapsed < limit)
            {
                // not listening, or not ready, yet
            }

            if (clock.Elapsed > limit) throw new TimeoutException($"None in {limit.TotalSeconds:N0} s.\n{Output}");
            await Task.Delay(pause);
        }
    }

    /// <summary>Sends a GraphQL request; its data, or an exception for whatever is not a success.</summary>
    public static async Task<JsonNode> QueryAsync(HttpClient http, string query, object variables)
    {
        using var answer = await http.PostAsJsonAsync("graphql", new { query, variables });
        var body = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
        if (body["errors"] is { } errors) throw new HttpRequestException(errors.ToJsonString());
        var payload = body["data"]!.AsObject().First().Value!;
        return payload["errors"] is { } refused ? throw new HttpRequestException(refused.ToJsonString()) : payload;
    }

    /// <summary>SIGKILL: nothing of the process runs any more when this returns.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (!Ended) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
            if (_output.Length > 20_000) _output.Remove(0, 10_000);
        }
    }
}
