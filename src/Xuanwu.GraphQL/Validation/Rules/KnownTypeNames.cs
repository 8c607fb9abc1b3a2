using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.5.1.2 and 5.8.2: every type that is named exists. Definitions of types in the document count, although the
// document is refused for having them.
internal sealed class KnownTypeNames : ValidationRule
{
    private HashSet<string>? defined;

    public override void EnterNamedType(NamedTypeNode node)
    {
        if (Context.Schema.TryGetType(node.Name.Value, out _)) return;
        defined ??= [.. Context.Document.Definitions.OfType<TypeDefinition>()
            .Where(it => !it.IsExtension).Select(it => it.Name.Value)];
        if (defined.Contains(node.Name.Value)) return;
        Report(
            $"Unknown type \"{node.Name}\"."
                + Suggestions.DidYouMean(node.Name.Value, Context.Schema.Types.Select(it => it.Name)),
            node.Start);
    }
}
