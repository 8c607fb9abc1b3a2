using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.1.1: a document to execute has operations and fragments only.
internal sealed class ExecutableDefinitions : ValidationRule
{
    public override void EnterDefinition(Definition node)
    {
        if (node is ExecutableDefinition) return;
        var name = node switch
        {
            SchemaDefinition => "schema",
            TypeDefinition it => $"\"{it.Name}\"",
            DirectiveDefinition it => $"\"@{it.Name}\"",
            _ => "",
        };
        Report($"The {name} definition is not executable.", node.Start);
    }
}
