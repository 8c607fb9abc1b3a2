using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation;

// Fields and nesting of a document after its fragments are expanded. Fragments multiply: ten that spread each other
// twice are a thousand fields. So sizes are computed per fragment, once, from the innermost outwards, and whatever
// comes later may rely on the limits. Cycles count as nothing here; NoFragmentCycles refuses them.
internal sealed class DocumentLimits
{
    private readonly DocumentFragments fragments;
    private readonly Dictionary<FragmentDefinition, Extent> known = [];

    private DocumentLimits(Document document) => fragments = new DocumentFragments(document);

    /// <summary>What to tell the client when an operation is too large; null when none is.</summary>
    public static GraphQLError? Check(Document document, EngineOptions options)
    {
        var limits = new DocumentLimits(document);
        foreach (var definition in document.Definitions)
        {
            if (definition is not ExecutableDefinition it) continue;
            limits.Resolve(it);
            var extent = limits.Measure(it.SelectionSet).With(Extent.Of(it.Directives.Length));
            if (Excess(extent, it is OperationDefinition, options) is not { } excess) continue;
            return excess with { Locations = [document.Source.Locate(it.Start)] };
        }

        return null;
    }

    private static GraphQLError? Excess(Extent it, bool isOperation, EngineOptions options)
    {
        if (it.Fields > options.MaxFields)
        {
            return TooMany($"The document selects more than {options.MaxFields} fields.");
        }

        if (it.Aliases > options.MaxAliases)
        {
            return TooMany($"The document has more than {options.MaxAliases} aliases.");
        }

        if (isOperation && it.Roots > options.MaxRootFields)
        {
            return TooMany($"The operation selects more than {options.MaxRootFields} root fields.");
        }

        if (it.Directives > options.MaxDirectives)
        {
            return TooMany($"The document has more than {options.MaxDirectives} directives at one place.");
        }

        if (it.Depth > options.MaxFieldDepth)
        {
            return TooDeep($"The document selects fields deeper than {options.MaxFieldDepth} levels.");
        }

        return it.Nesting > options.MaxNesting
            ? TooDeep($"The document nests fields and fragments deeper than {options.MaxNesting} levels.") : null;
    }

    private static GraphQLError TooMany(string message) => new(message) { Code = ErrorCodes.TooManyFields };

    private static GraphQLError TooDeep(string message) => new(message) { Code = ErrorCodes.DocumentTooLarge };

    // Measures the fragments below a definition, innermost first, with a stack of its own: chains of fragments may
    // be as long as the document.
    private void Resolve(ExecutableDefinition start)
    {
        var entered = new HashSet<FragmentDefinition>();
        var waiting = new Stack<(FragmentDefinition Fragment, bool Leave)>();
        foreach (var it in Spreads(start.SelectionSet)) waiting.Push((it, false));
        while (waiting.TryPop(out var next))
        {
            if (known.ContainsKey(next.Fragment)) continue;
            if (next.Leave)
            {
                known[next.Fragment] = Measure(next.Fragment.SelectionSet);
                continue;
            }

            if (!entered.Add(next.Fragment)) continue;
            waiting.Push((next.Fragment, true));
            foreach (var it in Spreads(next.Fragment.SelectionSet)) waiting.Push((it, false));
        }
    }

    private IEnumerable<FragmentDefinition> Spreads(SelectionSet selections)
    {
        foreach (var selection in selections.Selections)
        {
            if (selection is FragmentSpread spread)
            {
                if (fragments.TryGet(spread.Name.Value, out var fragment)) yield return fragment;
                continue;
            }

            var below = selection is FieldNode field ? field.SelectionSet : ((InlineFragment)selection).SelectionSet;
            if (below is null) continue;
            foreach (var it in Spreads(below)) yield return it;
        }
    }

    private Extent Measure(SelectionSet selections)
    {
        var total = default(Extent);
        foreach (var selection in selections.Selections)
        {
            var extent = selection switch
            {
                FieldNode it => (it.SelectionSet is null ? default : Measure(it.SelectionSet))
                    .Below(it.Alias is not null),
                InlineFragment it => Measure(it.SelectionSet).Inside(),
                FragmentSpread it when fragments.TryGet(it.Name.Value, out var fragment) =>
                    known.GetValueOrDefault(fragment).Inside(),
                _ => default,
            };
            total = total.With(extent).With(Extent.Of(selection.Directives.Length));
        }

        return total;
    }

    /// <param name="Fields">All fields.</param>
    /// <param name="Roots">Fields of the outermost level.</param>
    /// <param name="Aliases">Fields with an alias.</param>
    /// <param name="Directives">The most at one place.</param>
    /// <param name="Depth">Levels of fields.</param>
    /// <param name="Nesting">Levels of fields and fragments.</param>
    private readonly record struct Extent(
        long Fields, long Roots, long Aliases, int Directives, int Depth, int Nesting)
    {
        private const long Plenty = int.MaxValue;

        public static Extent Of(int directives) => new(0, 0, 0, directives, 0, 0);

        public Extent With(Extent other) => new(
            Math.Min(Fields + other.Fields, Plenty),
            Math.Min(Roots + other.Roots, Plenty),
            Math.Min(Aliases + other.Aliases, Plenty),
            Math.Max(Directives, other.Directives),
            Math.Max(Depth, other.Depth),
            Math.Max(Nesting, other.Nesting));

        public Extent Below(bool isAliased) => new(
            Math.Min(Fields + 1, Plenty),
            1,
            Math.Min(Aliases + (isAliased ? 1 : 0), Plenty),
            Directives,
            Depth + 1,
            Nesting + 1);

        public Extent Inside() => this with { Nesting = Nesting + 1 };
    }
}
