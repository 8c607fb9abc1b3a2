using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Not in the specification, as in graphql-js: introspection can be asked for in exponential size through a few
// nested lists, so lists below __schema and __type may nest only so far.
internal sealed class MaxIntrospectionDepth(int maxLists) : ValidationRule
{
    private readonly HashSet<(string Fragment, int Lists)> harmless = [];

    public override void EnterField(FieldNode node)
    {
        if (node.Name.Value is not ("__schema" or "__type") || node.SelectionSet is null) return;
        if (IsTooDeep(node.SelectionSet, 0)) Report("Maximum introspection depth exceeded", node.Start);
    }

    private bool IsTooDeep(SelectionSet selections, int lists)
    {
        foreach (var selection in selections.Selections)
        {
            switch (selection)
            {
                case FieldNode it:
                    var below = it.Name.Value is "fields" or "interfaces" or "possibleTypes" or "inputFields"
                        ? lists + 1 : lists;
                    if (below >= maxLists) return true;
                    if (it.SelectionSet is not null && IsTooDeep(it.SelectionSet, below)) return true;
                    break;
                case InlineFragment it:
                    if (IsTooDeep(it.SelectionSet, lists)) return true;
                    break;
                case FragmentSpread it when harmless.Add((it.Name.Value, lists))
                    && Context.Fragments.TryGet(it.Name.Value, out var fragment):
                    if (IsTooDeep(fragment.SelectionSet, lists)) return true;
                    break;
            }
        }

        return false;
    }
}
