using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Xuanwu.Kubernetes.Tests;

public sealed class ApiCallsTests
{
    private static readonly Answer Found = Answers.Json(Answers.ConfigMap("a", "1"));

    public static TheoryData<string, Answer> PassingFaults => new()
    {
        { "429", Answers.Status(429, "TooManyRequests") },
        { "429 of the load shedder, which is plain text", Answers.Text("Too many requests", "text/plain", 429) },
        { "500", Answers.Status(500, "InternalError") },
        { "502 of a proxy", Answers.Html(502) },
        { "503", Answers.Status(503, "ServiceUnavailable") },
        { "504", Answers.Html(504) },
        { "reset", Answers.Reset },
        { "cut off", Answers.Truncated },
    };

    [Theory]
    [MemberData(nameof(PassingFaults))]
    public async Task A_passing_fault_is_overcome(string name, Answer fault)
    {
        await using var server = await ScriptedServer.StartAsync(fault, fault, Found);
        using var client = server.Client();

        var found = await client.FindAsync(Kind.ConfigMap, "default", "a", Waiting.Token);

        Assert.Equal("a", found?.Name);
        Assert.True(server.Requests.Count == 3, name);
    }

    [Fact]
    public async Task Attempts_end_with_the_last_error()
    {
        var script = Enumerable.Repeat(Answers.Status(503, "ServiceUnavailable"), 4).ToArray();
        await using var server = await ScriptedServer.StartAsync(script);
        using var client = server.Client(ScriptedServer.Fast with { MaxAttempts = 4 });

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.GetAsync(Kind.ConfigMap, "default", "a", Waiting.Token));

        Assert.Equal(("ServiceUnavailable", true, true), (error.Reason, error.IsTransient, error.IsAnswer));
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task Retry_After_is_waited_for()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.RetryAfter(1, Answers.Text("Too many requests", "text/plain", 429)), Found);
        using var client = server.Client();

        var watch = Stopwatch.StartNew();
        await client.GetAsync(Kind.ConfigMap, "default", "a", Waiting.Token);

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_Retry_After_beyond_the_total_time_ends_the_call_at_once()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.RetryAfter(3600, Answers.Status(429, "TooManyRequests")), Found);
        using var client = server.Client();

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.GetAsync(Kind.ConfigMap, "default", "a", Waiting.Token));

        Assert.Equal(TimeSpan.FromHours(1), error.RetryAfter);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_create_is_repeated_after_429_only()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.Status(429, "TooManyRequests"), Answers.Status(500, "InternalError"), Found);
        using var client = server.Client();

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.CreateAsync(new(Answers.ConfigMap("a", "")), Waiting.Token));

        Assert.Equal(HttpStatusCode.InternalServerError, error.Status);
        Assert.Equal(["POST", "POST"], server.Requests.Select(it => it.Method));
    }

    [Fact]
    public async Task A_create_whose_answer_is_lost_is_not_sent_again()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.Truncated, Found);
        using var client = server.Client();

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.CreateAsync(new(Answers.ConfigMap("a", "")), Waiting.Token));

        Assert.True(error.IsUnreachable);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_silent_server_is_a_timeout_of_the_attempt_and_asked_again()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.Silence, Found);
        using var client = server.Client(ScriptedServer.Fast with { RequestTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.NotNull(await client.FindAsync(Kind.ConfigMap, "default", "a", Waiting.Token));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task The_total_time_bounds_all_attempts()
    {
        var script = Enumerable.Repeat<Answer>(Answers.Silence, 50).ToArray();
        await using var server = await ScriptedServer.StartAsync(script);
        using var client = server.Client(ScriptedServer.Fast with
        {
            RequestTimeout = TimeSpan.FromMilliseconds(400),
            TotalTimeout = TimeSpan.FromSeconds(1),
            MaxAttempts = 50,
        });

        var watch = Stopwatch.StartNew();
        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.GetAsync(Kind.ConfigMap, "default", "a", Waiting.Token));

        Assert.Equal(("Timeout", null, true), (error.Reason, error.Status, error.IsUnreachable));
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(390), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task The_callers_cancellation_passes_as_such()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.Silence);
        using var client = server.Client();
        using var cancel = new CancellationTokenSource();

        var call = client.GetAsync(Kind.ConfigMap, "default", "a", cancel.Token);
        await server.ArrivedAsync(1);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Nobody_listening_is_unreachable_and_says_nothing_about_the_object()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound, never listening
        var address = new Uri($"https://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}");
        using var client = new KubernetesClient(
            KubernetesConnection.FromToken(address, "secret-token"), ScriptedServer.Fast with { MaxAttempts = 2 });

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.FindAsync(Kind.ConfigMap, "default", "a", Waiting.Token));

        Assert.Equal(("Unreachable", true, true), (error.Reason, error.IsUnreachable, error.IsTransient));
        Assert.False(error.IsNotFound);
    }

    [Fact]
    public async Task An_answer_larger_than_accepted_is_not_read()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.Json(Answers.ConfigMap("a", "1", value: new('x', 100_000))));
        using var client = server.Client(ScriptedServer.Fast with { MaxAnswerBytes = 50_000 });

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.GetAsync(Kind.ConfigMap, "default", "a", Waiting.Token));

        Assert.Equal("Unreadable", error.Reason);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_with_our_credentials()
    {
        await using var other = await ScriptedServer.StartAsync(Found);
        await using var server = await ScriptedServer.StartAsync(context =>
        {
            context.Response.Redirect(other.Address.AbsoluteUri);
            return Task.CompletedTask;
        });
        using var client = server.Client();

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.FindAsync(Kind.ConfigMap, "default", "a", Waiting.Token));

        Assert.True(error.IsUnreachable);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task No_error_shows_the_token()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.Html(404), Answers.Status(403, "Forbidden"), Answers.Text("secret-token", "text/plain", 401));
        using var client = server.Client();

        for (var i = 0; i < 3; i++)
        {
            var error = await Assert.ThrowsAsync<ApiError>(
                () => client.FindAsync(Kind.Secret, "default", "a", Waiting.Token));
            Assert.DoesNotContain("secret-token", error.ToString());
        }

        Assert.All(server.Requests, it => Assert.Equal("Bearer secret-token", it.Authorization));
        Assert.DoesNotContain("secret-token", client.Connection.ToString());
    }
}
