using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation.Rules;

// Only the items of a list can be streamed.
internal sealed class StreamDirectiveOnListField : ValidationRule
{
    public override void EnterField(FieldNode node)
    {
        if (Context.Field is not { } field || Context.ParentType is not { } parent) return;
        if (field.Type.Nullable is ListType) return;
        foreach (var directive in node.Directives)
        {
            if (directive.Name.Value != IncrementalDirectives.Stream) continue;
            Report(
                $"Directive \"@stream\" cannot be used on non-list field \"{parent}.{field.Name}\".", directive.Start);
        }
    }
}
