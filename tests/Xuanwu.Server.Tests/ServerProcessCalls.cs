using System.Diagnostics;

namespace Xuanwu.Server.Tests;

/// <summary>What stories ask of a server that is a process of its own.</summary>
public static class ServerProcessCalls
{
    /// <summary>A job whose run is RUNNING.</summary>
    public static async Task<Guid> RunningJobAsync(
        this ServerProcess server, string name, params (string Key, string Value)[] parameters)
    {
        var created = await server.QueryAsync(
            "mutation ($name: String!) { "
            + "createJob(input: { project: \"health\", name: $name, kind: SQL }) { job { id } } }",
            new { name });
        var job = (Guid)created["createJob"]!["job"]!["id"]!;
        var pairs = parameters.Select(pair => new { key = pair.Key, value = pair.Value });
        await server.QueryAsync(
            "mutation ($input: SaveDraftInput!) { saveDraft(input: $input) { errors { code } } }",
            new { input = new { jobId = job, sql = StoryCalls.Sql, parameters = pairs } });
        await server.QueryAsync(
            $"mutation {{ publishVersion(input: {{ jobId: \"{job}\" }}) {{ errors {{ code }} }} }}");
        await server.QueryAsync($"mutation {{ startJob(input: {{ jobId: \"{job}\" }}) {{ errors {{ code }} }} }}");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await server.StateAsync(job) != "RUNNING") await timer.WaitForNextTickAsync(limit.Token);
        return job;
    }

    public static async Task<string?> StateAsync(this ServerProcess server, Guid job) =>
        (string?)(await server.QueryAsync($"{{ job(id: \"{job}\") {{ state }} }}"))["job"]!["state"];

    /// <summary>
    /// Starts the program with one setting and waits for its end: its exit code and all that it said.
    /// </summary>
    public static async Task<(int Code, string Said)> RunToEndAsync(string postgres, string name, string value)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", ServerProcess.Program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["XUANWU_POSTGRES"] = postgres, ["XUANWU_PORT"] = "0", [name] = value },
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var said = Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, string.Concat(await said));
    }
}
