using System.Collections.Immutable;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

/// <summary>One field of one object that a resolver of a schema from text is asked for.</summary>
/// <param name="Parent">The object type.</param>
/// <param name="Field">The field.</param>
/// <param name="Source">The parent value.</param>
/// <param name="Arguments">Coerced arguments; those without value and default are absent.</param>
/// <param name="Request">What belongs to the request.</param>
public readonly record struct FieldCall(
    NamedType Parent,
    Field Field,
    object Source,
    IReadOnlyDictionary<string, object?> Arguments,
    RequestContext Request);

/// <summary>How a schema from text gets its values.</summary>
public sealed record SdlResolvers
{
    /// <summary>
    /// The value of a field: null, a scalar, an enum value's name, a sequence, any object, or a Task of one of these.
    /// An <see cref="Exception"/> as a value, also inside a sequence, fails that position.
    /// </summary>
    public required Func<FieldCall, object?> Resolve { get; init; }

    /// <summary>
    /// The events of a root field of Subscription: a sequence of <c>IAsyncEnumerable&lt;object?&gt;</c>, or a Task of
    /// one. Each event is the root value (<see cref="FieldCall.Source"/>) from which <see cref="Resolve"/> is asked for
    /// the field. An <see cref="Exception"/> as a value is the reason why there are no events.
    /// </summary>
    public Func<FieldCall, object?> Subscribe { get; init; } = _ => null;

    /// <summary>The name of a value's object type where the field's type is an interface or union.</summary>
    public Func<object, NamedType, string?> TypeName { get; init; } = (_, _) => null;

    /// <summary>
    /// Whether default values and directives' arguments must fit their types. Texts from before September 2025 may rely
    /// on being let through.
    /// </summary>
    public bool CheckValues { get; init; } = true;
}

/// <summary>Makes a schema from text in the schema definition language, extensions included.</summary>
public static class SdlSchema
{
    /// <summary>
    /// A checked schema. Throws <see cref="SyntaxException"/>, or <see cref="SchemaException"/> with every fault.
    /// </summary>
    public static Schema Build(string text, SdlResolvers resolvers)
    {
        var document = Parser.Parse(text, ParserLimits.Trusted);
        var schema = new SdlReader(document, resolvers).Read();
        var errors = SchemaValidation.Check(schema, resolvers.CheckValues);
        return errors.Count == 0 ? schema : throw new SchemaException(errors);
    }
}

// From definitions to the model: names first, then members, then extensions as more members of the same kind.
internal sealed class SdlReader(Document document, SdlResolvers resolvers)
{
    private readonly Dictionary<string, NamedType> types =
        BuiltInScalars.All.ToDictionary(it => it.Name, it => (NamedType)it);
    private readonly Dictionary<string, DirectiveType> directives = BuiltInDirectives.All().ToDictionary(it => it.Name);
    private readonly HashSet<string> ownDirectives = [];
    private readonly Dictionary<OperationKind, NamedTypeNode> roots = [];
    private readonly List<GraphQLError> errors = [];
    private string? description;

    public Schema Read()
    {
        foreach (var type in Introspection.Types) types.TryAdd(type.Name, type);
        foreach (var it in document.Definitions.OfType<TypeDefinition>().Where(it => !it.IsExtension)) Declare(it);
        foreach (var definition in document.Definitions)
        {
            switch (definition)
            {
                case SchemaDefinition it:
                    description ??= it.Description?.Value;
                    foreach (var root in it.Operations)
                    {
                        if (!roots.TryAdd(root.Kind, root.Type)) Fault(it, $"There can be only one {root.Kind} type.");
                    }

                    break;
                case DirectiveDefinition it:
                    var made = new DirectiveType(
                        it.Name.Value, [.. it.Locations.Select(at => at.Value)], Inputs(it.Arguments), it.IsRepeatable)
                    {
                        Description = it.Description?.Value,
                    };
                    // Built-in directives may be defined too, as tools write them out.
                    directives[made.Name] = made;
                    if (!ownDirectives.Add(made.Name))
                    {
                        Fault(it, $"There can be only one directive named \"@{made.Name}\".");
                    }

                    break;
                case TypeDefinition it when types.TryGetValue(it.Name.Value, out var type) && !IsGiven(type):
                    Fill(it, type);
                    break;
                case ScalarTypeDefinition { IsExtension: false } it when BuiltInScalars.IsBuiltIn(it.Name.Value):
                    break;
                case TypeDefinition { IsExtension: false }:
                    break; // told when it was declared
                case TypeDefinition it:
                    Fault(it, $"Cannot extend type \"{it.Name}\" because it is not defined.");
                    break;
                default:
                    Fault(definition, "Only definitions of types can be in a schema.");
                    break;
            }
        }

        errors.AddRange(new SdlDirectives(document, directives, resolvers.CheckValues).Check());
        if (errors.Count > 0) throw new SchemaException(errors);
        var subscription = Root(OperationKind.Subscription);
        foreach (var it in subscription?.Fields ?? []) it.Events = new DynamicEvents(subscription!, it, resolvers);
        return new Schema(
            InOrder(), directives.Values, Root(OperationKind.Query), Root(OperationKind.Mutation), subscription,
            description);
    }

