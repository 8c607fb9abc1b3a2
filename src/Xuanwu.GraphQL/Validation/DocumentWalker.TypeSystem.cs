using System.Collections.Immutable;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation;

// Definitions of types have no place in a document to execute, which ExecutableDefinitions says. Their names and
// directives are looked at all the same, so that all errors are told at once.
internal sealed partial class DocumentWalker
{
    private void WalkTypeSystem(TypeSystemDefinition definition)
    {
        switch (definition)
        {
            case SchemaDefinition it:
                Walk(it.Directives, "SCHEMA");
                foreach (var root in it.Operations) Enter(root.Type);
                break;
            case DirectiveDefinition it:
                Inputs(it.Arguments, "ARGUMENT_DEFINITION");
                break;
            case ScalarTypeDefinition it:
                Walk(it.Directives, "SCALAR");
                break;
            case FieldsTypeDefinition it:
                foreach (var parent in it.Interfaces) Enter(parent);
                Walk(it.Directives, it is ObjectTypeDefinition ? "OBJECT" : "INTERFACE");
                foreach (var field in it.Fields)
                {
                    Inputs(field.Arguments, "ARGUMENT_DEFINITION");
                    Walk(field.Type);
                    Walk(field.Directives, "FIELD_DEFINITION");
                }

                break;
            case UnionTypeDefinition it:
                Walk(it.Directives, "UNION");
                foreach (var member in it.Members) Enter(member);
                break;
            case EnumTypeDefinition it:
                Walk(it.Directives, "ENUM");
                foreach (var value in it.Values) Walk(value.Directives, "ENUM_VALUE");
                break;
            case InputObjectTypeDefinition it:
                Walk(it.Directives, "INPUT_OBJECT");
                Inputs(it.Fields, "INPUT_FIELD_DEFINITION");
                break;
        }
    }

    private void Inputs(ImmutableArray<InputValueDefinition> inputs, string location)
    {
        foreach (var it in inputs)
        {
            Walk(it.Type);
            Walk(it.Directives, location);
        }
    }
}
