using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.7.3: a directive that is not repeatable stands once at a place.
internal sealed class UniqueDirectivesPerLocation : ValidationRule
{
    public override void EnterDirectives(IReadOnlyList<Directive> nodes, string location)
    {
        if (nodes.Count < 2) return;
        var known = new Dictionary<string, int>();
        foreach (var node in nodes)
        {
            if (!Context.Schema.TryGetDirective(node.Name.Value, out var it) || it.IsRepeatable) continue;
            if (known.TryAdd(node.Name.Value, node.Start)) continue;
            Report(
                $"The directive \"@{node.Name}\" can only be used once at this location.",
                known[node.Name.Value],
                node.Start);
        }
    }
}
