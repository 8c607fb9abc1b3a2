using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.5.1.1: fragments have different names.
internal sealed class UniqueFragmentNames : ValidationRule
{
    private readonly Dictionary<string, int> known = [];

    public override void EnterDefinition(Definition node)
    {
        if (node is not FragmentDefinition { Name: var name } || known.TryAdd(name.Value, name.Start)) return;
        Report($"There can be only one fragment named \"{name}\".", known[name.Value], name.Start);
    }
}
