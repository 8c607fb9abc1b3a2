using System.Reflection;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Types;

/// <summary>A field's type and the Completion that writes the C# type as it.</summary>
internal readonly record struct Output(SchemaType Type, object Completion);

// Object types, interfaces and unions from C#: properties of records, and methods of static classes.
internal sealed class CodeFirstOutputs(CodeFirstSchema schema)
{
    private readonly Dictionary<Type, ObjectType> objects = [];
    private readonly Dictionary<Type, NamedType> abstracts = [];
    private readonly Dictionary<NamedType, Dictionary<Type, ObjectType>> known = [];
    private readonly Dictionary<string, Type> connections = [];

    public void DeclareAbstract()
    {
        foreach (var (type, name) in schema.Builder.Interfaces)
        {
            var made = schema.Add(
                new InterfaceType(name ?? Naming.Type(type)) { Description = XmlDocs.Of(type) }, type);
            Declare(type, made);
            schema.Later(() => AddProperties(made, type));
        }

        foreach (var (type, (name, members)) in schema.Builder.Unions)
        {
            Declare(type, schema.Add(
                new UnionType(name ?? Naming.Type(type)) { Description = XmlDocs.Of(type) }, type));
            foreach (var member in members) schema.Later(() => Object(member));
        }
    }

    public ObjectType? Root(string name, IReadOnlyList<Type> classes, bool isEvents = false)
    {
        if (classes.Count == 0) return null;
        var root = schema.Add(new ObjectType(name), name);
        foreach (var it in classes) schema.Later(() => AddMethods(root, it, parent: null, isEvents));
        return root;
    }

    public ObjectType Object(Type type)
    {
        if (objects.TryGetValue(type, out var found)) return found;
        var name = schema.Builder.Objects.GetValueOrDefault(type) ?? Naming.Type(type);
        var made = schema.Add(new ObjectType(name) { Description = XmlDocs.Of(type) }, type);
        objects[type] = made;
        schema.Later(() =>
        {
            AddProperties(made, type);
            foreach (var (parent, methods) in schema.Builder.Extensions)
            {
                if (parent.IsAssignableFrom(type)) AddMethods(made, methods, parent);
            }
        });
        return made;
    }

    /// <summary>Joins object types with the interfaces and unions of their C# supertypes.</summary>
    public void Implement()
    {
        foreach (var (type, made) in objects)
        {
            foreach (var (parent, abstractType) in abstracts)
            {
                if (!parent.IsAssignableFrom(type) || !known[abstractType].TryAdd(type, made)) continue;
                if (abstractType is InterfaceType it) made.Add(it);
                else if (IsMember(parent, type)) ((UnionType)abstractType).Add(made);
                else known[abstractType].Remove(type);
            }
        }
    }

    /// <summary>The schema type for a C# type, and what writes it.</summary>
    public Output Of(ClrType type, bool isId, string connectionName)
    {
        if (type.IsNullable)
        {
            var bare = Nullable.GetUnderlyingType(type.Type);
            if (bare is null) return Bare(type, isId, connectionName, nonNull: false);
            var inner = Bare(new ClrType(bare, false, type.Arguments), isId, connectionName, nonNull: true);
            return new Output(
                inner.Type, Make(typeof(NullableCompletion<>), [bare], inner.Completion, false));
        }

        if (IsConnection(type.Type)) return Bare(type, isId, connectionName, nonNull: false);
        var required = Bare(type, isId, connectionName, nonNull: true);
        return required with { Type = required.Type.NonNull() };
    }

    private static bool IsConnection(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Connection<>);

    private static object Make(Type open, Type[] arguments, params object[] values) =>
        Activator.CreateInstance(open.MakeGenericType(arguments), values)!;

