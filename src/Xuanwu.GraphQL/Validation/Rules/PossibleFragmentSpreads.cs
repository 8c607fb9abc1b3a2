using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.5.2.3: an object can be of the fragment's type and of the type around it.
internal sealed class PossibleFragmentSpreads : ValidationRule
{
    public override void EnterInlineFragment(InlineFragment node)
    {
        if (node.TypeCondition is { } condition) Check(condition, "Fragment", node.Start);
    }

    public override void EnterFragmentSpread(FragmentSpread node)
    {
        if (!Context.Fragments.TryGet(node.Name.Value, out var fragment)) return;
        Check(fragment.TypeCondition, $"Fragment \"{node.Name}\"", node.Start);
    }

    private void Check(NamedTypeNode condition, string title, int start)
    {
        if (Context.ParentType is not { } parent
            || !Context.Schema.TryGetType(condition.Name.Value, out var type)
            || !type.IsComposite
            || Context.Schema.Overlap(type, parent))
        {
            return;
        }

        Report(
            $"{title} cannot be spread here as objects of type \"{parent}\" can never be of type \"{type}\".", start);
    }
}
