using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.2.4.1: a subscription has one root field, no introspection field, and no condition on it.
internal sealed class SingleFieldSubscriptions : ValidationRule
{
    public override void EnterDefinition(Definition node)
    {
        if (node is not OperationDefinition { Kind: OperationKind.Subscription } operation
            || Context.Schema.SubscriptionType is not { } type)
        {
            return;
        }

        var title = operation.Name is { } name ? $"Subscription \"{name}\"" : "Anonymous Subscription";
        var top = new TopLevel(Context, type);
        top.Collect(operation.SelectionSet);
        if (top.Conditions.Count > 0)
        {
            Report(
                $"{title} must not use `@skip` or `@include` directives in the top level selection.",
                [.. top.Conditions]);
            return;
        }

        if (top.Fields.Count == 0) Report($"{title} must select one top level field.", operation.SelectionSet.Start);
        if (top.Fields.Count > 1)
        {
            Report(
                $"{title} must select only one top level field.",
                [.. top.Fields.Skip(1).SelectMany(it => it.Value).Select(it => it.Start)]);
        }

        foreach (var (_, fields) in top.Fields)
        {
            if (!fields[0].Name.Value.StartsWith("__", StringComparison.Ordinal)) continue;
            Report($"{title} must not select an introspection top level field.", [.. fields.Select(it => it.Start)]);
        }
    }

    // The root fields by response name, as execution would collect them, had they no conditions.
    private sealed class TopLevel(ValidationContext context, ObjectType type)
    {
        private readonly HashSet<string> seen = [];

        public OrderedDictionary<string, List<FieldNode>> Fields { get; } = new(StringComparer.Ordinal);

        public List<int> Conditions { get; } = [];

        public void Collect(SelectionSet selections)
        {
            var waiting = new Stack<IEnumerator<Selection>>();
            waiting.Push(Each(selections));
            while (waiting.TryPeek(out var level))
            {
                if (!level.MoveNext())
                {
                    waiting.Pop().Dispose();
                    continue;
                }

                var selection = level.Current;
                if (Condition(selection) is { } condition)
                {
                    Conditions.Add(condition.Start);
                    continue;
                }

                switch (selection)
                {
                    case FieldNode it:
                        if (!Fields.TryGetValue(it.ResponseName, out var same)) Fields[it.ResponseName] = same = [];
                        same.Add(it);
                        break;
                    case InlineFragment it when Applies(it.TypeCondition):
                        waiting.Push(Each(it.SelectionSet));
                        break;
                    case FragmentSpread it when !seen.Contains(it.Name.Value)
                        && context.Fragments.TryGet(it.Name.Value, out var fragment)
                        && Applies(fragment.TypeCondition):
                        seen.Add(it.Name.Value);
                        waiting.Push(Each(fragment.SelectionSet));
                        break;
                }
            }
        }

        private static IEnumerator<Selection> Each(SelectionSet set) =>
            ((IEnumerable<Selection>)set.Selections).GetEnumerator();

        private static Directive? Condition(Selection it) =>
            it.Directives.FirstOrDefault(directive => directive.Name.Value == "skip")
            ?? it.Directives.FirstOrDefault(directive => directive.Name.Value == "include");

        private bool Applies(NamedTypeNode? condition) => condition is null
            || (context.Schema.TryGetType(condition.Name.Value, out var it)
                && (ReferenceEquals(it, type) || context.Schema.IsSubtype(it, type)));
    }
}
