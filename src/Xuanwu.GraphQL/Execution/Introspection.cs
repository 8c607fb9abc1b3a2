using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// The schema of schemas (specification, section 4.2). Its types are the same in every schema; their fields read the
// model directly.
internal static class Introspection
{
    private static readonly ScalarType Text = BuiltInScalars.String;
    private static readonly SchemaType Flag = BuiltInScalars.Boolean.NonNull();
    private static readonly StringCompletion OptionalText = new(nonNull: false);
    private static readonly StringCompletion RequiredText = new(nonNull: true);
    private static readonly BooleanCompletion Truth = new();

    private static readonly ObjectType SchemaObject = new("__Schema")
    {
        Description = "A GraphQL Schema defines the capabilities of a GraphQL server. It exposes all available types "
            + "and directives on the server, as well as the entry points for query, mutation, and subscription "
            + "operations.",
    };

    private static readonly ObjectType TypeObject = new("__Type")
    {
        Description = "The fundamental unit of any GraphQL Schema is the type. There are many kinds of types in "
            + "GraphQL as represented by the `__TypeKind` enum.",
    };

    private static readonly ObjectType FieldObject = new("__Field")
    {
        Description = "Object and Interface types are described by a list of Fields, each of which has a name, "
            + "potentially a list of arguments, and a return type.",
    };

    private static readonly ObjectType InputObject = new("__InputValue")
    {
        Description = "Arguments provided to Fields or Directives and the input fields of an InputObject are "
            + "represented as Input Values which describe their type and optionally a default value.",
    };

    private static readonly ObjectType EnumObject = new("__EnumValue")
    {
        Description = "One possible value for a given Enum. Enum values are unique values, not a placeholder for a "
            + "string or numeric value. However an Enum value is returned in a JSON response as a string.",
    };

    private static readonly ObjectType DirectiveObject = new("__Directive")
    {
        Description = "A Directive provides a way to describe alternate runtime execution and type validation "
            + "behavior in a GraphQL document.",
    };

    private static readonly EnumType TypeKind = new("__TypeKind")
    {
        Description = "An enum describing what kind of type a given `__Type` is.",
    };

    private static readonly EnumType DirectiveLocation = new("__DirectiveLocation")
    {
        Description = "A Directive can be adjacent to many parts of the GraphQL language, a __DirectiveLocation "
            + "describes one such possible adjacencies.",
    };

    static Introspection()
    {
        foreach (var kind in new[]
            { "SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL" })
        {
            TypeKind.Add(new EnumMember(kind, kind) { Description = $"Indicates this type is of kind {kind}." });
        }

        foreach (var location in DirectiveLocations.All)
        {
            DirectiveLocation.Add(new EnumMember(location, location)
            {
                Description = $"Location adjacent to {location}.",
            });
        }

        DefineSchema();
        DefineType();
        DefineMembers();
        SchemaField = new Field("__schema", SchemaObject.NonNull(), [])
        {
            Description = "Access the current type schema of this server.",
            Runner = new ModelRunner<object, Schema>(
                (schema, _, _) => schema, new ObjectCompletion<Schema>(SchemaObject, nonNull: true)),
        };
        TypeField = new Field("__type", TypeObject, [new InputField("name", Text.NonNull())])
        {
            Description = "Request the type information of a single type.",
            Runner = new ModelRunner<object, SchemaType?>(
                (schema, _, arguments) => schema.TryGetType((string)arguments[0]!, out var type) ? type : null,
                new ObjectCompletion<SchemaType?>(TypeObject, nonNull: false)),
        };
        TypenameField = new Field("__typename", Text.NonNull(), [])
        {
            Description = "The name of the current Object type at runtime.",
            Runner = new TypenameRunner(),
        };
    }

    public static Field SchemaField { get; }

    public static Field TypeField { get; }

    public static Field TypenameField { get; }

    public static IEnumerable<NamedType> Types =>
    [
        Text, BuiltInScalars.Boolean, SchemaObject, TypeObject, TypeKind, FieldObject, InputObject, EnumObject,
        DirectiveObject, DirectiveLocation,
    ];

