using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;
using Xuanwu.GraphQL.Validation;

namespace Xuanwu.GraphQL.Execution;

/// <summary>
/// Runs requests against a schema: parse, validate, plan (all three once per document), coerce variables, execute.
/// One engine serves any number of requests at once.
/// </summary>
public sealed partial class GraphQLEngine
{
    private const int MaxPooledTimers = 64;
    private static readonly object RootSource = new();

    private readonly EngineOptions options;
    private readonly DocumentCache cache;
    private readonly PersistedDocuments persisted;
    private readonly SemaphoreSlim eventSlots;
    private int inFlight;
    private readonly ConcurrentQueue<CancellationTokenSource> timers = [];

    /// <summary>An engine with limits of its own and an empty document cache.</summary>
    public GraphQLEngine(Schema schema, EngineOptions? options = null)
    {
        Schema = schema;
        this.options = options ?? new EngineOptions();
        cache = new DocumentCache(this.options.DocumentCacheBytes);
        persisted = new PersistedDocuments(this.options.PersistedDocumentBytes);
        eventSlots = new SemaphoreSlim(this.options.MaxConcurrentRequests);
    }

    /// <summary>What clients can ask for.</summary>
    public Schema Schema { get; }

    /// <summary>Value that root fields see as their parent; an empty object unless set.</summary>
    public object Root { get; init; } = RootSource;

    /// <summary>Errors of a document, without running it; empty when it can be run.</summary>
    public IReadOnlyList<GraphQLError> Validate(ReadOnlyMemory<byte> document)
    {
        try
        {
            return Prepare(document, out var errors) is null ? errors : [];
        }
        catch (GraphQLException refused)
        {
            return [refused.Error];
        }
    }

    /// <summary>
    /// Runs a request and writes its response as UTF-8 JSON. Everything that is wrong with the request or with its
    /// fields is in the response. Throws <see cref="OperationCanceledException"/> when the client has gone.
    /// </summary>
    public ValueTask<ExecutionOutcome> ExecuteAsync(
        GraphQLRequest request,
        RequestContext context,
        IBufferWriter<byte> output,
        CancellationToken cancellationToken = default) => Telemetry.IsListening
            ? ObserveAsync(request, context, output, cancellationToken)
            : PlanAndRunAsync(request, context, output, cancellationToken);

    private async ValueTask<ExecutionOutcome> ObserveAsync(
        GraphQLRequest request,
        RequestContext context,
        IBufferWriter<byte> output,
        CancellationToken cancellationToken)
    {
        var observation = Telemetry.Begin(request);
        ExecutionOutcome? outcome = null;
        try
        {
            outcome = await PlanAndRunAsync(request, context, output, cancellationToken);
            return outcome.Value;
        }
        finally
        {
            observation.End(context, outcome);
        }
    }

    private ValueTask<ExecutionOutcome> PlanAndRunAsync(
        GraphQLRequest request,
        RequestContext context,
        IBufferWriter<byte> output,
        CancellationToken cancellationToken)
    {
        var outcome = Plan(request, context, out var plan, out var variables, out var errors);
        if (plan is { Kind: OperationKind.Subscription })
        {
            outcome = ExecutionOutcome.Refused;
            errors = [new GraphQLError("Subscriptions need a streaming connection.")
            {
                Code = ErrorCodes.UnknownOperation,
            }];
            plan = null;
        }

        if (plan is not null) return RunAsync(plan, Root, variables, context, output, cancellationToken);
        ResponseWriter.WriteErrors(output, errors);
        return ValueTask.FromResult(outcome);
    }

    // What is to be run; no plan when the request is refused, and why.
    private ExecutionOutcome Plan(
        GraphQLRequest request,
        RequestContext context,
        out OperationPlan? plan,
        out VariableValues variables,
        out IReadOnlyList<GraphQLError> errors)
    {
        plan = null;
        variables = VariableValues.None;
        errors = [];
        try
        {
            var text = Text(request);
            var document = cache.Find(text) ?? Prepare(text, out errors);
            if (document is null) return ExecutionOutcome.Refused;
            if (request.DocumentId is { } id && !request.Document.IsEmpty) persisted.Remember(id, text);
            var operation = document.Operation(request.OperationName);
            context.Operation = operation.Definition.Kind;
            context.OperationName = operation.Definition.Name?.Value;
            if (request.QueriesOnly && operation.Definition.Kind == OperationKind.Mutation)
            {
                errors = [new GraphQLError("Only queries may be sent this way.")
                {
                    Code = ErrorCodes.MethodNotAllowed,
                }];
                return ExecutionOutcome.NotAQuery;
            }

            variables = Coerce(operation, request.Variables, document.Document, out var faults);
            if (faults is null)
            {
                CheckCost(operation, variables, request, context);
                plan = operation.Plan(variables, request.AcceptsParts);
            }
            else
            {
                errors = faults;
            }
        }
        catch (GraphQLException refused)
        {
            errors = [refused.Error];
        }

        return plan is null ? ExecutionOutcome.Refused : ExecutionOutcome.Executed;
    }

    private ReadOnlyMemory<byte> Text(GraphQLRequest request)
    {
        if (options.TrustedDocuments is { } trusted) return trusted.Resolve(request);
        if (request.DocumentId is null) return request.Document;
        if (options.PersistedDocumentBytes > 0) return persisted.Resolve(request);
        throw new GraphQLException("PersistedQueryNotSupported", ErrorCodes.PersistedQueryNotFound);
    }