    private Output Bare(ClrType type, bool isId, string connectionName, bool nonNull)
    {
        var clr = type.Type;
        if (isId && schema.Builder.Ids.TryGetValue(clr, out var id)) return Leaf(clr, id, nonNull);
        if (schema.Builder.Scalars.TryGetValue(clr, out var scalar)) return Leaf(clr, scalar, nonNull);
        if (clr.IsEnum)
        {
            var names = schema.Enum(clr);
            return new Output(names, Make(typeof(EnumCompletion<>), [clr], names, nonNull));
        }

        if (IsConnection(clr))
        {
            return Composite(typeof(ObjectCompletion<>), clr, Connection(clr, type.Arguments[0], connectionName));
        }

        if (type.Item is { } item)
        {
            var inner = Of(item, isId, connectionName);
            return new Output(
                inner.Type.List(), Make(typeof(ListCompletion<,>), [clr, item.Type], inner.Completion, nonNull));
        }

        if (abstracts.TryGetValue(clr, out var abstractType))
        {
            return new Output(abstractType, Make(
                typeof(AbstractCompletion<>), [clr], abstractType, known[abstractType], nonNull));
        }

        if (clr == typeof(object) || clr == typeof(void) || typeof(Delegate).IsAssignableFrom(clr))
        {
            throw new SchemaException($"{clr} cannot be the type of a field.");
        }

        return Composite(typeof(ObjectCompletion<>), clr, Object(clr));

        Output Composite(Type completion, Type value, ObjectType made) =>
            new(made, Make(completion, [value], made, nonNull));
    }

    private Output Leaf(Type clr, ClrScalar scalar, bool nonNull)
    {
        var type = schema.Scalar(scalar.Type);
        if (clr == typeof(string)) return new Output(type, new StringCompletion(nonNull));
        if (clr == typeof(int) && type == BuiltInScalars.Int) return new Output(type, new IntCompletion());
        if (clr == typeof(bool)) return new Output(type, new BooleanCompletion());
        if (clr == typeof(double)) return new Output(type, new DoubleCompletion(nonNull));
        return new Output(type, clr.IsValueType
            ? Make(typeof(LeafCompletion<>), [clr], scalar.Write)
            : Make(typeof(ReferenceLeafCompletion<>), [clr], scalar.Write, nonNull));
    }

    private ObjectType Connection(Type clr, ClrType node, string name)
    {
        var item = clr.GetGenericArguments()[0];
        var typeName = name + "Connection";
        if (connections.TryGetValue(typeName, out var same))
        {
            return same == clr ? objects[clr] : throw new SchemaException(
                $"{typeName} would be a connection of both {same.GetGenericArguments()[0]} and {item}; "
                + "give one of the fields a [ConnectionName].");
        }

        connections[typeName] = clr;
        var edgeClr = typeof(Edge<>).MakeGenericType(item);
        var edge = schema.Add(new ObjectType(name + "Edge") { Description = "An edge in a connection." }, edgeClr);
        var made = schema.Add(
            new ObjectType(typeName) { Description = "A connection to a list of items." }, typeName);
        objects.TryAdd(clr, made);
        schema.Later(() =>
        {
            var nodeOutput = Of(node, false, name);
            Property(edge, edgeClr, nameof(Edge<object>.Cursor), Of(ClrType.NotNull(typeof(string)), false, name));
            Property(edge, edgeClr, nameof(Edge<object>.Node), nodeOutput);
            var page = Object(typeof(PageInfo));
            Property(made, clr, nameof(Connection<object>.PageInfo), new Output(
                page.NonNull(), Make(typeof(ObjectCompletion<>), [typeof(PageInfo)], page, true)));
            var edges = typeof(IReadOnlyList<>).MakeGenericType(edgeClr);
            var edgeCompletion = Make(typeof(ObjectCompletion<>), [edgeClr], edge, true);
            Property(made, clr, nameof(Connection<object>.Edges), new Output(
                edge.NonNull().List(), Make(typeof(ListCompletion<,>), [edges, edgeClr], edgeCompletion, false)));
            var nodes = typeof(IReadOnlyList<>).MakeGenericType(item);
            Property(made, clr, nameof(Connection<object>.Nodes), new Output(
                nodeOutput.Type.List(),
                Make(typeof(ListCompletion<,>), [nodes, item], nodeOutput.Completion, false)));
            Property(made, clr, nameof(Connection<object>.TotalCount), Of(ClrType.NotNull(typeof(int)), false, name));
        });
        return made;

        void Property(ObjectType owner, Type declaring, string property, Output output) => AddField(
            owner, FieldFactory.FromProperty(declaring.GetProperty(property)!, declaring, output));
    }

