using System.Runtime.CompilerServices;
using System.Text;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation;

/// <summary>A field as it is selected on a type; unknown types and fields are null.</summary>
internal readonly record struct FieldEntry(FieldNode Node, NamedType? Parent, Field? Definition)
{
    public SchemaType? Type => Definition?.Type;
}

/// <summary>Fields of merged selections by response name, fragments expanded, in the order of the document.</summary>
internal sealed class FieldGroups(ValidationContext context)
{
    private readonly Dictionary<string, List<FieldEntry>> byName = [];
    private readonly List<List<FieldEntry>> groups = [];
    private readonly Queue<FragmentDefinition> spreads = new();
    private HashSet<string>? seen;

    public IReadOnlyList<List<FieldEntry>> Groups => groups;

    /// <summary>Adds what a selection set has: its own fields first, then those of the fragments it spreads.</summary>
    public void Collect(SelectionSet selections, NamedType? parent)
    {
        CollectOwn(selections, parent);
        while (spreads.TryDequeue(out var next)) CollectOwn(next.SelectionSet, Type(next.TypeCondition));
    }

    private void CollectOwn(SelectionSet selections, NamedType? parent)
    {
        foreach (var selection in selections.Selections)
        {
            switch (selection)
            {
                case FieldNode it:
                    if (!byName.TryGetValue(it.ResponseName, out var group))
                    {
                        byName[it.ResponseName] = group = [];
                        groups.Add(group);
                    }

                    var definition = parent is null ? null : context.Schema.FieldOf(parent, it.Name.Value);
                    group.Add(new FieldEntry(it, parent, definition));
                    break;
                case InlineFragment it:
                    CollectOwn(it.SelectionSet, it.TypeCondition is null ? parent : Type(it.TypeCondition));
                    break;
                case FragmentSpread it when (seen ??= []).Add(it.Name.Value)
                    && context.Fragments.TryGet(it.Name.Value, out var fragment):
                    spreads.Enqueue(fragment);
                    break;
            }
        }
    }

    private NamedType? Type(NamedTypeNode node) =>
        context.Schema.TryGetType(node.Name.Value, out var type) ? type : null;
}

// Says which fields cannot be merged and why, pair by pair and in the order of graphql-js, so that tools which know its
// messages and places find the same. It runs only on documents that are refused anyway, and gives up after a fixed
// amount of work.
//
// Every selection set is compared with itself. Fields of a set's own are compared first; then those of each fragment it
// spreads, with the set's and with those of the other fragments. A fragment and a set, or two fragments, are compared
// once, because the answer would be the same; but a comparison as fields that can never meet does not stand for one as
// fields that can.
internal sealed class FieldConflicts(ValidationContext context, Func<FieldNode, string> arguments)
{
    private const string Advice = " Use different aliases on the fields to fetch both if this was intentional.";
    private const int MaxFound = 1_000;
    private const int MaxStarts = 20;
    private const int MaxReason = 1_000;
    private readonly Dictionary<SelectionSet, Fields> known = [];
    private readonly Dictionary<(SelectionSet, string), bool> comparedWithFragment = [];
    private readonly Dictionary<(string, string), bool> comparedFragments = [];
    private int budget = 100_000;

    /// <summary>Messages and places, at most as many as the document's errors may be.</summary>
    public IEnumerable<(string Message, int[] Starts)> Find()
    {
        foreach (var definition in context.Document.Definitions)
        {
            var (selections, type) = definition switch
            {
                OperationDefinition it => (it.SelectionSet, context.Schema.Root(it.Kind)),
                FragmentDefinition it => (it.SelectionSet, Type(it.TypeCondition)),
                _ => (null, null),
            };
            if (selections is null) continue;
            foreach (var (set, parent) in Sets(selections, type))
            {
                foreach (var it in Within(set, parent))
                {
                    if (context.IsFull) yield break;
                    yield return (
                        $"Fields \"{it.Name}\" conflict because {it.Reason}.{Advice}", [.. it.Left, .. it.Right]);
                }
            }
        }
    }

