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
            var extent = limits.Measure(it.SelectionSet);
            if (extent.Fields <= options.MaxFields && extent.Depth <= options.MaxFieldDepth) continue;
            return new GraphQLError(extent.Fields > options.MaxFields
                ? $"The document selects more than {options.MaxFields} fields."
                : $"The document selects fields deeper than {options.MaxFieldDepth} levels.")
            {
                Code = extent.Fields > options.MaxFields ? ErrorCodes.TooManyFields : ErrorCodes.DocumentTooLarge,
                Locations = [document.Source.Locate(it.Start)],
            };
        }

        return null;
    }

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
            total = total.With(selection switch
            {
                FieldNode it => it.SelectionSet is null ? new Extent(1, 1) : Measure(it.SelectionSet).Below(),
                InlineFragment it => Measure(it.SelectionSet),
                FragmentSpread it when fragments.TryGet(it.Name.Value, out var fragment) =>
                    known.GetValueOrDefault(fragment),
                _ => default,
            });
        }

        return total;
    }

    private readonly record struct Extent(long Fields, int Depth)
    {
        private const long Plenty = int.MaxValue;

        public Extent With(Extent other) =>
            new(Math.Min(Fields + other.Fields, Plenty), Math.Max(Depth, other.Depth));

        public Extent Below() => new(Math.Min(Fields + 1, Plenty), Depth + 1);
    }
}