    private void CheckCost(
        PreparedOperation operation, VariableValues variables, GraphQLRequest request, RequestContext context)
    {
        var cost = operation.Cost.With(variables);
        if (request.ReportCost)
        {
            context.Extensions["cost"] = new Dictionary<string, object?>
            {
                ["fields"] = (long)cost,
                ["limit"] = (long)options.MaxCost,
            };
        }

        if (cost <= options.MaxCost) return;
        throw new GraphQLException(
            $"The operation asks for up to {cost:N0} values, and {options.MaxCost:N0} are allowed. "
                + "Ask for fewer items with `first` or `last`, or for fewer fields.",
            ErrorCodes.TooCostly);
    }

    private PreparedDocument? Prepare(ReadOnlyMemory<byte> text, out IReadOnlyList<GraphQLError> errors)
    {
        // The caller's bytes may be reused; a document is kept.
        var document = Parser.Parse(text.ToArray(), options.Parser);
        errors = DocumentValidator.Validate(Schema, document, options);
        if (errors.Count > 0) return null;
        var prepared = new PreparedDocument(Schema, document, options);
        cache.Add(prepared);
        return prepared;
    }

    private static VariableValues Coerce(
        PreparedOperation operation, JsonElement json, Document document, out List<GraphQLError>? errors)
    {
        errors = null;
        var plans = operation.Variables;
        if (plans.Length == 0) return VariableValues.None;
        var values = new VariableValues(plans);
        for (var i = 0; i < plans.Length; i++)
        {
            var plan = plans[i];
            if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(plan.Name, out var given))
            {
                var faults = new List<GraphQLError>();
                values.Set(i, InputCoercion.Json(given, plan.Type, plan.Name, "", faults));
                if (faults.Count == 0) continue;
                var at = document.Source.Locate(plan.Definition.Start);
                (errors ??= []).AddRange(faults.Select(it => it with { Locations = [at] }));
            }
            else if (plan.Definition.DefaultValue is not null)
            {
                values.Set(i, plan.Default);
            }
            else if (plan.Type.IsNonNull)
            {
                (errors ??= []).Add(new GraphQLError(
                    $"Variable \"${plan.Name}\" of required type \"{plan.Type}\" was not provided.")
                {
                    Code = ErrorCodes.InvalidVariable,
                    Locations = [document.Source.Locate(plan.Definition.Start)],
                });
            }
        }

        return values;
    }

    private ValueTask<ExecutionOutcome> RunAsync(
        OperationPlan plan,
        object source,
        VariableValues variables,
        RequestContext context,
        IBufferWriter<byte> output,
        CancellationToken cancellationToken,
        bool isEvent = false)
    {
        if (!isEvent && Interlocked.Increment(ref inFlight) > options.MaxConcurrentRequests)
        {
            Interlocked.Decrement(ref inFlight);
            ResponseWriter.WriteErrors(output, [new GraphQLError(
                $"{options.MaxConcurrentRequests} operations are running, which is the limit; try again soon.")
            {
                Code = ErrorCodes.Busy,
            }]);
            return ValueTask.FromResult(ExecutionOutcome.Busy);
        }

        var run = new Run(this, context, new Executor(plan, variables, context, options), isEvent, cancellationToken);
        ValueTask running;
        try
        {
            running = run.Executor.RunAsync(source);
        }
        catch (OperationCanceledException thrown)
        {
            running = ValueTask.FromException(thrown);
        }

        if (!running.IsCompletedSuccessfully) return run.FinishAsync(running, output);
        context.Errors = run.Executor.Errors.Count;
        ResponseWriter.WriteData(output, run.Executor.Data, run.Executor.Errors, context.GivenExtensions);
        run.Dispose();
        return ValueTask.FromResult(ExecutionOutcome.Executed);
    }

    // The life of one execution: its timer, its token and its buffers.
    private sealed class Run : IDisposable
    {
        private readonly GraphQLEngine engine;
        private readonly CancellationToken client;
        private readonly RequestContext context;
        private readonly CancellationTokenSource timer;
        private readonly CancellationTokenRegistration link;
        private readonly bool isEvent;

        public Run(
            GraphQLEngine engine,
            RequestContext context,
            Executor executor,
            bool isEvent,
            CancellationToken client)
        {
            this.engine = engine;
            this.isEvent = isEvent;
            this.client = client;
            this.context = context;
            Executor = executor;
            timer = engine.timers.TryDequeue(out var pooled) ? pooled : new CancellationTokenSource();
            timer.CancelAfter(engine.options.Timeout);
            if (client.CanBeCanceled)
            {
                link = client.UnsafeRegister(static it => ((CancellationTokenSource)it!).Cancel(), timer);
            }

            context.Cancellation = timer.Token;
        }

        public Executor Executor { get; }

        public async ValueTask<ExecutionOutcome> FinishAsync(ValueTask running, IBufferWriter<byte> output)
        {
            try
            {
                await running;
                context.Errors = Executor.Errors.Count;
                ResponseWriter.WriteData(output, Executor.Data, Executor.Errors, context.GivenExtensions);
                return ExecutionOutcome.Executed;
            }
            catch (OperationCanceledException) when (timer.IsCancellationRequested && !client.IsCancellationRequested)
            {
                ResponseWriter.WriteErrors(output, [new GraphQLError(
                    $"The request exceeded the time limit of {engine.options.Timeout.TotalSeconds:0.###} seconds.")
                {
                    Code = ErrorCodes.Timeout,
                }]);
                return ExecutionOutcome.TimedOut;
            }
            finally
            {
                Dispose();
            }
        }

        public void Dispose()
        {
            if (!isEvent) Interlocked.Decrement(ref engine.inFlight);
            link.Dispose();
            Executor.Dispose();
            if (engine.timers.Count < MaxPooledTimers && timer.TryReset()) engine.timers.Enqueue(timer);
            else timer.Dispose();
        }
    }
}
