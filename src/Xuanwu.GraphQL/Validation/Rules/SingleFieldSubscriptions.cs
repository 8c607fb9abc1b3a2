using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.2.4.1: a subscription has one root field, no introspection field, and no condition on it.
internal sealed class SingleFieldSubscriptions : ValidationRule
{
    public override void EnterDefinition(Definition node)
    {
        if (node is not OperationDefinition { Kind: OperationKind.Subscription } operation) return;
        var title = operation.Name is { } name ? $"Subscription \"{name}\"" : "Anonymous Subscription";
        var groups = new List<FieldNode>();
        var names = new HashSet<string>();
        var conditions = new List<int>();
        Collect(operation.SelectionSet, groups, names, [], conditions);
        if (conditions.Count > 0)
        {
            Report(
                $"{title} must not use `@skip` or `@include` directives in the top level selection.", [.. conditions]);
            return;
        }

        if (groups.Count > 1)
        {
            Report($"{title} must select only one top level field.", [.. groups.Skip(1).Select(it => it.Start)]);
        }

        foreach (var field in groups)
        {
            if (!field.Name.Value.StartsWith("__", StringComparison.Ordinal)) continue;
            Report($"{title} must not select an introspection top level field.", field.Start);
        }
    }

    private void Collect(
        SelectionSet selections,
        List<FieldNode> groups,
        HashSet<string> names,
        HashSet<string> seen,
        List<int> conditions)
    {
        foreach (var selection in selections.Selections)
        {
            conditions.AddRange(selection.Directives
                .Where(it => it.Name.Value is "skip" or "include").Select(it => it.Start));
            switch (selection)
            {
                case FieldNode it:
                    if (names.Add(it.ResponseName)) groups.Add(it);
                    break;
                case InlineFragment it:
                    Collect(it.SelectionSet, groups, names, seen, conditions);
                    break;
                case FragmentSpread it when seen.Add(it.Name.Value)
                    && Context.Fragments.TryGet(it.Name.Value, out var fragment):
                    Collect(fragment.SelectionSet, groups, names, seen, conditions);
                    break;
            }
        }
    }
}