    // Types that every schema shares: nothing of one schema may change them.
    private static bool IsGiven(NamedType type) =>
        BuiltInScalars.All.Contains(type) || Introspection.Types.Contains(type);

    // As in graphql-js: types as they are defined, each followed by the built-in scalars it is the first to use.
    private IEnumerable<NamedType> InOrder()
    {
        var listed = new HashSet<NamedType>();
        foreach (var name in document.Definitions.OfType<TypeDefinition>().Select(it => it.Name.Value))
        {
            if (!types.TryGetValue(name, out var type) || !listed.Add(type)) continue;
            yield return type;
            foreach (var used in Uses(type).Select(it => it.Named).Where(it => BuiltInScalars.IsBuiltIn(it.Name)))
            {
                if (listed.Add(used)) yield return used;
            }
        }

        foreach (var used in directives.Values.SelectMany(it => it.Arguments).Select(it => it.Type.Named))
        {
            if (listed.Add(used)) yield return used;
        }
    }

    private static IEnumerable<SchemaType> Uses(NamedType type) => type switch
    {
        FieldsType it => it.Fields.SelectMany(field => field.Arguments.Select(input => input.Type).Prepend(field.Type)),
        InputObjectType it => it.Fields.Select(field => field.Type),
        _ => [],
    };

    private void Fault(Node at, string message) => errors.Add(new GraphQLError(message)
    {
        Locations = [document.Source.Locate(at.Start)],
    });

    private ObjectType? Root(OperationKind kind)
    {
        var given = roots.GetValueOrDefault(kind)?.Name.Value;
        var usual = document.Definitions.Any(it => it is SchemaDefinition { IsExtension: false })
            ? null : kind.ToString();
        if ((given ?? usual) is not { } name) return null;
        if (!types.TryGetValue(name, out var type))
        {
            return given is null ? null : throw new SchemaException($"Unknown type \"{name}\".");
        }

        return type as ObjectType ?? throw new SchemaException($"{kind} root type must be Object type, it is {name}.");
    }

    private void Declare(TypeDefinition it)
    {
        var name = it.Name.Value;
        NamedType made = it switch
        {
            ScalarTypeDefinition => new ScalarType(name, new AnythingCodec(name)),
            ObjectTypeDefinition => new ObjectType(name),
            InterfaceTypeDefinition => new InterfaceType(name),
            UnionTypeDefinition => new UnionType(name),
            EnumTypeDefinition => new EnumType(name),
            _ => new InputObjectType(name),
        };
        made.Description = it.Description?.Value;
        if (BuiltInScalars.IsBuiltIn(name) && it is ScalarTypeDefinition) return;
        if (!types.TryAdd(name, made)) Fault(it, $"There can be only one type named \"{name}\".");
    }

