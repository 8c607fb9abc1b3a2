using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.5.2.1: fragments that are spread exist.
internal sealed class KnownFragmentNames : ValidationRule
{
    public override void EnterFragmentSpread(FragmentSpread node)
    {
        if (Context.Fragments.TryGet(node.Name.Value, out _)) return;
        Report($"Unknown fragment \"{node.Name}\".", node.Name.Start);
    }
}
