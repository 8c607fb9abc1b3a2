namespace Xuanwu.Bench;

/// <summary>What benchmarks of whole processes share: how busy the machine is, and how they call.</summary>
internal static class Machine
{
    /// <summary>The load average of the last minute, without which times on a shared machine cannot be read.</summary>
    public static string Load() =>
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    public static HttpClient Client(int port) => new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        Timeout = TimeSpan.FromSeconds(60),
    };
}
