using System.Collections.Concurrent;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Execution;

public sealed class LoaderTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(Wait.None)]
    [InlineData(Wait.Yield)]
    [InlineData(Wait.Thread)]
    public async Task Three_nested_levels_are_three_batches(Wait wait)
    {
        var shelf = new Shelf { Wait = wait };

        var answer = await shelf.AskAsync("{ items { next { next { next { id } } } } }");

        Assert.Contains("""{"next":{"next":{"next":{"id":3049}}}}""", answer, StringComparison.Ordinal);
        Assert.Equal([50, 50, 50], shelf.Batches);
    }

    [Theory]
    [InlineData(Wait.None)]
    [InlineData(Wait.Thread)]
    public async Task Resolvers_that_wait_before_and_after_a_load_are_batched_too(Wait wait)
    {
        var shelf = new Shelf { Wait = wait };

        var answer = await shelf.AskAsync("{ items { far { far { id } } } }");

        // far is two loads, one after the other, in one resolver.
        Assert.Contains("""{"far":{"far":{"id":2049}}}""", answer, StringComparison.Ordinal);
        Assert.Equal([50, 50, 50, 50], shelf.Batches);
    }

    [Fact]
    public async Task A_key_is_loaded_once_per_request_and_again_by_the_next()
    {
        var shelf = new Shelf();

        await shelf.AskAsync("{ items { a: same { id } b: same { id next { id } } } }");
        Assert.Equal([1, 1], shelf.Batches);
        await shelf.AskAsync("{ items { same { id } } }");
        Assert.Equal([1, 1, 1], shelf.Batches);
    }

    [Fact]
    public async Task A_batch_is_bounded()
    {
        var shelf = new Shelf(maxBatch: 20);

        await shelf.AskAsync("{ items { next { id } } }");

        Assert.Equal([10, 20, 20], shelf.Batches.Order());
    }

    [Fact]
    public async Task A_key_that_fails_fails_its_field_alone()
    {
        var shelf = new Shelf { Fails = it => it == 3 };

        var answer = await shelf.AskAsync("{ items { next { id } } }");

        Assert.Contains("\"message\":\"No 3.\"", answer, StringComparison.Ordinal);
        Assert.Contains("\"path\":[\"items\",3,\"next\"]", answer, StringComparison.Ordinal);
        Assert.Contains("""{"next":{"id":1002}},{"next":null},{"next":{"id":1004}}""", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_fails_fails_all_its_keys()
    {
        var shelf = new Shelf { Breaks = true };

        var answer = await shelf.AskAsync("{ items { next { id } } }");

        Assert.Equal(50, answer.Split("\"message\":\"Broken.\"").Length - 1);
    }

    [Fact]
    public async Task A_key_that_nobody_sets_has_no_value()
    {
        var shelf = new Shelf { Lacks = it => it == 0 };

        Assert.StartsWith(
            """{"data":{"items":[{"next":null},{"next":{"id":1001}}""",
            await shelf.AskAsync("{ items { next { id } } }"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutations_load_too_and_see_what_earlier_fields_have_done()
    {
        var shelf = new Shelf();

        var answer = await shelf.AskAsync(
            "mutation { a: raise { same { version } } b: raise { same { version } } }");

        Assert.Equal("""{"data":{"a":{"same":{"version":1}},"b":{"same":{"version":2}}}}""", answer);
    }

    [Fact]
    public async Task Keys_that_other_threads_ask_for_while_the_run_waits_are_loaded()
    {
        var shelf = new Shelf();

        var answer = await shelf.AskAsync("{ items { late { id } } }").WaitAsync(Limit);

        Assert.Contains("""{"late":{"id":1049}}""", answer, StringComparison.Ordinal);
        Assert.Equal(50, shelf.Batches.Sum());
    }

    [Fact]
    public async Task Without_a_run_a_key_is_loaded_at_once()
    {
        var shelf = new Shelf();

        Assert.Equal(1007, (await shelf.Loader.LoadAsync(new RequestContext(), 7).WaitAsync(Limit))!.Id);
    }

    [Fact]
    public async Task A_request_that_is_given_up_leaves_nobody_waiting()
    {
        var shelf = new Shelf { Hangs = true };
        var engine = new GraphQLEngine(shelf.Schema, new EngineOptions { Timeout = TimeSpan.FromMilliseconds(50) });

        Assert.Contains("HC0045", await engine.AskAsync("{ items { next { id } } }").WaitAsync(Limit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_requests_at_once_neither_mix_nor_lock()
    {
        var shelf = new Shelf { Wait = Wait.Thread };
        var engine = new GraphQLEngine(shelf.Schema);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(
            () => engine.AskAsync("{ items { far { next { far { id } } } } }")))).WaitAsync(Limit);

        Assert.Single(answers.Distinct());
        Assert.Equal(50 * 5, shelf.Batches.Count);
    }

    public enum Wait
    {
        None,
        Yield,
        Thread,
    }

    private sealed record Book(int Id, int Version);

    // Books by number; each names others. Every batch's size is written down.
    private sealed class Shelf
    {
        private int version;

        public Shelf(int maxBatch = 1000)
        {
            Loader = new Loader<int, Book>(LoadAsync, maxBatch);
            Schema = SdlSchema.Build(
                """
                type Query { items: [Book] }
                type Mutation { raise: Book }
                type Book { id: Int version: Int next: Book far: Book same: Book late: Book }
                """,
                new SdlResolvers { Resolve = Resolve });
        }

        public Loader<int, Book> Loader { get; }

        public Schema Schema { get; }

        public Wait Wait { get; init; }

        public bool Breaks { get; init; }

        public bool Hangs { get; init; }

        public Func<int, bool> Fails { get; init; } = _ => false;

        public Func<int, bool> Lacks { get; init; } = _ => false;

        public ConcurrentQueue<int> Batches { get; } = [];

        // Away from the test's own scheduler, as a server runs it.
        public Task<string> AskAsync(string query) => Task.Run(() => Schema.AskAsync(query)).WaitAsync(Limit);

        private object? Resolve(FieldCall call) => call.Field.Name switch
        {
            "items" => Enumerable.Range(0, 50).Select(it => new Book(it, 0)),
            "raise" => new Book(0, ++version),
            "id" => ((Book)call.Source).Id,
            "version" => ((Book)call.Source).Version,
            "next" => Of(Loader.LoadAsync(call.Request, ((Book)call.Source).Id)),
            "same" => Of(Loader.LoadAsync(call.Request, 99)),
            "late" => LateAsync(call.Request, ((Book)call.Source).Id),
            _ => FarAsync(call.Request, ((Book)call.Source).Id),
        };

        private static async Task<object?> Of(Task<Book?> loading) => await loading;

        private async Task<object?> FarAsync(RequestContext request, int id)
        {
            var first = await Loader.LoadAsync(request, id + 1_000_000);
            return await Loader.LoadAsync(request, first!.Id - 1_001_000);
        }

        private async Task<object?> LateAsync(RequestContext request, int id)
        {
            await Task.Run(() => { });
            return await Loader.LoadAsync(request, id);
        }

        private async Task LoadAsync(LoaderBatch<int, Book> batch, RequestContext request)
        {
            Batches.Enqueue(batch.Keys.Count);
            if (Wait == Wait.Yield) await Task.Yield();
            if (Wait == Wait.Thread) await Task.Run(() => Thread.SpinWait(20_000));
            if (Hangs) await new TaskCompletionSource().Task.WaitAsync(request.Cancellation);
            if (Breaks) throw new GraphQLException("Broken.");
            foreach (var key in batch.Keys)
            {
                if (Fails(key)) batch.Fail(key, new GraphQLException($"No {key}."));
                else if (!Lacks(key)) batch.Set(key, new Book(key + 1000, version));
            }
        }
    }
}
