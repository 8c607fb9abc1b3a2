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
    private HashSet<string>? seen;

    public IReadOnlyList<List<FieldEntry>> Groups => groups;

    public List<FieldEntry>? Find(string name) => byName.GetValueOrDefault(name);

    public void Collect(SelectionSet selections, NamedType? parent)
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
                    Collect(it.SelectionSet, it.TypeCondition is null ? parent : Type(it.TypeCondition));
                    break;
                case FragmentSpread it when (seen ??= []).Add(it.Name.Value)
                    && context.Fragments.TryGet(it.Name.Value, out var fragment):
                    Collect(fragment.SelectionSet, Type(fragment.TypeCondition));
                    break;
            }
        }
    }

    private NamedType? Type(NamedTypeNode node) =>
        context.Schema.TryGetType(node.Name.Value, out var type) ? type : null;
}

// Says which fields cannot be merged and why, pair by pair as graphql-js does. It runs only on documents that are
// refused anyway, and gives up after a fixed amount of work.
internal sealed class FieldConflicts(ValidationContext context, Func<FieldNode, string> arguments)
{
    private const int MaxDepth = 200;
    private const string Advice = " Use different aliases on the fields to fetch both if this was intentional.";
    private readonly HashSet<(int, int)> told = [];
    private int budget = 100_000;

    public IEnumerable<(string Message, int[] Starts)> Find()
    {
        foreach (var (selections, parent) in Sets())
        {
            var fields = new FieldGroups(context);
            fields.Collect(selections, parent);
            foreach (var group in fields.Groups)
            {
                for (var i = 0; i < group.Count; i++)
                {
                    for (var j = i + 1; j < group.Count && budget > 0 && !context.IsFull; j++)
                    {
                        var starts = new List<int>();
                        var reason = Compare(group[i], group[j], false, starts, 0);
                        if (reason is null || !told.Add((group[i].Node.Start, group[j].Node.Start))) continue;
                        yield return (
                            $"Fields \"{group[i].Node.ResponseName}\" conflict because {reason}.{Advice}",
                            [.. starts.Distinct()]);
                    }
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

    private string? Compare(FieldEntry a, FieldEntry b, bool exclusive, List<int> starts, int depth)
    {
        if (budget-- <= 0 || depth > MaxDepth || ReferenceEquals(a.Node, b.Node)) return null;
        var apart = exclusive || (a.Parent is ObjectType && b.Parent is ObjectType && a.Parent != b.Parent);
        string? reason = null;
        if (!apart && a.Node.Name.Value != b.Node.Name.Value)
        {
            reason = $"\"{a.Node.Name}\" and \"{b.Node.Name}\" are different fields";
        }
        else if (!apart && arguments(a.Node) != arguments(b.Node))
        {
            reason = "they have differing arguments";
        }
        else if (a.Type is { } typeA && b.Type is { } typeB && ShapesDiffer(typeA, typeB))
        {
            reason = $"they return conflicting types \"{typeA}\" and \"{typeB}\"";
        }

        starts.Add(a.Node.Start);
        starts.Add(b.Node.Start);
        if (reason is null && a.Node.SelectionSet is not null && b.Node.SelectionSet is not null)
        {
            reason = CompareBelow(a, b, apart, starts, depth);
        }

        if (reason is null) starts.RemoveRange(starts.Count - 2, 2);
        return reason;
    }

    private string? CompareBelow(FieldEntry a, FieldEntry b, bool exclusive, List<int> starts, int depth)
    {
        FieldGroups left = new(context), right = new(context);
        left.Collect(a.Node.SelectionSet!, a.Type?.Named);
        right.Collect(b.Node.SelectionSet!, b.Type?.Named);
        var reasons = new List<string>();
        foreach (var group in left.Groups)
        {
            if (right.Find(group[0].Node.ResponseName) is not { } others) continue;
            foreach (var x in group)
            {
                foreach (var y in others)
                {
                    if (budget <= 0) return Join();
                    var reason = Compare(x, y, exclusive, starts, depth + 1);
                    if (reason is not null)
                    {
                        reasons.Add($"subfields \"{x.Node.ResponseName}\" conflict because {reason}");
                    }
                }
            }
        }

        return Join();

        string? Join() => reasons.Count == 0 ? null : string.Join(" and ", reasons);
    }

    private IEnumerable<(SelectionSet Selections, NamedType? Parent)> Sets()
    {
        var waiting = new Queue<(SelectionSet, NamedType?)>();
        foreach (var definition in context.Document.Definitions)
        {
            if (definition is OperationDefinition operation)
            {
                waiting.Enqueue((operation.SelectionSet, context.Schema.Root(operation.Kind)));
            }
            else if (definition is FragmentDefinition fragment)
            {
                context.Schema.TryGetType(fragment.TypeCondition.Name.Value, out var type);
                waiting.Enqueue((fragment.SelectionSet, type));
            }
        }

        while (waiting.TryDequeue(out var next))
        {
            yield return next;
            AddBelow(next.Item1, next.Item2);
        }

        void AddBelow(SelectionSet selections, NamedType? parent)
        {
            foreach (var selection in selections.Selections)
            {
                if (selection is FieldNode { SelectionSet: { } below } field)
                {
                    waiting.Enqueue((below, parent is null
                        ? null : context.Schema.FieldOf(parent, field.Name.Value)?.Type.Named));
                }
                else if (selection is InlineFragment inline)
                {
                    var type = parent;
                    if (inline.TypeCondition is { } it) context.Schema.TryGetType(it.Name.Value, out type);
                    AddBelow(inline.SelectionSet, type);
                }
            }
        }
    }
}
