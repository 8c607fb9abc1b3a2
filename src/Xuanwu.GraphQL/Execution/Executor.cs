using System.Diagnostics;
using System.Threading.Channels;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// One run of one operation.
//
// The response is written while the fields are resolved, depth first, on one logical thread. A field whose value is
// not there yet leaves a hole in the text and the writing goes on, so everything that can be started is started
// before anything is waited for. When a value arrives it is queued; the run takes it from the queue, writes it into a
// chunk of its own (which may have holes again), and the chunks are put together at the end. There are no locks:
// nothing but the queue is touched from other threads.
//
// A null in a non-null place spreads to the nearest nullable value around it. While that value is being written, the
// text is cut back to its start. When it has been written already (the null came late, through a hole), its text is
// covered by an edit. Frames on the scope stack are the nullable values being written; they become NullScope objects
// only when a hole needs them.
internal sealed partial class Executor : IDisposable
{
    private const int MaxPath = 4096;
    private static readonly object LoadersWait = new();

    private readonly OperationPlan plan;
    private readonly EngineOptions options;
    private readonly IReadOnlyList<object> start;
    private object?[]?[] bound;
    private readonly Chunk root = new();
    private PathEntry[] path = new PathEntry[4];
    private Frame[] scopes = new Frame[4];
    private Chunk chunk;
    private int pathDepth;
    private List<GraphQLError>? errors;
    private Channel<object>? arrived; // see Drain
    private int pending;

    public Executor(
        OperationPlan plan,
        VariableValues variables,
        RequestContext request,
        EngineOptions options,
        IReadOnlyList<object>? start = null)
    {
        this.start = start ?? [];
        this.plan = plan;
        this.options = options;
        Variables = variables;
        Request = request;
        request.Run = this;
        bound = plan.Compiler.ArgumentSlots == 0 ? [] : new object?[]?[plan.Compiler.ArgumentSlots];
        chunk = root;
        Out = root.Json;
    }

    /// <summary>The text being written.</summary>
    public JsonBuffer Out { get; private set; }

    public RequestContext Request { get; }

    public VariableValues Variables { get; }

    public Schema Schema => plan.Schema;

    public int ScopeDepth { get; private set; }

    public IReadOnlyList<GraphQLError> Errors => errors ?? (IReadOnlyList<GraphQLError>)[];

    /// <summary>The value of <c>data</c>, complete once <see cref="RunAsync"/> is.</summary>
    public Chunk Data => root;

    public void Dispose()
    {
        Request.GivenLoads?.Cancel();
        root.Dispose();
    }

    /// <summary>Runs the operation. Done at once when no value had to be waited for.</summary>
    public ValueTask RunAsync(object source)
    {
        PushScope();
        if (plan.Kind == OperationKind.Mutation) return new ValueTask(RunSerially(source));

        if (!plan.Root.Execute(this, source)) TakeBack();
        else PopScope();
        return pending == 0 ? ValueTask.CompletedTask : new ValueTask(Drain());
    }

    /// <summary>Runs a part that was left for later. Its data is null when it fails as a whole.</summary>
    public async Task RunPartAsync(SelectionPlan part, object source)
    {
        PushScope();
        if (!part.Execute(this, source)) TakeBack();
        else PopScope();
        if (pending > 0) await Drain();
    }

    /// <summary>The field's arguments, bound to what its resolver takes.</summary>
    public object?[] Arguments(FieldPlan field)
    {
        if (field.Arguments is { } constant) return constant;
        if (field.ArgumentSlot >= bound.Length) Array.Resize(ref bound, field.ArgumentSlot + 8);
        return bound[field.ArgumentSlot] ??= ArgumentBinder.Bind(field, Variables);
    }

