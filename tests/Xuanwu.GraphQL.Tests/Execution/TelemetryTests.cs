using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Tests.Execution;

public sealed class TelemetryTests
{
    [Fact]
    public async Task An_operation_and_its_resolvers_are_spans()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var test = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = it => it.Name == "Xuanwu.GraphQL",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var engine = new GraphQLEngine(Sample.Schema, new EngineOptions { TraceResolvers = true });

        await engine.AskAsync("query Slow { plans(first: 2) { nodes { name slow } } }");
        await engine.AskAsync("{ nope }");

        var mine = spans.Where(it => it.TraceId == test.TraceId).ToList();
        var operation = Assert.Single(mine, it => it.DisplayName == "query Slow");
        Assert.Equal("query", operation.GetTagItem("graphql.operation.type"));
        Assert.Equal("Slow", operation.GetTagItem("graphql.operation.name"));
        var resolvers = mine.Where(it => it.OperationName == "GraphQL Resolver").ToList();
        Assert.Equal(
            ["plans", "plans.nodes.0.slow", "plans.nodes.1.slow"],
            resolvers.Select(it => (string)it.GetTagItem("graphql.field.path")!).Order(StringComparer.Ordinal));
        Assert.All(resolvers, it => Assert.True(it.IsStopped));
        var refused = Assert.Single(mine, it => "refused".Equals(it.GetTagItem("error.type")));
        Assert.Equal(ActivityStatusCode.Error, refused.Status);
    }

    [Fact]
    public async Task The_time_of_requests_is_measured_by_their_type_and_fate()
    {
        var measured = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, it) =>
            {
                if (instrument is { Meter.Name: "Xuanwu.GraphQL", Name: "graphql.server.request.duration" })
                {
                    it.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) =>
            measured.Enqueue($"{tags[0].Value} {tags[1].Value} {seconds >= 0}"));
        listener.Start();
        var engine = new GraphQLEngine(Sample.Schema);

        await engine.AskAsync("{ __typename }");
        await engine.AskAsync("{ plan(id: \"x\") { name } }");
        await engine.AskAsync("{");

        Assert.Contains("query  True", measured);
        Assert.Contains("query field True", measured);
        Assert.Contains("unknown refused True", measured);
    }
}
