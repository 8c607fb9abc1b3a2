using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.3.3: leaves have no selection, everything else has one.
internal sealed class ScalarLeafs : ValidationRule
{
    public override void EnterField(FieldNode node)
    {
        if (Context.Field is not { } field) return;
        if (field.Type.Named.IsComposite)
        {
            if (node.SelectionSet is null)
            {
                Report(
                    $"Field \"{node.Name}\" of type \"{field.Type}\" must have a selection of subfields. "
                        + $"Did you mean \"{node.Name} {{ ... }}\"?",
                    node.Start);
            }
        }
        else if (node.SelectionSet is { } selection)
        {
            Report(
                $"Field \"{node.Name}\" must not have a selection since type \"{field.Type}\" has no subfields.",
                selection.Start);
        }
    }
}