    /// <summary>Whether two types cannot stand under one response name.</summary>
    public static bool ShapesDiffer(SchemaType a, SchemaType b) => (a, b) switch
    {
        (NonNullType x, NonNullType y) => ShapesDiffer(x.Inner, y.Inner),
        (NonNullType, _) or (_, NonNullType) => true,
        (ListType x, ListType y) => ShapesDiffer(x.Item, y.Item),
        (ListType, _) or (_, ListType) => true,
        (NamedType { IsComposite: true }, NamedType { IsComposite: true }) => false,
        _ => !ReferenceEquals(a, b),
    };

    private List<Conflict> Within(SelectionSet set, NamedType? parent)
    {
        var found = new List<Conflict>();
        var fields = Of(set, parent);
        foreach (var (name, same) in fields.ByName)
        {
            for (var i = 0; i < same.Count; i++)
            {
                for (var j = i + 1; j < same.Count; j++) Compare(name, same[i], same[j], false, found);
            }
        }

        for (var i = 0; i < fields.Fragments.Count; i++)
        {
            WithFragment(fields, fields.Fragments[i], false, found);
            for (var j = i + 1; j < fields.Fragments.Count; j++)
            {
                Fragments(fields.Fragments[i], fields.Fragments[j], false, found);
            }
        }

        return found;
    }

    private void Between(Fields a, Fields b, bool apart, List<Conflict> found)
    {
        foreach (var (name, left) in a.ByName)
        {
            if (!b.ByName.TryGetValue(name, out var right)) continue;
            foreach (var x in left)
            {
                foreach (var y in right) Compare(name, x, y, apart, found);
            }
        }
    }

    private void WithFragment(Fields fields, string name, bool apart, List<Conflict> found)
    {
        if (!IsNew(comparedWithFragment, (fields.Set, name), apart) || Of(name) is not { } fragment) return;
        if (ReferenceEquals(fields, fragment)) return;
        Between(fields, fragment, apart, found);
        foreach (var deeper in fragment.Fragments) WithFragment(fields, deeper, apart, found);
    }

    private void Fragments(string a, string b, bool apart, List<Conflict> found)
    {
        if (a == b) return;
        var pair = string.CompareOrdinal(a, b) < 0 ? (a, b) : (b, a);
        if (!IsNew(comparedFragments, pair, apart) || Of(a) is not { } left || Of(b) is not { } right) return;
        Between(left, right, apart, found);
        foreach (var deeper in right.Fragments) Fragments(a, deeper, apart, found);
        foreach (var deeper in left.Fragments) Fragments(deeper, b, apart, found);
    }

    private void Compare(string name, FieldEntry a, FieldEntry b, bool exclusive, List<Conflict> found)
    {
        if (budget-- <= 0 || found.Count >= MaxFound) return;
        var apart = exclusive || (a.Parent is ObjectType && b.Parent is ObjectType && a.Parent != b.Parent);
        if (Reason(a, b, apart) is { } reason)
        {
            found.Add(new Conflict(name, reason, [a.Node.Start], [b.Node.Start]));
            return;
        }

        if (a.Node.SelectionSet is null || b.Node.SelectionSet is null) return;
        var below = new List<Conflict>();
        Fields left = Of(a.Node.SelectionSet, a.Type?.Named), right = Of(b.Node.SelectionSet, b.Type?.Named);
        Between(left, right, apart, below);
        foreach (var fragment in right.Fragments) WithFragment(left, fragment, apart, below);
        foreach (var fragment in left.Fragments) WithFragment(right, fragment, apart, below);
        foreach (var x in left.Fragments)
        {
            foreach (var y in right.Fragments) Fragments(x, y, apart, below);
        }

        if (below.Count == 0) return;
        found.Add(new Conflict(
            name,
            Reason(below),
            Starts(a.Node.Start, below.Select(it => it.Left)),
            Starts(b.Node.Start, below.Select(it => it.Right))));
    }

    // Conflicts inside conflicts repeat what is below them at every level, so what is told of them has an end.
    private static string Reason(List<Conflict> below)
    {
        var text = new StringBuilder();
        foreach (var it in below)
        {
            text.Append(text.Length == 0 ? "" : " and ").Append("subfields \"").Append(it.Name)
                .Append("\" conflict because ").Append(it.Reason);
            if (text.Length > MaxReason) return text.ToString(0, MaxReason) + "...";
        }

        return text.ToString();
    }

