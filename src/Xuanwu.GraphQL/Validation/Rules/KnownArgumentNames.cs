using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.4.1: arguments exist on the field or directive.
internal sealed class KnownArgumentNames : ValidationRule
{
    public override void EnterArgument(Argument node)
    {
        if (Context.Argument is not null) return;
        var name = node.Name.Value;
        if (Context.Directive is { } directive)
        {
            Report(
                $"Unknown argument \"{name}\" on directive \"@{directive.Name}\"."
                    + Suggestions.DidYouMean(name, directive.Arguments.Select(it => it.Name)),
                node.Start);
        }
        else if (Context.Field is { } field && Context.ParentType is { } parent)
        {
            Report(
                $"Unknown argument \"{name}\" on field \"{parent}.{field.Name}\"."
                    + Suggestions.DidYouMean(name, field.Arguments.Select(it => it.Name)),
                node.Start);
        }
    }
}
