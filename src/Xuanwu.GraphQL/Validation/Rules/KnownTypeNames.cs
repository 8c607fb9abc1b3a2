using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.5.1.2 and 5.8.2: every type that is named exists.
internal sealed class KnownTypeNames : ValidationRule
{
    public override void EnterNamedType(NamedTypeNode node)
    {
        if (Context.Schema.TryGetType(node.Name.Value, out _)) return;
        Report(
            $"Unknown type \"{node.Name}\"."
                + Suggestions.DidYouMean(node.Name.Value, Context.Schema.Types.Select(it => it.Name)),
            node.Start);
    }
}