    private static void DefineSchema()
    {
        Leaf<Schema>(SchemaObject, "description", it => it.Description);
        Many<Schema, NamedType>(SchemaObject, "types", TypeObject, (schema, _, _) => schema.Types, nonNull: true);
        One<Schema>(SchemaObject, "queryType", it => it.QueryType, nonNull: true);
        One<Schema>(SchemaObject, "mutationType", it => it.MutationType, nonNull: false);
        One<Schema>(SchemaObject, "subscriptionType", it => it.SubscriptionType, nonNull: false);
        Many<Schema, DirectiveType>(
            SchemaObject, "directives", DirectiveObject, (schema, _, _) => schema.Directives, nonNull: true);
    }

    private static void DefineType()
    {
        TypeObject.Add(new Field("kind", TypeKind.NonNull(), [])
        {
            Runner = new GetterRunner<SchemaType, string?>(Kind, RequiredText),
        });
        Leaf<SchemaType>(TypeObject, "name", it => (it as NamedType)?.Name);
        Leaf<SchemaType>(TypeObject, "description", it => (it as NamedType)?.Description);
        Leaf<SchemaType>(TypeObject, "specifiedByURL", it => (it as ScalarType)?.SpecifiedBy);
        Many<SchemaType, Field>(
            TypeObject,
            "fields",
            FieldObject,
            (_, it, arguments) => it is FieldsType type
                ? Current(type.Fields, arguments, field => field.DeprecationReason) : null,
            deprecatable: true);
        Many<SchemaType, InterfaceType>(
            TypeObject, "interfaces", TypeObject, (_, it, _) => (it as FieldsType)?.Interfaces);
        Many<SchemaType, ObjectType>(
            TypeObject,
            "possibleTypes",
            TypeObject,
            (schema, it, _) => it is InterfaceType or UnionType ? schema.PossibleTypes((NamedType)it) : null);
        Many<SchemaType, EnumMember>(
            TypeObject,
            "enumValues",
            EnumObject,
            (_, it, arguments) => it is EnumType type
                ? Current(type.Values, arguments, value => value.DeprecationReason) : null,
            deprecatable: true);
        Many<SchemaType, InputField>(
            TypeObject,
            "inputFields",
            InputObject,
            (_, it, arguments) => it is InputObjectType type
                ? Current(type.Fields, arguments, field => field.DeprecationReason) : null,
            deprecatable: true);
        One<SchemaType>(
            TypeObject, "ofType", it => it is ListType list ? list.Item : (it as NonNullType)?.Inner, nonNull: false);
        TypeObject.Add(new Field("isOneOf", BuiltInScalars.Boolean, [])
        {
            Runner = new GetterRunner<SchemaType, bool?>(
                it => (it as InputObjectType)?.IsOneOf, new NullableCompletion<bool>(Truth, nonNull: false)),
        });
    }

    private static void DefineMembers()
    {
        Name<Field>(FieldObject, it => it.Name);
        Leaf<Field>(FieldObject, "description", it => it.Description);
        Arguments<Field>(FieldObject, it => it.Arguments);
        One<Field>(FieldObject, "type", it => it.Type, nonNull: true);
        Deprecation<Field>(FieldObject, it => it.DeprecationReason);

        Name<InputField>(InputObject, it => it.Name);
        Leaf<InputField>(InputObject, "description", it => it.Description);
        One<InputField>(InputObject, "type", it => it.Type, nonNull: true);
        Leaf<InputField>(
            InputObject, "defaultValue", it => it.DefaultValue is { } value ? Printer.Print(value) : null);
        Deprecation<InputField>(InputObject, it => it.DeprecationReason);

        Name<EnumMember>(EnumObject, it => it.Name);
        Leaf<EnumMember>(EnumObject, "description", it => it.Description);
        Deprecation<EnumMember>(EnumObject, it => it.DeprecationReason);

        Name<DirectiveType>(DirectiveObject, it => it.Name);
        Leaf<DirectiveType>(DirectiveObject, "description", it => it.Description);
        DirectiveObject.Add(new Field("isRepeatable", Flag, [])
        {
            Runner = new GetterRunner<DirectiveType, bool>(it => it.IsRepeatable, Truth),
        });
        DirectiveObject.Add(new Field("locations", DirectiveLocation.NonNull().List().NonNull(), [])
        {
            Runner = new GetterRunner<DirectiveType, IReadOnlyList<string?>?>(
                it => it.Locations, new ListCompletion<IReadOnlyList<string?>, string?>(RequiredText, nonNull: true)),
        });
        Arguments<DirectiveType>(DirectiveObject, it => it.Arguments);
    }