    private void AddProperties(FieldsType owner, Type type)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(it => it.GetMethod is { IsPublic: true } && it.GetIndexParameters().Length == 0)
            .OrderBy(it => Depth(it.DeclaringType!)).ThenBy(it => it.MetadataToken);
        foreach (var property in properties)
        {
            var marks = new MemberMarks(property);
            if (marks.Has<GraphQLIgnoreAttribute>()) continue;
            var clr = ClrType.Of(property);
            if (FieldFactory.IsDeferred(clr.Type)) clr = clr.Arguments[^1];
            if (IsTypeParameter(property))
            {
                clr = clr with { IsNullable = Nullable.GetUnderlyingType(clr.Type) is not null };
            }

            var name = marks.Get<GraphQLNameAttribute>()?.Name ?? Naming.Camel(property.Name);
            var connection = marks.Get<ConnectionNameAttribute>()?.Name ?? Naming.Pascal(name);
            try
            {
                AddField(owner, FieldFactory.FromProperty(
                    property, type, Of(clr.Awaited, marks.Has<IdAttribute>(), connection), name, marks.Deprecation));
            }
            catch (SchemaException thrown)
            {
                throw new SchemaException($"{type.Name}.{property.Name}: {thrown.Message}");
            }
        }
    }

    // A type parameter's nullability is lost at run time; key and value of a pair are taken as required.
    private static bool IsTypeParameter(PropertyInfo property) =>
        property.DeclaringType is { IsGenericType: true } owner
        && owner.GetGenericTypeDefinition().GetProperty(property.Name)?.PropertyType.IsGenericParameter == true;

    private static int Depth(Type type) => type.BaseType is { } parent ? Depth(parent) + 1 : 0;

    private void AddMethods(ObjectType owner, Type staticClass, Type? parent, bool isEvents = false)
    {
        foreach (var method in staticClass.GetMethods(
            BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).OrderBy(it => it.MetadataToken))
        {
            if (method.GetCustomAttribute<GraphQLIgnoreAttribute>() is not null || method.IsSpecialName) continue;
            try
            {
                var clr = ClrType.Of(method.ReturnParameter);
                var name = Naming.Field(method, clr.IsAsync || isEvents);
                var connection = method.GetCustomAttribute<ConnectionNameAttribute>()?.Name ?? Naming.Pascal(name);
                var isId = method.GetCustomAttribute<IdAttribute>() is not null;
                var value = isEvents ? clr.Awaited.Event ?? throw new SchemaException(
                    "a field of Subscription must return an IAsyncEnumerable.") : clr.Awaited;
                AddField(owner, new MethodField(schema, method, parent).Make(
                    name, Of(value, isId, connection), isEvents ? value.Type : null));
            }
            catch (SchemaException thrown)
            {
                throw new SchemaException($"{staticClass.Name}.{method.Name}: {thrown.Message}");
            }
        }
    }

    private static void AddField(FieldsType owner, Field field)
    {
        if (!owner.Add(field)) throw new SchemaException($"\"{owner}\" has two fields \"{field.Name}\".");
    }

    private void Declare(Type type, NamedType made)
    {
        abstracts[type] = made;
        known[made] = [];
    }

    private bool IsMember(Type union, Type type)
    {
        var members = schema.Builder.Unions[union].Members;
        return members.Length == 0 || members.Contains(type);
    }
}
