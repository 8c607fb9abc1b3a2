using System.Reflection;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

// From C# types to the schema model. Named types are made empty when first met and filled from a queue, so types may
// refer to each other in any way. This part keeps the names; fields and inputs are in the classes beside it.
internal sealed class CodeFirstSchema
{
    private readonly Dictionary<string, NamedType> byName = [];
    private readonly Dictionary<string, object> origins = [];
    private readonly Queue<Action> toFill = new();
    private readonly Queue<Action> toFillLast = new();

    public CodeFirstSchema(SchemaBuilder builder)
    {
        Builder = builder;
        Inputs = new CodeFirstInputs(this);
        Outputs = new CodeFirstOutputs(this);
    }

    public SchemaBuilder Builder { get; }

    public CodeFirstInputs Inputs { get; }

    public CodeFirstOutputs Outputs { get; }

    public Schema Build()
    {
        foreach (var scalar in BuiltInScalars.All) byName[scalar.Name] = scalar;
        foreach (var draft in Builder.Drafts.Values) Inputs.Declare(draft);
        foreach (var type in Builder.Enums.Keys) Enum(type);
        foreach (var type in Builder.Inputs.Keys) Inputs.Object(type);
        Outputs.DeclareAbstract();
        foreach (var type in Builder.Objects.Keys) Outputs.Object(type);
        var query = Outputs.Root("Query", Builder.Queries);
        var mutation = Outputs.Root("Mutation", Builder.Mutations);
        var subscription = Outputs.Root("Subscription", Builder.Subscriptions, isEvents: true);
        while (toFill.TryDequeue(out var fill) || toFillLast.TryDequeue(out fill))
        {
            fill();
            if (toFill.Count == 0) Outputs.Implement();
        }

        return new Schema(
            Used(query, mutation, subscription), Directives(), query, mutation, subscription, Builder.Text);
    }

    public void Later(Action fill) => toFill.Enqueue(fill);

    /// <summary>For what refers to types by name: every type of C# is known by then.</summary>
    public void Last(Action fill) => toFillLast.Enqueue(fill);

    /// <summary>Adds a named type; two C# types of one schema name are an error.</summary>
    public T Add<T>(T type, object origin)
        where T : NamedType
    {
        if (byName.TryGetValue(type.Name, out _))
        {
            throw new SchemaException(
                $"Both {origins.GetValueOrDefault(type.Name, "the engine")} and {origin} want to be \"{type.Name}\".");
        }

        byName[type.Name] = type;
        origins[type.Name] = origin;
        return type;
    }

    public ScalarType Scalar(ScalarType type)
    {
        if (!byName.TryGetValue(type.Name, out var known)) return Add(type, type.Name);
        return known as ScalarType ?? throw new SchemaException($"\"{type.Name}\" is a scalar and something else.");
    }

    public EnumType Enum(Type type)
    {
        var name = Builder.Enums.GetValueOrDefault(type) ?? Naming.Type(type);
        if (byName.TryGetValue(name, out var known) && Equals(origins[name], type)) return (EnumType)known;
        var made = Add(new EnumType(name) { Description = XmlDocs.Of(type) }, type);
        foreach (var member in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (member.GetCustomAttribute<GraphQLIgnoreAttribute>() is not null) continue;
            made.Add(new EnumMember(Naming.EnumValue(member), member.GetValue(null)!)
            {
                Description = XmlDocs.Of(member),
                DeprecationReason = Deprecation(member),
            });
        }

        return made;
    }

    /// <summary>A named type, with filters and scalars made when they are first named.</summary>
    public NamedType? Find(string name)
    {
        if (byName.TryGetValue(name, out var known)) return known;
        if (Builder.Scalars.Values.FirstOrDefault(it => it.Type.Name == name) is { } scalar) return Scalar(scalar.Type);
        if (name == OperationFilters.SortEnum) return Add(OperationFilters.MakeSortEnum(), name);
        return OperationFilters.For(name, Find) is { } draft ? Inputs.Declare(draft) : null;
    }

    /// <summary>The type that a text in the schema's language names.</summary>
    public SchemaType Resolve(TypeNode node) => node switch
    {
        NonNullTypeNode it => Resolve(it.Inner).NonNull(),
        ListTypeNode it => Resolve(it.Item).List(),
        NamedTypeNode it => Find(it.Name.Value)
            ?? throw new SchemaException($"The type \"{it.Name.Value}\" is not defined."),
        _ => throw new SchemaException("Not a type."),
    };

    public static string? Deprecation(MemberInfo member) =>
        member.GetCustomAttribute<DeprecatedAttribute>()?.Reason
        ?? (member.GetCustomAttribute<ObsoleteAttribute>() is { } it ? it.Message ?? BuiltInDirectives.NoReason : null);

    private IEnumerable<DirectiveType> Directives() => Builder.AllowsDefer
        ? BuiltInDirectives.All().Append(BuiltInDirectives.Defer()) : BuiltInDirectives.All();

    // Built-in scalars appear when something uses them.
    private IEnumerable<NamedType> Used(params ObjectType?[] roots)
    {
        var types = byName.Values.Where(it => !BuiltInScalars.IsBuiltIn(it.Name)).ToHashSet();
        var inputs = types.OfType<FieldsType>().SelectMany(it => it.Fields).SelectMany(it => it.Arguments)
            .Concat(types.OfType<InputObjectType>().SelectMany(it => it.Fields)).Select(it => it.Type.Named);
        var outputs = types.OfType<FieldsType>().SelectMany(it => it.Fields).Select(it => it.Type.Named);
        return [.. types.Concat(inputs).Concat(outputs).Concat(roots.OfType<NamedType>()).Distinct()
            .OrderBy(it => it.Name, StringComparer.Ordinal)];
    }
}
