using System.Diagnostics;
using System.Diagnostics.Metrics;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Execution;

// Spans and metrics with the names of OpenTelemetry's semantic conventions for GraphQL. When nobody listens, a request
// costs two reads of a flag.
internal static class Telemetry
{
    public const string Name = "Xuanwu.GraphQL";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "graphql.server.request.duration", "s", "Time from a request's document to its response.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
        });

    private static readonly UpDownCounter<long> Active = Meter.CreateUpDownCounter<long>(
        "graphql.server.active_requests", "{request}", "Requests being executed.");

    public static bool IsListening => Source.HasListeners() || Duration.Enabled || Active.Enabled;

    public static Observation Begin(GraphQLRequest request) => new(request);

    /// <summary>One request while somebody listens.</summary>
    public readonly struct Observation
    {
        private readonly Activity? span;
        private readonly long started = Stopwatch.GetTimestamp();

        public Observation(GraphQLRequest request)
        {
            span = Source.StartActivity("GraphQL Operation", ActivityKind.Server);
            if (span is { IsAllDataRequested: true } && request.OperationName is { } name)
            {
                span.SetTag("graphql.operation.name", name);
            }

            Active.Add(1);
        }

        public void End(RequestContext context, ExecutionOutcome? outcome)
        {
            var type = context.Operation is { } kind ? OperationKinds.Keyword(kind) : null;
            var error = outcome switch
            {
                ExecutionOutcome.Executed => context.Errors > 0 ? "field" : null,
                null => "cancelled",
                _ => outcome.ToString()!.ToLowerInvariant(),
            };
            Active.Add(-1);
            if (Duration.Enabled)
            {
                Duration.Record(
                    Stopwatch.GetElapsedTime(started).TotalSeconds,
                    new KeyValuePair<string, object?>("graphql.operation.type", type ?? "unknown"),
                    new KeyValuePair<string, object?>("error.type", error));
            }

            if (span is null) return;
            if (type is not null)
            {
                span.DisplayName = context.OperationName is { } name ? $"{type} {name}" : type;
                span.SetTag("graphql.operation.type", type);
                if (context.OperationName is not null) span.SetTag("graphql.operation.name", context.OperationName);
            }

            if (error is not null)
            {
                span.SetTag("error.type", error);
                span.SetStatus(ActivityStatusCode.Error);
            }

            span.Dispose();
        }
    }
}

/// <summary>
/// A span for each call of a resolver. One that waits hands its span to <see cref="Executor.Defer"/>, which ends it
/// when the value has come.
/// </summary>
internal sealed class TracedRunner(FieldRunner inner) : FieldRunner
{
    public override bool Run(Executor executor, FieldPlan plan, object source)
    {
        if (!Telemetry.Source.HasListeners()) return inner.Run(executor, plan, source);
        var span = Telemetry.Source.StartActivity("GraphQL Resolver");
        if (span is null) return inner.Run(executor, plan, source);
        span.DisplayName = $"{plan.Owner.Type.Name}.{plan.Field.Name}";
        span.SetTag("graphql.field.name", plan.Field.Name);
        span.SetTag("graphql.field.parent_type", plan.Owner.Type.Name);
        span.SetTag("graphql.field.path", executor.PathText());
        executor.Tracing = span;
        try
        {
            return inner.Run(executor, plan, source);
        }
        catch (Exception thrown)
        {
            span.SetStatus(ActivityStatusCode.Error);
            span.SetTag("error.type", thrown.GetType().FullName);
            throw;
        }
        finally
        {
            executor.Tracing = null;
            if (!ReferenceEquals(executor.Waiting, span)) span.Dispose();
        }
    }
}
