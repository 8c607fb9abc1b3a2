using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation;

/// <summary>A place where a variable is used.</summary>
/// <param name="Node">The use.</param>
/// <param name="Type">What is expected there; null when unknown.</param>
/// <param name="HasDefault">Whether the place has a default of its own.</param>
/// <param name="OneOf">The @oneOf input object whose field it is, or null.</param>
internal readonly record struct VariableUsage(Variable Node, SchemaType? Type, bool HasDefault, InputObjectType? OneOf);

/// <summary>What the walk found in one operation or fragment.</summary>
internal sealed class DefinitionFacts
{
    public List<VariableUsage> Usages { get; } = [];

    public List<FragmentSpread> Spreads { get; } = [];
}

// Types at the node being visited, facts gathered on the way, and the errors.
internal sealed class ValidationContext(Schema schema, Document document, EngineOptions options)
{
    private readonly List<GraphQLError> errors = [];
    private readonly Dictionary<ExecutableDefinition, DefinitionFacts> facts = [];

    public Schema Schema { get; } = schema;

    public Document Document { get; } = document;

    public DocumentFragments Fragments { get; } = new(document);

    public IReadOnlyList<GraphQLError> Errors => errors;

    public bool IsFull => errors.Count >= options.MaxValidationErrors;

    /// <summary>The composite type whose fields are being selected; null when unknown.</summary>
    public NamedType? ParentType { get; set; }

    /// <summary>The field being visited; null when the schema lacks it.</summary>
    public Field? Field { get; set; }

    /// <summary>The directive being visited; null outside of directives and for unknown ones.</summary>
    public DirectiveType? Directive { get; set; }

    /// <summary>The argument being visited; null when the schema lacks it.</summary>
    public InputField? Argument { get; set; }

    public DefinitionFacts FactsOf(ExecutableDefinition definition)
    {
        if (!facts.TryGetValue(definition, out var it)) facts[definition] = it = new DefinitionFacts();
        return it;
    }

    /// <summary>The definition and every fragment it spreads, directly or not, each once.</summary>
    public IEnumerable<DefinitionFacts> Reachable(ExecutableDefinition definition)
    {
        var seen = new HashSet<string>();
        var waiting = new Stack<ExecutableDefinition>();
        waiting.Push(definition);
        while (waiting.TryPop(out var next))
        {
            var it = FactsOf(next);
            yield return it;
            for (var i = it.Spreads.Count - 1; i >= 0; i--)
            {
                var name = it.Spreads[i].Name.Value;
                if (seen.Add(name) && Fragments.TryGet(name, out var fragment)) waiting.Push(fragment);
            }
        }
    }

    public void Report(string rule, string message, params int[] starts)
    {
        if (IsFull) return;
        errors.Add(new GraphQLError(message)
        {
            Locations = [.. starts.Select(it => Document.Source.Locate(it))],
            Code = ErrorCodes.Validation,
            Rule = rule,
        });
    }
}
