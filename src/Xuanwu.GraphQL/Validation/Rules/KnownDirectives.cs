using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.7.1 and 5.7.2: directives exist and may stand where they do.
internal sealed class KnownDirectives : ValidationRule
{
    public override void EnterDirectives(IReadOnlyList<Directive> nodes, string location)
    {
        foreach (var node in nodes)
        {
            if (!Context.Schema.TryGetDirective(node.Name.Value, out var known))
            {
                Report($"Unknown directive \"@{node.Name}\".", node.Start);
            }
            else if (!known.Locations.Contains(location))
            {
                Report($"Directive \"@{node.Name}\" may not be used on {location}.", node.Start);
            }
        }
    }
}
