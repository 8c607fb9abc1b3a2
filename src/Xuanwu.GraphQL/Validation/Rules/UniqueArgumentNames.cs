using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.4.2: an argument is given once.
internal sealed class UniqueArgumentNames : ValidationRule
{
    public override void EnterField(FieldNode node)
    {
        if (node.Arguments.Length > 1) Check(node.Arguments);
    }

    public override void EnterDirective(Directive node)
    {
        if (node.Arguments.Length > 1) Check(node.Arguments);
    }

    private void Check(IEnumerable<Argument> arguments)
    {
        foreach (var same in arguments.GroupBy(it => it.Name.Value).Where(it => it.Count() > 1))
        {
            Report($"There can be only one argument named \"{same.Key}\".", [.. same.Select(it => it.Start)]);
        }
    }
}
