using System.Globalization;
using System.Runtime.InteropServices;

namespace Xuanwu.Sandbox;

/// <summary>The sandbox as a process: ./dev.sh up starts it, SIGTERM ends it.</summary>
internal static class SandboxProgram
{
    private const string Usage = """
        Usage: Xuanwu.Sandbox --data DIR [--api-port N] [--ingress-port N] [--kubeconfig FILE]

          --data DIR          where objects and credentials are kept between starts
          --api-port N        port of the Kubernetes API on 127.0.0.1 (default: a free one)
          --ingress-port N    port of the ingress on 127.0.0.1 (default: a free one)
          --kubeconfig FILE   where to write the kubeconfig (default: DIR/kubeconfig)
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(Usage);
            return 0;
        }

        if (!TryRead(args, out var options, out var kubeconfig, out var wrong))
        {
            await Console.Error.WriteLineAsync($"{wrong}\n\n{Usage}");
            return 2;
        }

        try
        {
            await RunAsync(options, kubeconfig);
            return 0;
        }
        catch (Exception e) when (
            e is SandboxPortTaken or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync("The sandbox could not start: " + e.Message);
            return 1;
        }
    }

    private static async Task RunAsync(SandboxOptions options, string kubeconfig)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var cluster = await SandboxCluster.StartAsync(options);
        await cluster.WriteKubeconfigAsync(kubeconfig);
        Console.WriteLine($"""
            Xuanwu sandbox: a Kubernetes API and stand-ins for Flink in one process.
            It is neither a Kubernetes nor a Flink: no container runs and no record is processed.
              API         {cluster.ApiServer}
              ingress     http://127.0.0.1:{cluster.IngressPort} (by Host header)
              kubeconfig  {kubeconfig}
              faults      POST {cluster.ApiServer}sandbox/faults
            """);
        await stopped.Task;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopped.TrySetResult();
        }
    }

    private static bool TryRead(string[] args, out SandboxOptions options, out string kubeconfig, out string wrong)
    {
        (options, kubeconfig, wrong) = (new SandboxOptions(), "", "");
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--data" when value.Length > 0:
                    options = options with { DataDirectory = Path.GetFullPath(value) };
                    break;
                case "--kubeconfig" when value.Length > 0:
                    kubeconfig = Path.GetFullPath(value);
                    break;
                case "--api-port" when IsPort(value, out var port):
                    options = options with { ApiPort = port };
                    break;
                case "--ingress-port" when IsPort(value, out var port):
                    options = options with { IngressPort = port };
                    break;
                default:
                    wrong = $"not understood: {args[i]} {value}".TrimEnd();
                    return false;
            }
        }

        if (options.DataDirectory is null) wrong = "--data is missing";
        else if (kubeconfig.Length == 0) kubeconfig = Path.Combine(options.DataDirectory, "kubeconfig");
        return wrong.Length == 0;
    }

    private static bool IsPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 0 and <= 65535;
}
