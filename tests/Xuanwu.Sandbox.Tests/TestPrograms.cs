using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Tests;

/// <summary>
/// Programs for containers. "echo" listens on the ports of its arguments and answers with its pod's name, the path and
/// the body; "crash" ends with the exit code of its argument; "deaf" does not hear SIGTERM.
/// </summary>
public sealed class TestPrograms
{
    /// <summary>Every container that was started, in order.</summary>
    public ConcurrentQueue<IContainer> Started { get; } = new();

    /// <summary>Set to keep "crash" alive until it is done.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public IContainerProgram? Find(string image, IReadOnlyList<string> arguments) => image switch
    {
        "echo" => new Program(this, EchoAsync),
        "crash" => new Program(this, CrashAsync),
        "deaf" => new Program(this, (_, _) => new TaskCompletionSource<int>().Task),
        _ => null,
    };

    private static async Task<int> EchoAsync(IContainer container, CancellationToken stop)
    {
        foreach (var port in container.Arguments)
        {
            container.Listen(int.Parse(port, CultureInfo.InvariantCulture), AnswerAsync);
        }
        container.WriteLine("listening");
        var stopped = new TaskCompletionSource();
        using var registration = stop.Register(stopped.SetResult);
        await stopped.Task;
        container.WriteLine("stopped");
        return 0;

        async Task AnswerAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            var (request, name) = (context.Request, container.PodName);
            await context.Response.WriteAsync(
                $"{name} {request.Method} {request.Path}{request.QueryString} {body}", context.RequestAborted);
        }
    }

    private async Task<int> CrashAsync(IContainer container, CancellationToken stop)
    {
        container.WriteLine("about to crash");
        if (Hold is { } hold) await hold.Task.WaitAsync(stop);
        return int.Parse(container.Arguments[0], CultureInfo.InvariantCulture);
    }

    private sealed class Program(TestPrograms programs, Func<IContainer, CancellationToken, Task<int>> run)
        : IContainerProgram
    {
        public Task<int> RunAsync(IContainer container, CancellationToken stop)
        {
            programs.Started.Enqueue(container);
            return run(container, stop);
        }
    }
}
