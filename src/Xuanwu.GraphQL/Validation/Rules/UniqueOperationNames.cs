using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.2.2: operations have different names.
internal sealed class UniqueOperationNames : ValidationRule
{
    private readonly Dictionary<string, int> known = [];

    public override void EnterDefinition(Definition node)
    {
        if (node is not OperationDefinition { Name: { } name } || known.TryAdd(name.Value, name.Start)) return;
        Report($"There can be only one operation named \"{name}\".", known[name.Value], name.Start);
    }
}
