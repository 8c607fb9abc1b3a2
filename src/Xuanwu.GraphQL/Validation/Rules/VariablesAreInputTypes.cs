using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.8.2: variables are scalars, enums and input objects, and lists of them.
internal sealed class VariablesAreInputTypes : ValidationRule
{
    public override void EnterVariableDefinition(VariableDefinition node)
    {
        if (Context.Schema.Resolve(node.Type) is not { IsInput: false } type) return;
        Report($"Variable \"${node.Variable.Name}\" cannot be non-input type \"{type}\".", node.Type.Start);
    }
}
