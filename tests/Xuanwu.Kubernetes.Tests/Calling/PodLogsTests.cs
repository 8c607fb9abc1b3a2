using Microsoft.AspNetCore.Http;

namespace Xuanwu.Kubernetes.Tests;

public sealed class PodLogsTests
{
    [Fact]
    public async Task Lines_come_with_all_that_was_asked_for()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.Stream(["one\ntwo\r\n", "\n作", "业\nlast"], type: "text/plain"));
        using var client = server.Client();
        var options = new PodLogOptions
        {
            Container = "jm",
            TailLines = 100,
            Previous = true,
            SinceTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(8)),
            Timestamps = true,
            LimitBytes = 4096,
        };

        Assert.Equal(["one", "two", "", "作业", "last"], await ReadAsync(client, options));

        var seen = server.Requests.Single();
        Assert.Equal("/api/v1/namespaces/flink/pods/jm-0/log", seen.Path);
        Assert.Equal(
            "container=jm previous=true timestamps=true tailLines=100 limitBytes=4096 sinceTime=2026-01-01T19:04:05Z",
            string.Join(' ', seen.Query.Select(it => $"{it.Key}={it.Value}")));
    }

    [Fact]
    public async Task A_followed_log_gives_each_line_when_it_comes()
    {
        var more = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(Answers.Stream(["one\n"], async context =>
        {
            await more.Task;
            await context.Response.WriteAsync("two\n");
        }, "text/plain"));
        using var client = server.Client(ScriptedServer.Fast with { RequestTimeout = TimeSpan.FromMilliseconds(500) });
        await using var lines =
            client.PodLogsAsync("flink", "jm-0", new() { Follow = true }, Waiting.Token).GetAsyncEnumerator();

        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("one", lines.Current);
        var next = lines.MoveNextAsync();
        Assert.False(next.IsCompleted);
        more.SetResult();
        Assert.True(await next);
        Assert.Equal("two", lines.Current);
        Assert.False(await lines.MoveNextAsync());
    }

    [Fact]
    public async Task A_line_of_any_length_comes_in_bounded_pieces()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.Stream([new string('x', 2500), "\nnext\n"], type: "text/plain"));
        using var client = server.Client(ScriptedServer.Fast with { MaxLogLineBytes = 1000 });

        Assert.Equal([1000, 1000, 500, 4], (await ReadAsync(client, new())).Select(it => it.Length));
    }

    [Fact]
    public async Task A_log_that_is_cut_off_is_an_error_after_its_lines()
    {
        var read = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(
            Answers.Stream(["one\n"], Answers.ResetOn(read.Task), "text/plain"));
        using var client = server.Client();
        await using var lines = client.PodLogsAsync("flink", "jm-0", new(), Waiting.Token).GetAsyncEnumerator();

        Assert.True(await lines.MoveNextAsync());
        read.SetResult();
        var error = await Assert.ThrowsAsync<ApiError>(async () => await lines.MoveNextAsync());
        Assert.Equal("Unreachable", error.Reason);
    }

    [Fact]
    public async Task A_log_that_cannot_be_had_says_why()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.Status(400, "BadRequest"), Answers.NotFound("pods", "jm-0"), Answers.Html(200));
        using var client = server.Client();

        Assert.True((await Assert.ThrowsAsync<ApiError>(() => ReadAsync(client, new()))).IsInvalid);
        Assert.True((await Assert.ThrowsAsync<ApiError>(() => ReadAsync(client, new()))).IsNotFound);
        Assert.True((await Assert.ThrowsAsync<ApiError>(() => ReadAsync(client, new()))).IsUnreachable);
    }

    private static async Task<List<string>> ReadAsync(KubernetesClient client, PodLogOptions options)
    {
        var lines = new List<string>();
        await foreach (var line in client.PodLogsAsync("flink", "jm-0", options, Waiting.Token)) lines.Add(line);
        return lines;
    }
}
