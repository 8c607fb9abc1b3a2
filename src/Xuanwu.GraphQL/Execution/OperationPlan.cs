using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;
using Xuanwu.GraphQL.Validation;

namespace Xuanwu.GraphQL.Execution;

/// <summary>What is run: an operation with its conditions decided.</summary>
/// <param name="Defers">Whether parts of the response may come later.</param>
internal sealed record OperationPlan(
    Schema Schema, Document Document, OperationKind Kind, SelectionPlan Root, PlanCompiler Compiler, bool Defers);

// One operation of a cached document. Plans differ only by the values of the variables in @skip and @include, so they
// are kept by those values, as bits. A document with more such variables than bits is planned anew for each request.
internal sealed class PreparedOperation
{
    private const int MaxKept = 16;

    private readonly Schema schema;
    private readonly Document document;
    private readonly DocumentFragments fragments;
    private readonly List<int> conditions = [];
    private readonly Lock adding = new();
    private (ulong Bits, OperationPlan Plan)[] plans = [];
    private readonly EngineOptions options;
    private readonly bool mayDefer;
    private OperationCost? cost;

    public PreparedOperation(
        Schema schema,
        Document document,
        DocumentFragments fragments,
        OperationDefinition definition,
        ObjectType root,
        EngineOptions options)
    {
        this.options = options;
        this.schema = schema;
        this.document = document;
        this.fragments = fragments;
        Definition = definition;
        mayDefer = options.Incremental && schema.TryGetDirective(IncrementalDirectives.Defer, out _)
            && document.Source.Text.Span.IndexOf("@defer"u8) >= 0;
        RootType = root;
        Variables = [.. definition.Variables.Select(it => new VariablePlan(it, schema.Resolve(it.Type)!))];
        for (var i = 0; i < Variables.Length; i++)
        {
            // Any Boolean variable may decide a condition somewhere in the document's fragments.
            if (Variables[i].Type.Named == BuiltInScalars.Boolean && MayDecide(Variables[i].Name)) conditions.Add(i);
        }
    }

    public OperationDefinition Definition { get; }

    public ObjectType RootType { get; }

    public VariablePlan[] Variables { get; }

    /// <summary>What it costs; worked out when it is first asked for.</summary>
    public OperationCost Cost => cost ??= new OperationCost(
        schema, fragments, RootType, Definition.SelectionSet, options.AssumedListSize);

    /// <param name="values">Variables, of which conditions are decided.</param>
    /// <param name="inParts">Whether what is marked with @defer is left for later.</param>
    public OperationPlan Plan(VariableValues values, bool inParts)
    {
        ulong bits = 0;
        var defers = inParts && mayDefer;
        if (defers) bits |= 1UL << 63;
        for (var i = 0; i < conditions.Count && i < 63; i++)
        {
            if (values[conditions[i]] is true) bits |= 1UL << i;
        }

        var keepable = conditions.Count <= 63;
        if (keepable)
        {
            foreach (var (known, plan) in Volatile.Read(ref plans))
            {
                if (known == bits) return plan;
            }
        }

        var compiler = new PlanCompiler(
            schema, fragments, name => values.TryGet(name, out var it) && it is true, options.TraceResolvers, defers);
        var made = new OperationPlan(
            schema, document, Definition.Kind, compiler.Root(RootType, Definition.SelectionSet), compiler,
            defers);
        if (!keepable) return made;
        lock (adding)
        {
            if (plans.Length < MaxKept) Volatile.Write(ref plans, [.. plans, (bits, made)]);
        }

        return made;
    }

    private bool MayDecide(string variable)
    {
        foreach (var definition in document.Definitions)
        {
            if (definition is ExecutableDefinition it && Decides(it.SelectionSet, variable)) return true;
        }

        return false;
    }

    private static bool Decides(SelectionSet selections, string variable)
    {
        foreach (var selection in selections.Selections)
        {
            foreach (var directive in selection.Directives)
            {
                if (directive.Name.Value is not ("skip" or "include" or "defer")) continue;
                foreach (var argument in directive.Arguments)
                {
                    if (argument.Value is Variable it && it.Name == variable) return true;
                }
            }

            var below = selection switch
            {
                FieldNode it => it.SelectionSet,
                InlineFragment it => it.SelectionSet,
                _ => null,
            };
            if (below is not null && Decides(below, variable)) return true;
        }

        return false;
    }
}

/// <summary>A declared variable with its type found.</summary>
internal sealed class VariablePlan(VariableDefinition definition, SchemaType type)
{
    public VariableDefinition Definition { get; } = definition;

    public string Name { get; } = definition.Variable.Name;

    public SchemaType Type { get; } = type;

    public object? Default { get; } = definition.DefaultValue is { } value
        && InputCoercion.TryLiteral(value, type, null, out var coerced) ? coerced : null;
}

/// <summary>Coerced variables of one request, in the order of their declaration.</summary>
internal sealed class VariableValues(VariablePlan[] plan)
{
    public static readonly VariableValues None = new([]);

    private readonly object?[] values = plan.Length == 0 ? [] : new object?[plan.Length];
    private readonly bool[] given = plan.Length == 0 ? [] : new bool[plan.Length];

    public object? this[int index] => values[index];

    public void Set(int index, object? value)
    {
        values[index] = value;
        given[index] = true;
    }

    /// <summary>False when the variable has neither a value nor a default.</summary>
    public bool TryGet(string name, out object? value)
    {
        for (var i = 0; i < plan.Length; i++)
        {
            if (plan[i].Name != name) continue;
            value = values[i];
            return given[i];
        }

        value = null;
        return false;
    }
}
