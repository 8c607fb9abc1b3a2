using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.5.1.4: every fragment is used by an operation.
internal sealed class NoUnusedFragments : ValidationRule
{
    public override void LeaveDocument(Document node)
    {
        if (!node.Definitions.Any(it => it is FragmentDefinition)) return;
        var used = new HashSet<string>();
        var waiting = new Stack<ExecutableDefinition>(node.Definitions.OfType<OperationDefinition>());
        while (waiting.TryPop(out var definition))
        {
            foreach (var spread in Context.FactsOf(definition).Spreads)
            {
                var name = spread.Name.Value;
                if (used.Add(name) && Context.Fragments.TryGet(name, out var fragment)) waiting.Push(fragment);
            }
        }

        foreach (var fragment in node.Definitions.OfType<FragmentDefinition>())
        {
            if (!used.Contains(fragment.Name.Value))
            {
                Report($"Fragment \"{fragment.Name}\" is never used.", fragment.Start);
            }
        }
    }
}
