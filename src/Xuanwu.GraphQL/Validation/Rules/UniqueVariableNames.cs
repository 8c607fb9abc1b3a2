using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.8.1: an operation's variables have different names.
internal sealed class UniqueVariableNames : ValidationRule
{
    private readonly Dictionary<string, int> known = [];

    public override void EnterDefinition(Definition node) => known.Clear();

    public override void EnterVariableDefinition(VariableDefinition node)
    {
        var name = node.Variable.Name;
        if (known.TryAdd(name, node.Variable.Start + 1)) return;
        Report($"There can be only one variable named \"${name}\".", known[name], node.Variable.Start + 1);
    }
}
