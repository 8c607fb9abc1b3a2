using System.Buffers;
using System.Text;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Execution;

public sealed class ExecutorTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Query_fields_all_start_before_any_is_waited_for()
    {
        var started = new CountdownEvent(3);
        var schema = Schema("type Query { a: Int b: Int c: Int }", async _ =>
        {
            started.Signal();
            await Task.Run(() => Assert.True(started.Wait(Limit)));
            return 1;
        });

        Assert.Equal("""{"data":{"a":1,"b":1,"c":1}}""", await schema.AskAsync("{ a b c }").WaitAsync(Limit));
    }

    [Fact]
    public async Task Values_of_all_items_of_a_list_start_before_any_is_waited_for()
    {
        var started = new CountdownEvent(3);
        var schema = SdlSchema.Build("type Query { items: [Item] } type Item { late: Int }", new SdlResolvers
        {
            Resolve = call => call.Field.Name == "items" ? new object[] { 1, 2, 3 } : Late(call.Source),
        });

        var answer = await schema.AskAsync("{ items { late } }").WaitAsync(Limit);

        Assert.Equal("""{"data":{"items":[{"late":1},{"late":2},{"late":3}]}}""", answer);

        async Task<object?> Late(object it)
        {
            started.Signal();
            await Task.Run(() => Assert.True(started.Wait(Limit)));
            return it;
        }
    }

    [Fact]
    public async Task Mutation_fields_run_one_after_another_with_all_that_is_below_them()
    {
        var log = new List<string>();
        var schema = SdlSchema.Build(
            "type Query { a: Int } type Mutation { one: Step two: Step three: Step } type Step { inner: Int }",
            new SdlResolvers { Resolve = call => Log(call.Field.Name) });

        var answer = await schema.AskAsync("mutation { two { inner } one { inner } three { inner } }").WaitAsync(Limit);

        Assert.Equal("""{"data":{"two":{"inner":1},"one":{"inner":1},"three":{"inner":1}}}""", answer);
        Assert.Equal(
            ["+two", "-two", "+inner", "-inner", "+one", "-one", "+inner", "-inner", "+three", "-three", "+inner", "-inner"],
            log);

        async Task<object?> Log(string name)
        {
            log.Add("+" + name);
            await Task.Yield();
            log.Add("-" + name);
            return 1;
        }
    }

    [Fact]
    public async Task After_a_non_null_mutation_field_fails_the_next_does_not_run()
    {
        var ran = new List<string>();
        var schema = Schema("type Query { a: Int } type Mutation { one: Int! two: Int }", async call =>
        {
            ran.Add(call.Field.Name);
            await Task.Yield();
            return null;
        });

        var answer = await schema.AskAsync("mutation { one two }").WaitAsync(Limit);

        Assert.EndsWith(",\"data\":null}", answer, StringComparison.Ordinal);
        Assert.Equal(["one"], ran);
    }

    [Fact]
    public async Task An_unexpected_exception_is_masked_and_handed_to_the_hook()
    {
        var seen = new List<string>();
        var schema = Schema("type Query { a: Int }", _ => throw new InvalidOperationException("secret"));
        var engine = new GraphQLEngine(schema, new EngineOptions
        {
            OnError = (thrown, path) => seen.Add($"{path}: {thrown.Message}"),
        });

        var answer = await engine.AskAsync("{ x: a }");

        Assert.Equal(
            """{"errors":[{"message":"Unexpected Execution Error","locations":[{"line":1,"column":3}],"path":["x"]}],"data":{"x":null}}""",
            answer);
        Assert.Equal(["x: secret"], seen);
    }

    [Fact]
    public async Task An_error_for_the_client_keeps_message_code_and_extensions()
    {
        var schema = Schema("type Query { a: Int }", _ => throw new GraphQLException(new GraphQLError("no \"way\"")
        {
            Code = "NO_WAY",
            Extensions = new Dictionary<string, object?> { ["retry"] = true, ["after"] = 3 },
        }));

        Assert.Equal(
            """{"errors":[{"message":"no \"way\"","locations":[{"line":1,"column":3}],"path":["a"],"extensions":{"code":"NO_WAY","retry":true,"after":3}}],"data":{"a":null}}""",
            await schema.AskAsync("{ a }"));
    }

    [Fact]
    public async Task An_operation_that_takes_too_long_is_given_up_with_an_error()
    {
        var schema = Schema("type Query { a: Int }", _ => new TaskCompletionSource<object?>().Task);
        var engine = new GraphQLEngine(schema, new EngineOptions { Timeout = TimeSpan.FromMilliseconds(30) });
        var output = new ArrayBufferWriter<byte>();

        var outcome = await engine.ExecuteAsync(new GraphQLRequest("{ a }"), new RequestContext(), output)
            .AsTask().WaitAsync(Limit);

        Assert.Equal(ExecutionOutcome.TimedOut, outcome);
        Assert.Contains("\"code\":\"HC0045\"", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_client_goes_resolvers_are_told_and_the_run_ends()
    {
        using var client = new CancellationTokenSource();
        var told = new TaskCompletionSource();
        var schema = Schema("type Query { a: Int }", async call =>
        {
            await using var registration = call.Request.Cancellation.Register(told.SetResult);
            await client.CancelAsync();
            await new TaskCompletionSource().Task.WaitAsync(call.Request.Cancellation);
            return 1;
        });
        var running = new GraphQLEngine(schema).ExecuteAsync(
            new GraphQLRequest("{ a }"), new RequestContext(), new ArrayBufferWriter<byte>(), client.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.AsTask().WaitAsync(Limit));
        await told.Task.WaitAsync(Limit);
    }

    [Fact]
    public async Task Conditions_are_decided_by_the_variables_of_each_request()
    {
        var engine = new GraphQLEngine(Schema("type Query { a: Int b: Int }", call => Task.FromResult<object?>(1)));
        const string Query = "query ($x: Boolean!, $y: Boolean = true) { a @skip(if: $x) ...F @include(if: $y) } fragment F on Query { b }";

        Assert.Equal("""{"data":{"a":1,"b":1}}""", await engine.AskAsync(Query, """{"x":false}"""));
        Assert.Equal("""{"data":{"b":1}}""", await engine.AskAsync(Query, """{"x":true}"""));
        Assert.Equal("""{"data":{}}""", await engine.AskAsync(Query, """{"x":true,"y":false}"""));
        Assert.Equal("""{"data":{"a":1}}""", await engine.AskAsync(Query, """{"x":false,"y":false}"""));
    }

    [Fact]
    public async Task A_small_cache_forgets_documents_and_answers_stay_right()
    {
        var schema = Schema("type Query { a(x: Int): Int }", call => Task.FromResult(call.Arguments["x"]));
        var engine = new GraphQLEngine(schema, new EngineOptions { DocumentCacheBytes = 40_000 });
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 200; i++)
            {
                Assert.Equal($$$"""{"data":{"a":{{{i}}}}}""", await engine.AskAsync($"{{ a(x: {i}) }}"));
            }
        }
    }

    [Fact]
    public async Task One_engine_answers_many_requests_at_once()
    {
        var schema = Schema("type Query { a(x: Int): Int b: Int! }", async call =>
        {
            await Task.Yield();
            return call.Arguments.GetValueOrDefault("x", 7);
        });
        var engine = new GraphQLEngine(schema);

        await Task.WhenAll(Enumerable.Range(0, 500).Select(async it => Assert.Equal(
            $$$"""{"data":{"a":{{{it}}},"b":7}}""",
            await engine.AskAsync("query ($x: Int) { a(x: $x) b }", $$"""{"x":{{it}}}"""))));
    }

    [Fact]
    public async Task Fields_beyond_the_limit_after_expansion_are_refused_at_once()
    {
        var document = new StringBuilder("{ ...F0 }");
        for (var i = 0; i < 60; i++)
        {
            document.Append($" fragment F{i} on Query {{ x{i}: q {{ ...F{i + 1} }} y{i}: q {{ ...F{i + 1} }} }}");
        }

        document.Append(" fragment F60 on Query { a }");
        var schema = Schema("type Query { a: Int q: Query }", _ => Task.FromResult<object?>(1));

        Assert.Contains(
            "\"code\":\"TOO_MANY_FIELDS\"", await schema.AskAsync(document.ToString()).WaitAsync(Limit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_of_fragments_deeper_than_the_limit_is_refused()
    {
        var document = new StringBuilder("{ ...F0 }");
        for (var i = 0; i < 5_000; i++) document.Append($" fragment F{i} on Query {{ q {{ ...F{i + 1} }} }}");
        document.Append(" fragment F5000 on Query { a }");
        var schema = Schema("type Query { a: Int q: Query }", _ => Task.FromResult<object?>(1));

        Assert.Contains(
            "\"code\":\"DOCUMENT_TOO_LARGE\"",
            await schema.AskAsync(document.ToString()).WaitAsync(Limit),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ a } { b }", null, "This anonymous operation must be the only defined operation.")]
    [InlineData("query A { a } query B { a }", null, "Must provide operation name if query contains multiple operations.")]
    [InlineData("query A { a } query B { a }", "C", "Unknown operation named \\\"C\\\".")]
    public async Task An_operation_that_cannot_be_chosen_is_a_request_error(string query, string? name, string message)
    {
        var engine = new GraphQLEngine(Schema("type Query { a: Int b: Int }", _ => Task.FromResult<object?>(1)));

        var answer = await engine.AskAsync(query, operation: name);

        Assert.Contains(message, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("\"data\"", answer, StringComparison.Ordinal);
    }

    private static Schema Schema(string sdl, Func<FieldCall, Task<object?>> resolve) =>
        SdlSchema.Build(sdl, new SdlResolvers { Resolve = resolve });
}
