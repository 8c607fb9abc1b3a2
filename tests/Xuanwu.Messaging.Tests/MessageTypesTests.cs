namespace Xuanwu.Messaging.Tests;

public sealed class MessageTypesTests
{
    [Theory]
    [InlineData(typeof(Work), "work")]
    [InlineData(typeof(PollRun), "poll_run")]
    [InlineData(typeof(HTTPProbe), "http_probe")]
    [InlineData(typeof(Deploy2Clusters), "deploy2_clusters")]
    [InlineData(typeof(Snake_Case), "snake_case")]
    public void A_stored_name_is_the_type_s_name_in_snake_case(Type type, string name) =>
        Assert.Equal(name, MessageTypes.StoredName(type));

    [Fact]
    public void Two_types_of_one_name_are_refused()
    {
        var types = new MessageTypes().Register<Work>();
        Assert.Contains("stored as 'work'",
            Assert.Throws<ArgumentException>(() => types.Register<Inner.Work>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_routing_table_can_be_printed() => Assert.Equal("""
        | message | type | queue | attempts | backoff | time limit |
        |---|---|---|---|---|---|
        | poll_run | PollRun | runs | unlimited | 1 s to 60 s | 0.5 s |
        | work | Work | default | 8 | 1 s to 60 s | 300 s |

        """.ReplaceLineEndings("\n"), new MessageTypes().Register<Work>()
        .Register<PollRun>("runs", RetryPolicy.Unlimited, TimeSpan.FromMilliseconds(500)).ToMarkdown());

    [Theory]
    [InlineData(1, 0.0, 500)]
    [InlineData(1, 1.0, 1000)]
    [InlineData(2, 1.0, 2000)]
    [InlineData(5, 0.0, 8000)]
    [InlineData(7, 1.0, 60000)]
    [InlineData(int.MaxValue, 0.5, 45000)]
    public void The_wait_doubles_with_each_failure_up_to_the_longest_and_is_spread(
        int failures, double random, int ms) =>
        Assert.Equal(TimeSpan.FromMilliseconds(ms), RetryPolicy.Default.Wait(failures, random));

    [Fact]
    public void A_queue_without_workers_and_a_queue_configured_twice_are_refused()
    {
        var database = new Postgres.Database("Host=nowhere");
        void Refused(params QueueOptions[] queues) => Assert.Throws<ArgumentException>(() =>
            new MessageBus(database, new MessageTypes(), new MessageBusOptions { Queues = queues }));
        Refused(new QueueOptions("a", 0));
        Refused(new QueueOptions("a", 1), new QueueOptions("a", 2));
    }

    private sealed record PollRun;

    private sealed record HTTPProbe;

    private sealed record Deploy2Clusters;

    private sealed record Snake_Case;

    private static class Inner
    {
        public sealed record Work;
    }
}