    private static string Kind(SchemaType type) => type switch
    {
        ScalarType => "SCALAR",
        ObjectType => "OBJECT",
        InterfaceType => "INTERFACE",
        UnionType => "UNION",
        EnumType => "ENUM",
        InputObjectType => "INPUT_OBJECT",
        ListType => "LIST",
        _ => "NON_NULL",
    };

    private static IReadOnlyList<T> Current<T>(
        IReadOnlyList<T> all, object?[] arguments, Func<T, string?> deprecation) =>
        arguments[0] is true || all.All(it => deprecation(it) is null)
            ? all : [.. all.Where(it => deprecation(it) is null)];

    private static InputField IncludeDeprecated() => new("includeDeprecated", Flag, new BooleanValue(0, false));

    private static void Name<T>(ObjectType owner, Func<T, string> read)
        where T : class => owner.Add(new Field("name", Text.NonNull(), [])
        {
            Runner = new GetterRunner<T, string?>(read, RequiredText),
        });

    private static void Leaf<T>(ObjectType owner, string name, Func<T, string?> read)
        where T : class => owner.Add(new Field(name, Text, [])
        {
            Runner = new GetterRunner<T, string?>(read, OptionalText),
        });

    private static void Deprecation<T>(ObjectType owner, Func<T, string?> read)
        where T : class
    {
        owner.Add(new Field("isDeprecated", Flag, [])
        {
            Runner = new GetterRunner<T, bool>(it => read(it) is not null, Truth),
        });
        Leaf(owner, "deprecationReason", read);
    }

    private static void Arguments<T>(ObjectType owner, Func<T, IReadOnlyList<InputField>> read)
        where T : class => Many<T, InputField>(
            owner,
            "args",
            InputObject,
            (_, it, arguments) => Current(read(it), arguments, input => input.DeprecationReason),
            nonNull: true,
            deprecatable: true);

    private static void One<T>(ObjectType owner, string name, Func<T, SchemaType?> read, bool nonNull)
        where T : class => owner.Add(new Field(name, nonNull ? TypeObject.NonNull() : TypeObject, [])
        {
            Runner = new GetterRunner<T, SchemaType?>(read, new ObjectCompletion<SchemaType?>(TypeObject, nonNull)),
        });

    private static void Many<T, TItem>(
        ObjectType owner,
        string name,
        ObjectType itemType,
        Func<Schema, T, object?[], IReadOnlyList<TItem>?> read,
        bool nonNull = false,
        bool deprecatable = false)
        where T : class
    {
        var list = itemType.NonNull().List();
        var completion = new ListCompletion<IReadOnlyList<TItem>, TItem>(
            new ObjectCompletion<TItem>(itemType, nonNull: true), nonNull);
        owner.Add(new Field(name, nonNull ? list.NonNull() : list, deprecatable ? [IncludeDeprecated()] : [])
        {
            Runner = new ModelRunner<T, IReadOnlyList<TItem>?>(read, completion),
        });
    }

    // Reads the model with the schema at hand.
    private sealed class ModelRunner<TParent, TValue>(
        Func<Schema, TParent, object?[], TValue> read, Completion<TValue> completion)
        : FieldRunner
        where TParent : class
    {
        public override bool Run(Executor executor, FieldPlan plan, object source) =>
            completion.Write(
                executor, plan, read(executor.Schema, (TParent)source, executor.Arguments(plan)));
    }
}
