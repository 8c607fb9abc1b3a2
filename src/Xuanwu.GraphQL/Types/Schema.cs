using System.Diagnostics.CodeAnalysis;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Types;

/// <summary>
/// A complete, checked schema. Made by <see cref="SchemaBuilder"/> from C# or by <see cref="SdlSchema"/> from text;
/// it does not change and may be used by any number of requests at once.
/// </summary>
public sealed class Schema
{
    private readonly Dictionary<string, NamedType> types;
    private readonly Dictionary<string, DirectiveType> directives;
    private readonly Dictionary<NamedType, ObjectType[]> possible = [];
    private readonly Dictionary<NamedType, HashSet<NamedType>> subtypes = [];

    internal Schema(
        IEnumerable<NamedType> types,
        IEnumerable<DirectiveType> directives,
        ObjectType? query,
        ObjectType? mutation,
        ObjectType? subscription,
        string? description)
    {
        NamedType[] all = [.. types.Concat(Introspection.Types).DistinctBy(it => it.Name)];
        this.types = all.ToDictionary(it => it.Name);
        this.directives = directives.ToDictionary(it => it.Name);
        QueryType = query;
        MutationType = mutation;
        SubscriptionType = subscription;
        Description = description;
        IndexSubtypes();
        Types = all;
        Directives = [.. this.directives.Values];
    }

    /// <summary>All types: by name or, from text, as defined; then those of introspection.</summary>
    public IReadOnlyList<NamedType> Types { get; }

    /// <summary>All directives, built-in ones first.</summary>
    public IReadOnlyList<DirectiveType> Directives { get; }

    /// <summary>Root of queries. Only null in a schema that <see cref="SchemaValidation"/> refuses.</summary>
    public ObjectType? QueryType { get; }

    /// <summary>Root of mutations, or null.</summary>
    public ObjectType? MutationType { get; }

    /// <summary>Root of subscriptions, or null.</summary>
    public ObjectType? SubscriptionType { get; }

    /// <summary>Markdown for the schema's readers.</summary>
    public string? Description { get; }

    /// <summary>The type of that name.</summary>
    public bool TryGetType(string name, [NotNullWhen(true)] out NamedType? type) => types.TryGetValue(name, out type);

    /// <summary>The directive of that name, without the at sign.</summary>
    public bool TryGetDirective(string name, [NotNullWhen(true)] out DirectiveType? directive) =>
        directives.TryGetValue(name, out directive);

    /// <summary>
    /// The object types a composite type stands for: itself, a union's members, an interface's objects.
    /// </summary>
    public IReadOnlyList<ObjectType> PossibleTypes(NamedType type) =>
        type is ObjectType it ? [it] : possible.TryGetValue(type, out var found) ? found : [];

    /// <summary>Whether values of <paramref name="type"/> are always values of the abstract type too.</summary>
    public bool IsSubtype(NamedType abstractType, NamedType type) =>
        subtypes.TryGetValue(abstractType, out var found) && found.Contains(type);

    /// <summary>Whether an object can be of both types.</summary>
    public bool Overlap(NamedType a, NamedType b)
    {
        if (ReferenceEquals(a, b)) return true;
        var others = PossibleTypes(b);
        foreach (var type in PossibleTypes(a))
        {
            if (ReferenceEquals(type, b) || others.Contains(type)) return true;
        }

        return false;
    }

    /// <summary>The type a reference names, or null when the schema lacks it.</summary>
    internal SchemaType? Resolve(Language.TypeNode node) => node switch
    {
        Language.NonNullTypeNode it => Resolve(it.Inner)?.NonNull(),
        Language.ListTypeNode it => Resolve(it.Item)?.List(),
        Language.NamedTypeNode it => types.GetValueOrDefault(it.Name.Value),
        _ => null,
    };

    /// <summary>The root type of a kind of operation.</summary>
    internal ObjectType? Root(Language.OperationKind kind) => kind switch
    {
        Language.OperationKind.Query => QueryType,
        Language.OperationKind.Mutation => MutationType,
        _ => SubscriptionType,
    };

    /// <summary>The field, meta-fields included (section 4.1).</summary>
    internal Field? FieldOf(NamedType parent, string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal))
        {
            if (name == "__typename" && parent.IsComposite) return Introspection.TypenameField;
            if (ReferenceEquals(parent, QueryType) && name == "__schema") return Introspection.SchemaField;
            if (ReferenceEquals(parent, QueryType) && name == "__type") return Introspection.TypeField;
        }

        return parent is FieldsType it && it.TryGetField(name, out var field) ? field : null;
    }

    private void IndexSubtypes()
    {
        var members = new Dictionary<NamedType, List<ObjectType>>();
        foreach (var type in types.Values)
        {
            if (type is UnionType union)
            {
                foreach (var member in union.Members) Note(union, member);
            }
            else if (type is FieldsType implementing)
            {
                foreach (var parent in implementing.Interfaces) Note(parent, type);
            }
        }

        foreach (var (type, objects) in members) possible[type] = [.. objects];

        void Note(NamedType parent, NamedType type)
        {
            if (!subtypes.TryGetValue(parent, out var set)) subtypes[parent] = set = [];
            if (!set.Add(type) || type is not ObjectType it) return;
            if (!members.TryGetValue(parent, out var list)) members[parent] = list = [];
            list.Add(it);
        }
    }
}
