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
    private readonly ConcurrentQueue<CancellationTokenSource> timers = [];

    /// <summary>An engine with limits of its own and an empty document cache.</summary>
    public GraphQLEngine(Schema schema, EngineOptions? options = null)
    {
        Schema = schema;
        this.options = options ?? new EngineOptions();
        cache = new DocumentCache(this.options.DocumentCacheBytes);
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
        CancellationToken cancellationToken = default)
    {
        var outcome = Plan(request, out var plan, out var variables, out var errors);
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
        out OperationPlan? plan,
        out VariableValues variables,
        out IReadOnlyList<GraphQLError> errors)
    {
        plan = null;
        variables = VariableValues.None;
        errors = [];
        try
        {
            var document = cache.Find(request.Document) ?? Prepare(request.Document, out errors);
            if (document is null) return ExecutionOutcome.Refused;
            var operation = document.Operation(request.OperationName);
            if (request.QueriesOnly && operation.Definition.Kind == OperationKind.Mutation)
            {
                errors = [new GraphQLError("Only queries may be sent this way.")
                {
                    Code = ErrorCodes.MethodNotAllowed,
                }];
                return ExecutionOutcome.NotAQuery;
            }

            variables = Coerce(operation, request.Variables, document.Document, out var faults);
            if (faults is null) plan = operation.Plan(variables);
            else errors = faults;
        }
        catch (GraphQLException refused)
        {
            errors = [refused.Error];
        }

        return plan is null ? ExecutionOutcome.Refused : ExecutionOutcome.Executed;
    }

    private PreparedDocument? Prepare(ReadOnlyMemory<byte> text, out IReadOnlyList<GraphQLError> errors)
    {
        // The caller's bytes may be reused; a document is kept.
        var document = Parser.Parse(text.ToArray(), options.Parser);
        errors = DocumentValidator.Validate(Schema, document, options);
        if (errors.Count > 0) return null;
        var prepared = new PreparedDocument(Schema, document);
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
        CancellationToken cancellationToken)
    {
        var run = new Run(this, context, new Executor(plan, variables, context, options), cancellationToken);
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
        ResponseWriter.WriteData(output, run.Executor.Data, run.Executor.Errors);
        run.Dispose();
        return ValueTask.FromResult(ExecutionOutcome.Executed);
    }

    // The life of one execution: its timer, its token and its buffers.
    private sealed class Run : IDisposable
    {
        private readonly GraphQLEngine engine;
        private readonly CancellationToken client;
        private readonly CancellationTokenSource timer;
        private readonly CancellationTokenRegistration link;

        public Run(GraphQLEngine engine, RequestContext context, Executor executor, CancellationToken client)
        {
            this.engine = engine;
            this.client = client;
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
                ResponseWriter.WriteData(output, Executor.Data, Executor.Errors);
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
            link.Dispose();
            Executor.Dispose();
            if (engine.timers.Count < MaxPooledTimers && timer.TryReset()) engine.timers.Enqueue(timer);
            else timer.Dispose();
        }
    }
}