    // Root fields of a mutation: each is complete, with all that is below it, before the next starts.
    private async Task RunSerially(object source)
    {
        var fields = plan.Root.Fields;
        var alive = true;
        var depth = PushPath();
        if (fields.Length == 0) Out.Raw("{"u8);
        for (var i = 0; i < fields.Length && alive; i++)
        {
            alive = RunRoot(depth, fields[i], source);
            if (pending > 0)
            {
                // Nothing else runs, so the rest of the state may be used for what arrives.
                var scope = Materialise();
                scope.End = Out.Length;
                await Drain();
                alive &= !scope.IsDead;
                Resume(scope, depth, fields[i]);
            }

            Request.GivenLoads?.Forget(); // the next field is to see what this one has done
        }

        PopPath(depth);
        if (!alive)
        {
            root.Truncate(0);
            Out.Null();
            return;
        }

        Out.Byte((byte)'}');
    }

    private bool RunRoot(int depth, FieldPlan field, object source)
    {
        var scopesBefore = ScopeDepth;
        At(depth, field);
        Out.Raw(field.Prefix);
        var started = Out.Length;
        try
        {
            return field.Runner.Run(this, field, source);
        }
        catch (Exception thrown) when (!IsOver(thrown))
        {
            Unwind(depth, scopesBefore, started);
            return Fail(field, thrown);
        }
    }

    private void Resume(NullScope scope, int depth, FieldPlan field)
    {
        chunk = root;
        Out = root.Json;
        scopes[0] = new Frame { Scope = scope };
        ScopeDepth = 1;
        pathDepth = depth + 1;
        At(depth, field);
    }

    // Takes what has arrived, in order: a value of a field, which is written; a batch of a loader, whose values are
    // given out, here, so that all they let go on arrives before the next look; or word that keys wait. Only when
    // nothing has arrived, and so nothing of the request can run, are the waiting keys loaded.
    private async Task Drain()
    {
        var reader = Arrived().Reader;
        while (pending > 0)
        {
            if (!reader.TryRead(out var arrival))
            {
                if (Request.GivenLoads?.Start(Request, Arrive) == true) continue;
                arrival = await reader.ReadAsync(Request.Cancellation);
            }

            switch (arrival)
            {
                case Deferred deferred:
                    pending--;
                    if (!deferred.Scope.IsDead) Fill(deferred);
                    break;
                case LoadedBatch batch:
                    batch.Complete();
                    break;
            }
        }
    }

    /// <summary>Keys wait to be loaded; from any thread.</summary>
    public void LookAtLoaders() => Arrive(LoadersWait);

    private void Arrive(object it) => Arrived().Writer.TryWrite(it);

    private Channel<object> Arrived()
    {
        if (Volatile.Read(ref arrived) is { } known) return known;
        var made = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
        return Interlocked.CompareExchange(ref arrived, made, null) ?? made;
    }

    private void Fill(Deferred it)
    {
        chunk = it.Chunk;
        Out = chunk.Json;
        if (path.Length < it.Path.Length) Array.Resize(ref path, it.Path.Length * 2);
        it.Path.CopyTo(path, 0);
        pathDepth = it.Path.Length;
        scopes[0] = new Frame { Scope = it.Scope };
        ScopeDepth = 1;
        bool written;
        try
        {
            written = it.Value.Write(this, it.Plan);
        }
        catch (Exception thrown) when (!IsOver(thrown))
        {
            Unwind(it.Path.Length - 1, 1, 0);
            written = Fail(it.Plan, thrown);
        }

        if (!written) it.Scope.Nullify();
    }

    /// <summary>The span of the resolver that is being called, while resolvers are traced.</summary>
    public Activity? Tracing { get; set; }

    /// <summary>The span of the resolver that was found to wait last.</summary>
    public Activity? Waiting { get; private set; }

    /// <summary>Leaves a hole for the current field's value and goes on.</summary>
    public void Defer(Awaited value, FieldPlan field)
    {
        var filling = new Chunk();
        var deferred = new Deferred(value, field, filling, path[..pathDepth], Materialise());
        chunk.Hole(filling);
        pending++;
        var writer = Arrived().Writer;
        if (Tracing is { } span)
        {
            (Waiting, Tracing) = (span, null);
            value.OnCompleted(() =>
            {
                span.Dispose();
                writer.TryWrite(deferred);
            });
            return;
        }

        value.OnCompleted(() => writer.TryWrite(deferred));
    }
}