    /// <summary>Whether the field's items come later, which no other selection of the field could wait for.</summary>
    public static bool IsStreamed(FieldNode it) =>
        IncrementalDirectives.Find(it, IncrementalDirectives.Stream) is not null;

    private static int[] Starts(int start, IEnumerable<int[]> below)
    {
        var starts = new List<int> { start };
        foreach (var it in below)
        {
            starts.AddRange(it.TakeLast(MaxStarts - starts.Count));
            if (starts.Count == MaxStarts) break;
        }

        return [.. starts];
    }

    private string? Reason(FieldEntry a, FieldEntry b, bool apart)
    {
        if (!apart && a.Node.Name.Value != b.Node.Name.Value)
        {
            return $"\"{a.Node.Name}\" and \"{b.Node.Name}\" are different fields";
        }

        if (!apart && arguments(a.Node) != arguments(b.Node)) return "they have differing arguments";
        if (IsStreamed(a.Node) || IsStreamed(b.Node)) return "they have overlapping stream directives";
        return a.Type is { } left && b.Type is { } right && ShapesDiffer(left, right)
            ? $"they return conflicting types \"{left}\" and \"{right}\"" : null;
    }

    // Hostile documents have chains of fragments as long as themselves: when the stack is short, enough has been said.
    private bool IsNew<T>(Dictionary<T, bool> compared, T key, bool apart)
        where T : notnull
    {
        if (budget <= 0 || !RuntimeHelpers.TryEnsureSufficientExecutionStack()) return false;
        if (compared.TryGetValue(key, out var before) && (apart || !before)) return false;
        compared[key] = apart;
        return true;
    }

    private Fields? Of(string fragment) => context.Fragments.TryGet(fragment, out var it)
        ? Of(it.SelectionSet, Type(it.TypeCondition)) : null;

    private Fields Of(SelectionSet set, NamedType? parent)
    {
        if (known.TryGetValue(set, out var it)) return it;
        known[set] = it = new Fields(set);
        Collect(set, parent, it);
        return it;
    }

    private void Collect(SelectionSet selections, NamedType? parent, Fields into)
    {
        foreach (var selection in selections.Selections)
        {
            switch (selection)
            {
                case FieldNode it:
                    if (!into.ByName.TryGetValue(it.ResponseName, out var same))
                    {
                        into.ByName[it.ResponseName] = same = [];
                    }

                    var definition = parent is null ? null : context.Schema.FieldOf(parent, it.Name.Value);
                    same.Add(new FieldEntry(it, parent, definition));
                    break;
                case InlineFragment it:
                    Collect(it.SelectionSet, it.TypeCondition is null ? parent : Type(it.TypeCondition), into);
                    break;
                case FragmentSpread it:
                    if (!into.Fragments.Contains(it.Name.Value)) into.Fragments.Add(it.Name.Value);
                    break;
            }
        }
    }

    // An inline fragment's fields are those of the set around it; only what is below them is a set of its own.
    private IEnumerable<(SelectionSet Set, NamedType? Parent)> Sets(
        SelectionSet set, NamedType? parent, bool isInline = false)
    {
        if (!isInline) yield return (set, parent);
        foreach (var selection in set.Selections)
        {
            var (below, type) = selection switch
            {
                FieldNode it => (it.SelectionSet, parent is null
                    ? null : context.Schema.FieldOf(parent, it.Name.Value)?.Type.Named),
                InlineFragment it => (it.SelectionSet, it.TypeCondition is null ? parent : Type(it.TypeCondition)),
                _ => (null, null),
            };
            if (below is null) continue;
            foreach (var it in Sets(below, type, selection is InlineFragment)) yield return it;
        }
    }

    private NamedType? Type(NamedTypeNode node) =>
        context.Schema.TryGetType(node.Name.Value, out var type) ? type : null;

    private sealed record Conflict(string Name, string Reason, int[] Left, int[] Right);

    /// <summary>A set's own fields by response name, and the fragments it spreads.</summary>
    private sealed class Fields(SelectionSet set)
    {
        public SelectionSet Set { get; } = set;

        public OrderedDictionary<string, List<FieldEntry>> ByName { get; } = new(StringComparer.Ordinal);

        public List<string> Fragments { get; } = [];
    }
}
