using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.5.1.3: fragments are on objects, interfaces and unions.
internal sealed class FragmentsOnCompositeTypes : ValidationRule
{
    public override void EnterDefinition(Definition node)
    {
        if (node is FragmentDefinition it) Check(it.TypeCondition, $"Fragment \"{it.Name}\"");
    }

    public override void EnterInlineFragment(InlineFragment node)
    {
        if (node.TypeCondition is not null) Check(node.TypeCondition, "Fragment");
    }

    private void Check(NamedTypeNode condition, string title)
    {
        if (!Context.Schema.TryGetType(condition.Name.Value, out var type) || type.IsComposite) return;
        Report($"{title} cannot condition on non composite type \"{type}\".", condition.Start);
    }
}