    private void Fill(TypeDefinition definition, NamedType type)
    {
        switch (definition, type)
        {
            case (ScalarTypeDefinition it, ScalarType scalar):
                scalar.SpecifiedBy ??= Text(it.Directives, "specifiedBy", "url");
                break;
            case (FieldsTypeDefinition it, FieldsType fields) when it is ObjectTypeDefinition == fields is ObjectType:
                foreach (var parent in it.Interfaces)
                {
                    if (Find(parent) is InterfaceType known) fields.Add(known);
                    else
                    {
                        Fault(
                            parent,
                            $"Type \"{type}\" must only implement Interface types, "
                                + $"it cannot implement {parent.Name}.");
                    }
                }

                foreach (var field in it.Fields) Add(fields, field);
                break;
            case (UnionTypeDefinition it, UnionType union):
                foreach (var member in it.Members)
                {
                    if (Find(member) is ObjectType known) union.Add(known);
                    else
                    {
                        Fault(
                            member,
                            $"Union type \"{type}\" can only include Object types, "
                                + $"it cannot include {member.Name}.");
                    }
                }

                break;
            case (EnumTypeDefinition it, EnumType names):
                foreach (var value in it.Values)
                {
                    var made = new EnumMember(value.Name.Value, value.Name.Value)
                    {
                        Description = value.Description?.Value,
                        DeprecationReason = Deprecation(value.Directives),
                    };
                    if (!names.Add(made)) Fault(value, $"Enum value \"{type}.{made.Name}\" can only be defined once.");
                }

                break;
            case (InputObjectTypeDefinition it, InputObjectType input):
                input.IsOneOf |= it.Directives.Any(directive => directive.Name.Value == "oneOf");
                foreach (var field in Inputs(it.Fields))
                {
                    if (!input.Add(field)) Fault(it, $"Field \"{type}.{field.Name}\" can only be defined once.");
                }

                break;
            default:
                Fault(definition, $"Cannot extend \"{type}\" as another kind of type.");
                break;
        }
    }

    private void Add(FieldsType owner, FieldDefinition node)
    {
        if (Find(node.Type) is not { } type) return;
        var arguments = Inputs(node.Arguments);
        var field = new Field(node.Name.Value, type, arguments)
        {
            Description = node.Description?.Value,
            DeprecationReason = Deprecation(node.Directives),
        };
        field.Runner = new DynamicRunner(owner, field, resolvers);
        if (!owner.Add(field)) Fault(node, $"Field \"{owner}.{field.Name}\" can only be defined once.");
        foreach (var twice in arguments.GroupBy(it => it.Name).Where(it => it.Count() > 1))
        {
            Fault(node, $"Argument \"{owner}.{field.Name}({twice.Key}:)\" can only be defined once.");
        }
    }

    private IReadOnlyList<InputField> Inputs(ImmutableArray<InputValueDefinition> nodes) =>
    [
        .. nodes.Select(it => (Node: it, Type: Find(it.Type))).Where(it => it.Type is not null).Select(
            it => new InputField(it.Node.Name.Value, it.Type!, it.Node.DefaultValue)
            {
                Description = it.Node.Description?.Value,
                DeprecationReason = Deprecation(it.Node.Directives),
                Absent = DynamicRunner.Absent,
            }),
    ];

    private SchemaType? Find(TypeNode node)
    {
        switch (node)
        {
            case NonNullTypeNode it:
                return Find(it.Inner)?.NonNull();
            case ListTypeNode it:
                return Find(it.Item)?.List();
            case NamedTypeNode it when types.TryGetValue(it.Name.Value, out var type):
                return type;
            case NamedTypeNode it:
                Fault(it, $"Unknown type \"{it.Name}\".{Suggestions.DidYouMean(it.Name.Value, types.Keys)}");
                return null;
            default:
                return null;
        }
    }

    private static string? Deprecation(ImmutableArray<Directive> nodes) =>
        nodes.Any(it => it.Name.Value == "deprecated")
            ? Text(nodes, "deprecated", "reason") ?? BuiltInDirectives.NoReason : null;

    private static string? Text(ImmutableArray<Directive> nodes, string directive, string argument) =>
        (nodes.FirstOrDefault(it => it.Name.Value == directive)?.Arguments
            .FirstOrDefault(it => it.Name.Value == argument)?.Value as StringValue)?.Value;
}

/// <summary>
/// A scalar that a schema from text declares: anything goes in, strings, numbers and booleans come out.
/// </summary>
internal sealed class AnythingCodec(string name) : ScalarCodec
{
    public override string Expectation => $"{name} cannot represent value:";

    public override object? Parse(in ScalarInput input) => input.Kind switch
    {
        ScalarKind.Int => BuiltInScalars.Int.Codec.Parse(input) ?? BuiltInScalars.Float.Codec.Parse(input),
        ScalarKind.Float => BuiltInScalars.Float.Codec.Parse(input),
        ScalarKind.Boolean => input.Text == "true",
        ScalarKind.Tree => (object?)input.Json ?? input.Literal,
        _ => input.Text,
    };

    public override bool TryWrite(JsonBuffer output, object value) => value switch
    {
        bool => BuiltInScalars.Boolean.Codec.TryWrite(output, value),
        int => BuiltInScalars.Int.Codec.TryWrite(output, value),
        double => BuiltInScalars.Float.Codec.TryWrite(output, value),
        _ => BuiltInScalars.String.Codec.TryWrite(output, value),
    };
}
