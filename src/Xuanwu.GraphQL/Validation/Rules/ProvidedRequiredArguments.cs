using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.4.3: arguments that exclude null and have no default are given.
internal sealed class ProvidedRequiredArguments : ValidationRule
{
    public override void EnterField(FieldNode node)
    {
        if (Context.Field is not { } field) return;
        foreach (var argument in field.Arguments)
        {
            if (!argument.IsRequired || node.Arguments.Any(it => it.Name.Value == argument.Name)) continue;
            Report(
                $"Argument \"{Context.ParentType}.{field.Name}({argument.Name}:)\" of type \"{argument.Type}\" is "
                    + "required, but it was not provided.",
                node.Start);
        }
    }

    public override void EnterDirective(Directive node)
    {
        if (Context.Directive is not { } directive) return;
        foreach (var argument in directive.Arguments)
        {
            if (!argument.IsRequired || node.Arguments.Any(it => it.Name.Value == argument.Name)) continue;
            Report(
                $"Argument \"@{directive.Name}({argument.Name}:)\" of type \"{argument.Type}\" is required, but it "
                    + "was not provided.",
                node.Start);
        }
    }
}
