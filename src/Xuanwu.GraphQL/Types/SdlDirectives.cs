using System.Collections.Immutable;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

// Directives on definitions of types: known, at a place that allows them, once, and with the right arguments.
internal sealed class SdlDirectives(
    Document document, IReadOnlyDictionary<string, DirectiveType> directives, bool checkValues)
{
    private readonly List<GraphQLError> errors = [];

    public IReadOnlyList<GraphQLError> Check()
    {
        foreach (var definition in document.Definitions.OfType<TypeSystemDefinition>())
        {
            switch (definition)
            {
                case SchemaDefinition it:
                    Check(it.Directives, "SCHEMA");
                    break;
                case DirectiveDefinition it:
                    Inputs(it.Arguments, "ARGUMENT_DEFINITION");
                    foreach (var twice in Twice(it.Arguments, argument => argument.Name))
                    {
                        Fault(it, $"Argument \"@{it.Name}({twice}:)\" can only be defined once.");
                    }

                    break;
                case ScalarTypeDefinition it:
                    Check(it.Directives, "SCALAR");
                    break;
                case FieldsTypeDefinition it:
                    Check(it.Directives, it is ObjectTypeDefinition ? "OBJECT" : "INTERFACE");
                    foreach (var field in it.Fields)
                    {
                        Check(field.Directives, "FIELD_DEFINITION");
                        Inputs(field.Arguments, "ARGUMENT_DEFINITION");
                    }

                    break;
                case UnionTypeDefinition it:
                    Check(it.Directives, "UNION");
                    break;
                case EnumTypeDefinition it:
                    Check(it.Directives, "ENUM");
                    foreach (var value in it.Values) Check(value.Directives, "ENUM_VALUE");
                    break;
                case InputObjectTypeDefinition it:
                    Check(it.Directives, "INPUT_OBJECT");
                    Inputs(it.Fields, "INPUT_FIELD_DEFINITION");
                    break;
            }
        }

        return errors;
    }

    private void Inputs(ImmutableArray<InputValueDefinition> inputs, string location)
    {
        foreach (var it in inputs) Check(it.Directives, location);
    }

    private void Check(ImmutableArray<Directive> nodes, string location)
    {
        var seen = new HashSet<string>();
        foreach (var node in nodes)
        {
            if (!directives.TryGetValue(node.Name.Value, out var known))
            {
                Fault(node, $"Unknown directive \"@{node.Name}\".");
                continue;
            }

            if (!known.Locations.Contains(location))
            {
                Fault(node, $"Directive \"@{node.Name}\" may not be used on {location}.");
            }

            if (!seen.Add(known.Name) && !known.IsRepeatable)
            {
                Fault(node, $"The directive \"@{node.Name}\" can only be used once at this location.");
            }

            Arguments(node, known);
        }
    }

    private void Arguments(Directive node, DirectiveType known)
    {
        foreach (var twice in Twice(node.Arguments, it => it.Name))
        {
            Fault(node, $"There can be only one argument named \"{twice}\".");
        }

        var check = checkValues || BuiltInDirectives.IsBuiltIn(known.Name);
        foreach (var given in node.Arguments)
        {
            var argument = known.Arguments.FirstOrDefault(it => it.Name == given.Name.Value);
            if (argument is null)
            {
                Fault(node, $"Unknown argument \"{given.Name}\" on directive \"@{known.Name}\".");
            }
            else if (check && !InputCoercion.TryLiteral(given.Value, argument.Type, null, out _))
            {
                Fault(node, $"Argument \"{given.Name}\" of \"@{known.Name}\" must be of type \"{argument.Type}\".");
            }
        }

        foreach (var missing in known.Arguments.Where(
            it => it.IsRequired && node.Arguments.All(given => given.Name.Value != it.Name)))
        {
            Fault(node, $"Argument \"@{known.Name}({missing.Name}:)\" of type \"{missing.Type}\" is required.");
        }
    }

    private static IEnumerable<string> Twice<T>(ImmutableArray<T> nodes, Func<T, Name> name) =>
        nodes.GroupBy(it => name(it).Value).Where(it => it.Count() > 1).Select(it => it.Key);

    private void Fault(Node at, string message) => errors.Add(new GraphQLError(message)
    {
        Locations = [document.Source.Locate(at.Start)],
    });
}
