using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Execution;

public sealed class SubscriptionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public void Methods_that_return_async_sequences_are_fields_of_Subscription()
    {
        var text = SchemaPrinter.Print(Sky().Schema);

        Assert.Contains(
            """"
            type Subscription {
              """Stars as they are seen."""
              stars(from: Int! = 0): Star!
              numbers(to: Int!): Int!
              maybe: String
              broken(after: Int!): Int!
              refused: Int!
            }
            """",
            text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ stars(from: 2) { name } }", """{"data":{"stars":{"name":"star 2"}}}""", """{"data":{"stars":{"name":"star 3"}}}""")]
    [InlineData("{ n: numbers(to: 2) }", """{"data":{"n":0}}""", """{"data":{"n":1}}""")]
    [InlineData("{ maybe }", """{"data":{"maybe":null}}""", """{"data":{"maybe":"yes"}}""")]
    public async Task Every_event_gives_a_response(string query, params string[] responses) =>
        Assert.Equal(responses, await Sky().FollowAsync("subscription " + query));

    [Fact]
    public async Task Variables_hold_for_every_event()
    {
        var found = await Sky().FollowAsync(
            "subscription ($from: Int!, $skip: Boolean!) { stars(from: $from) { name magnitude @skip(if: $skip) } }",
            """{"from":3,"skip":true}""");

        Assert.Equal(["""{"data":{"stars":{"name":"star 3"}}}"""], found);
    }

    [Fact]
    public async Task A_failing_field_fails_its_event_and_the_next_one_follows()
    {
        var found = await Sky().FollowAsync("subscription { stars(from: 1) { light } }");

        Assert.Equal(3, found.Count);
        Assert.EndsWith("\"data\":null}", found[0], StringComparison.Ordinal);
        Assert.Contains("\"path\":[\"stars\",\"light\"]", found[0], StringComparison.Ordinal);
        Assert.Equal("""{"data":{"stars":{"light":2}}}""", found[1]);
    }

    [Fact]
    public async Task When_the_source_fails_the_stream_ends_with_its_error()
    {
        Assert.Equal(
            [
                """{"data":{"broken":0}}""",
                """{"errors":[{"message":"The sky fell.","locations":[{"line":1,"column":16}],"path":["broken"],"extensions":{"code":"SKY"}}]}""",
            ],
            await Sky().FollowAsync("subscription { broken(after: 1) }"));
    }

    [Fact]
    public async Task An_unexpected_failure_of_the_source_is_masked_and_handed_to_the_hook()
    {
        var seen = new List<string>();
        var found = await Sky((thrown, path) => seen.Add($"{path}: {thrown.Message}"))
            .FollowAsync("subscription { x: broken(after: -1) }");

        Assert.Equal(
            ["""{"errors":[{"message":"Unexpected Execution Error","locations":[{"line":1,"column":16}],"path":["x"]}]}"""],
            found);
        Assert.Equal(["x: secret"], seen);
    }

    [Theory]
    [InlineData("subscription { refused }", "No telescope.")]
    [InlineData("subscription { nothing }", "Cannot query field \\\"nothing\\\" on type \\\"Subscription\\\".")]
    [InlineData("subscription { a: maybe b: maybe }", "must select only one top level field.")]
    [InlineData("subscription { numbers(to: ) }", "Syntax Error")]
    [InlineData("subscription ($to: Int!) { numbers(to: $to) }", "was not provided")]
    public async Task A_subscription_that_cannot_start_has_errors_and_no_responses(string query, string message)
    {
        var found = Assert.Single(await Sky().FollowAsync(query));

        Assert.Contains(message, found, StringComparison.Ordinal);
        Assert.DoesNotContain("\"data\"", found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queries_and_mutations_are_streams_of_one_response()
    {
        Assert.Equal(["""{"data":{"ping":"pong"}}"""], await Sky().FollowAsync("{ ping }"));
        Assert.Equal(["""{"data":{"wish":true}}"""], await Sky().FollowAsync("mutation { wish }"));
    }

    [Fact]
    public async Task A_mutation_where_only_queries_may_run_is_told_apart()
    {
        await using var stream = await Sky().SubscribeAsync(
            new GraphQLRequest("mutation { wish }") { QueriesOnly = true }, new RequestContext());

        Assert.Equal(ExecutionOutcome.NotAQuery, stream.Outcome);
        Assert.Equal(ErrorCodes.MethodNotAllowed, Assert.Single(stream.Errors).Code);
    }

    [Fact]
    public async Task The_resolver_learns_that_its_subscriber_has_gone()
    {
        var told = new TaskCompletionSource();
        var channel = Channel.CreateUnbounded<object?>();
        var engine = Text((call, ct) => Told(channel, told, ct));
        var stream = await engine.SubscribeAsync(new GraphQLRequest("subscription { tick }"), new RequestContext());
        channel.Writer.TryWrite(null);
        Assert.Equal("""{"data":{"tick":1}}""", await stream.NextTextAsync());

        await stream.DisposeAsync();

        await told.Task.WaitAsync(Limit);
        Assert.Null(await stream.NextTextAsync());
    }

    [Fact]
    public async Task A_client_that_goes_while_the_next_event_is_awaited_ends_the_wait()
    {
        using var client = new CancellationTokenSource();
        var told = new TaskCompletionSource();
        var engine = Text((call, ct) => Told(Channel.CreateUnbounded<object?>(), told, ct));
        await using var stream = await engine.SubscribeAsync(
            new GraphQLRequest("subscription { tick }"), new RequestContext(), client.Token);
        var next = stream.NextTextAsync();

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Limit));
        await told.Task.WaitAsync(Limit);
    }

    [Fact]
    public async Task Each_event_has_a_request_context_of_its_own()
    {
        var contexts = new List<RequestContext>();
        var engine = new GraphQLEngine(SdlSchema.Build(
            "type Query { a: Int } type Subscription { tick: Int }",
            new SdlResolvers
            {
                Resolve = call =>
                {
                    contexts.Add(call.Request);
                    return 1;
                },
                Subscribe = call =>
                {
                    contexts.Add(call.Request);
                    return Items([1, 2]);
                },
            }));

        Assert.Equal(2, (await engine.FollowAsync("subscription { tick }")).Count);
        Assert.Equal(3, contexts.Distinct().Count());
    }

    [Fact]
    public async Task Events_wait_where_requests_beyond_the_limit_are_refused()
    {
        var open = new TaskCompletionSource();
        var engine = new GraphQLEngine(
            SdlSchema.Build(
                "type Query { a: Int } type Subscription { tick: Int }",
                new SdlResolvers
                {
                    Resolve = call => AfterAsync(open.Task, call.Field.Name == "a" ? 7 : 1),
                    Subscribe = _ => Items([1]),
                }),
            new EngineOptions { MaxConcurrentRequests = 1 });
        var running = Enumerable.Range(0, 20).Select(_ => engine.FollowAsync("subscription { tick }")).ToList();
        var query = engine.AskAsync("{ a }");
        Assert.Contains("errors", await engine.AskAsync("{ a }"), StringComparison.Ordinal);

        open.SetResult();

        foreach (var one in running) Assert.Equal(["""{"data":{"tick":1}}"""], await one.WaitAsync(Limit));
        Assert.Equal("""{"data":{"a":7}}""", await query.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_source_that_takes_too_long_to_open_is_given_up()
    {
        var engine = Text(
            (_, _) => new TaskCompletionSource<object?>().Task,
            new EngineOptions { Timeout = TimeSpan.FromMilliseconds(30) });

        var found = await engine.FollowAsync("subscription { tick }").WaitAsync(Limit);

        Assert.Contains("HC0045", Assert.Single(found), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_schemas_say_when_a_field_has_no_events()
    {
        var found = await Text((_, _) => 7).FollowAsync("subscription { tick }");

        Assert.Contains(
            "Subscription field must return Async Iterable. Received: 7.", Assert.Single(found), StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_of_Subscription_without_a_sequence_is_refused_when_the_schema_is_built()
    {
        var thrown = Assert.Throws<SchemaException>(
            () => new SchemaBuilder().Query(typeof(SkyQueries)).Subscription(typeof(SkyQueries)).Build());

        Assert.Contains("must return an IAsyncEnumerable", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_one_response_a_subscription_is_refused() => Assert.Contains(
        "Subscriptions need a streaming connection.",
        await Sky().AskAsync("subscription { maybe }"),
        StringComparison.Ordinal);

    private static GraphQLEngine Sky(Action<Exception, string>? onError = null) => new(
        new SchemaBuilder().Query(typeof(SkyQueries)).Mutation(typeof(SkyMutations))
            .Subscription(typeof(SkySubscriptions)).Build(),
        new EngineOptions { OnError = onError });

    private static GraphQLEngine Text(Func<FieldCall, CancellationToken, object?> subscribe, EngineOptions? options = null) =>
        new(
            SdlSchema.Build("type Query { a: Int } type Subscription { tick: Int }", new SdlResolvers
            {
                Resolve = _ => 1,
                Subscribe = call => subscribe(call, call.Request.Cancellation),
            }),
            options);

    private static async Task<object?> AfterAsync(Task other, object? value)
    {
        await other;
        return value;
    }

    private static async IAsyncEnumerable<object?> Items(int[] items)
    {
        await Task.Yield();
        foreach (var it in items) yield return it;
    }

    private static async IAsyncEnumerable<object?> Told(
        Channel<object?> channel, TaskCompletionSource told, [EnumeratorCancellation] CancellationToken ct)
    {
        try
        {
            await foreach (var it in channel.Reader.ReadAllAsync(ct)) yield return it;
        }
        finally
        {
            if (ct.IsCancellationRequested) told.SetResult();
        }
    }
}

public static class SkyQueries
{
    public static string Ping() => "pong";
}

public static class SkyMutations
{
    public static bool Wish() => true;
}

public static class SkySubscriptions
{
    /// <summary>Stars as they are seen.</summary>
    public static async IAsyncEnumerable<StarSight> GetStarsAsync(
        [EnumeratorCancellation] CancellationToken ct, int from = 0)
    {
        for (var i = from; i < 4; i++)
        {
            await Task.Yield();
            ct.ThrowIfCancellationRequested();
            yield return new StarSight($"star {i}", i);
        }
    }

    public static Task<IAsyncEnumerable<int>> NumbersAsync(int to) => Task.FromResult(Count(to));

    public static async ValueTask<IAsyncEnumerable<string?>> Maybe()
    {
        await Task.Yield();
        return Yes();
    }

    public static async IAsyncEnumerable<int> Broken(int after)
    {
        await Task.Yield();
        if (after < 0) throw new InvalidOperationException("secret");
        for (var i = 0; i < after; i++) yield return i;
        throw new GraphQLException("The sky fell.", "SKY");
    }

    public static IAsyncEnumerable<int> Refused() => throw new GraphQLException("No telescope.");

    private static async IAsyncEnumerable<int> Count(int to)
    {
        await Task.Yield();
        for (var i = 0; i < to; i++) yield return i;
    }

    private static async IAsyncEnumerable<string?> Yes()
    {
        await Task.Yield();
        yield return null;
        yield return "yes";
    }
}

[GraphQLName("Star")]
public sealed record StarSight(string Name, int Magnitude)
{
    public int Light => Magnitude == 1 ? throw new GraphQLException("Too bright.") : Magnitude;
}
