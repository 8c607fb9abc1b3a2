namespace Xuanwu.GraphQL.Types;

/// <summary>
/// Makes a schema from plain C#: records are object types and input objects, static methods are fields. Everything
/// that resolvers can reach is found; registration is for roots, added fields, names, and types that nothing returns.
/// </summary>
/// <remarks>
/// Names follow HotChocolate (<c>GetJobsAsync</c> is <c>jobs</c>, <c>FinishedOk</c> is <c>FINISHED_OK</c>), C#'s
/// nullability decides <c>!</c>, and XML documentation becomes descriptions.
/// </remarks>
public sealed class SchemaBuilder
{
    internal List<Type> Queries { get; } = [];

    internal List<Type> Mutations { get; } = [];

    internal List<Type> Subscriptions { get; } = [];

    internal Dictionary<Type, string?> Objects { get; } = [];

    internal Dictionary<Type, string?> Enums { get; } = [];

    internal Dictionary<Type, string?> Inputs { get; } = [];

    internal Dictionary<Type, string?> Interfaces { get; } = [];

    internal Dictionary<Type, (string? Name, Type[] Members)> Unions { get; } = [];

    internal List<(Type Parent, Type Class)> Extensions { get; } = [];

    internal Dictionary<Type, ClrScalar> Scalars { get; } = ClrScalars.All();

    internal Dictionary<Type, ClrScalar> Ids { get; } = ClrScalars.Ids();

    internal Dictionary<string, InputObjectDraft> Drafts { get; } = [];

    internal Func<Type, bool> IsService { get; private set; } = _ => false;

    internal (int Default, int Max) Page { get; private set; } = (10, 50);

    internal string? Text { get; private set; }

    internal bool AllowsDefer { get; private set; }

    /// <summary>Public static methods of a static class become fields of Query.</summary>
    public SchemaBuilder Query(Type staticClass) => Do(() => Queries.Add(staticClass));

    /// <summary>Public static methods of a static class become fields of Mutation.</summary>
    public SchemaBuilder Mutation(Type staticClass) => Do(() => Mutations.Add(staticClass));

    /// <summary>
    /// Public static methods of a static class become fields of Subscription. Each returns an IAsyncEnumerable, or a
    /// Task or ValueTask of one, whose items are the values of the field; a cancellation it takes lasts as long as the
    /// subscription.
    /// </summary>
    public SchemaBuilder Subscription(Type staticClass) => Do(() => Subscriptions.Add(staticClass));

    /// <summary>An object type, by a name of its own or with members that nothing returns directly.</summary>
    public SchemaBuilder Object<T>(string? name = null) => Do(() => Objects[typeof(T)] = name);

    /// <summary>
    /// Public static methods become fields of the object type of <typeparamref name="T"/>; their first parameter is
    /// the parent object.
    /// </summary>
    public SchemaBuilder Fields<T>(Type staticClass) => Do(() => Extensions.Add((typeof(T), staticClass)));

    /// <summary>An enum by a name of its own, or one that only filters use.</summary>
    public SchemaBuilder Enum<T>(string? name = null)
        where T : struct, Enum => Do(() => Enums[typeof(T)] = name);

    /// <summary>An input object by a name of its own.</summary>
    public SchemaBuilder Input<T>(string? name = null) => Do(() => Inputs[typeof(T)] = name);

    /// <summary>
    /// A C# interface or abstract record as an interface; object types of its C# subtypes implement it.
    /// </summary>
    public SchemaBuilder Interface<T>(string? name = null) => Do(() => Interfaces[typeof(T)] = name);

    /// <summary>A C# interface or abstract record as a union of the given object types.</summary>
    public SchemaBuilder Union<T>(string? name, params Type[] members) => Do(() => Unions[typeof(T)] = (name, members));

    /// <summary>
    /// A C# type that is written as a string. Parsing throws <see cref="FormatException"/> for what does not fit.
    /// With the name ID it becomes a kind of ID; otherwise a scalar of that name.
    /// </summary>
    public SchemaBuilder Scalar<T>(string name, Func<string, T> parse, Func<T, string> format)
        where T : notnull => Do(() =>
    {
        var made = ClrScalars.Custom(name, parse, format);
        var known = Scalars.Values.Concat(Ids.Values).FirstOrDefault(it => it.Type.Name == name)?.Type;
        Scalars[typeof(T)] = new ClrScalar(
            known ?? made,
            (Execution.JsonBuffer output, T it) => output.String(format(it)),
            known is null ? null : it => Parse((string)it));
        object Parse(string text)
        {
            try
            {
                return parse(text);
            }
            catch (FormatException)
            {
                throw new GraphQLException($"\"{text}\" is not a valid {name}.");
            }
        }
    });

    /// <summary>
    /// An input object without a C# type, for parameters marked with <see cref="GraphQLTypeAttribute"/>. Field types
    /// are written in the schema's language; <c>(Scalar or enum)OperationFilterInput</c> types and
    /// <c>SortEnumType</c> come into being when they are named.
    /// </summary>
    public SchemaBuilder InputObject(string name, params (string Name, string Type)[] fields) =>
        Do(() => Drafts[name] = new InputObjectDraft(name, null, fields));

    /// <summary>
    /// A filter in HotChocolate's form, such as <c>JobFilterInput</c>: <c>and</c>, <c>or</c>, and one operation filter
    /// per field. A field's type is a scalar's or enum's name; a name that ends with Input is taken as it is.
    /// </summary>
    public SchemaBuilder FilterInput(string name, params (string Name, string Type)[] fields) =>
        Do(() => Drafts[name] = OperationFilters.Filter(name, fields));

    /// <summary>
    /// An order in HotChocolate's form, such as <c>JobSortInput</c>: each field ascending or descending.
    /// </summary>
    public SchemaBuilder SortInput(string name, params string[] fields) => InputObject(
        name, [.. fields.Select(it => (it, "SortEnumType"))]);

    /// <summary>Which parameter types are services of the request and never arguments.</summary>
    public SchemaBuilder Services(Func<Type, bool> isService) => Do(() => IsService = isService);

    /// <summary>
    /// Items of a page when none are asked for, and the most that may be asked for; 10 and 50 unless set.
    /// </summary>
    public SchemaBuilder Paging(int defaultSize, int maxSize) => Do(() => Page = (defaultSize, maxSize));

    /// <summary>
    /// Has <c>@defer</c> in the schema; see <see cref="Execution.EngineOptions.Incremental"/>.
    /// </summary>
    public SchemaBuilder Defer() => Do(() => AllowsDefer = true);

    /// <summary>The schema's own description.</summary>
    public SchemaBuilder Description(string text) => Do(() => Text = text);

    /// <summary>
    /// Makes and checks the schema. Throws <see cref="SchemaException"/> with everything that is wrong.
    /// </summary>
    public Schema Build()
    {
        var schema = new CodeFirstSchema(this).Build();
        var errors = SchemaValidation.Check(schema);
        return errors.Count == 0 ? schema : throw new SchemaException(errors);
    }

    private SchemaBuilder Do(Action change)
    {
        change();
        return this;
    }
}

/// <summary>An input object whose fields' types are still text.</summary>
internal sealed record InputObjectDraft(
    string Name, string? Description, IReadOnlyList<(string Name, string Type)> Fields);
