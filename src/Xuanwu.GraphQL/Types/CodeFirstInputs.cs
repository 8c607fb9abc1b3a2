using System.Globalization;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

/// <summary>An input's type and what turns its neutral value into the C# type; null when they are the same.</summary>
internal readonly record struct Input(SchemaType Type, Func<object?, object?>? Bind);

// Arguments and input objects from C#: parameters, and records by their longest public constructor.
internal sealed class CodeFirstInputs(CodeFirstSchema schema)
{
    private readonly Dictionary<Type, InputRecord> records = [];

    /// <summary>An input object without a C# type.</summary>
    public InputObjectType Declare(InputObjectDraft draft)
    {
        var made = schema.Add(new InputObjectType(draft.Name) { Description = draft.Description }, draft.Name);
        schema.Last(() =>
        {
            foreach (var (name, type) in draft.Fields)
            {
                if (made.Add(new InputField(name, schema.Resolve(Parser.ParseType(type))))) continue;
                throw new SchemaException($"\"{made}\" has two fields \"{name}\".");
            }
        });
        return made;
    }

    public InputField Argument(ParameterInfo parameter)
    {
        var input = parameter.GetCustomAttribute<GraphQLTypeAttribute>() is { } given
            ? Untyped(given.Type, parameter.ParameterType)
            : Of(ClrType.Of(parameter), parameter.GetCustomAttribute<IdAttribute>() is not null);
        var hasDefault = parameter.HasDefaultValue && parameter.DefaultValue is not null;
        return new InputField(
            Naming.Argument(parameter),
            parameter.HasDefaultValue && !hasDefault ? input.Type.Nullable : input.Type,
            hasDefault ? Literal(parameter.DefaultValue!, parameter.ParameterType) : null)
        {
            Description = XmlDocs.Of(parameter),
            DeprecationReason = parameter.GetCustomAttribute<DeprecatedAttribute>()?.Reason,
            Bind = input.Bind,
            Absent = Empty(parameter.ParameterType),
        };
    }

    public InputObjectType Object(Type type) => Record(type).Type;

    private Input Of(ClrType type, bool isId)
    {
        if (type.Type.IsGenericType && type.Type.GetGenericTypeDefinition() == typeof(Optional<>))
        {
            var inner = Of(type.Arguments[0], isId);
            var wrap = typeof(Optional<>).MakeGenericType(type.Arguments[0].Type).GetConstructors()[0];
            return new Input(inner.Type.Nullable, it => wrap.Invoke([inner.Bind is { } bind ? bind(it) : it]));
        }

        var bare = Bare(type, isId);
        return type.IsNullable ? bare : bare with { Type = bare.Type.NonNull() };
    }

    private Input Bare(ClrType type, bool isId)
    {
        var clr = type.Underlying;
        if (isId && schema.Builder.Ids.TryGetValue(clr, out var id)) return Leaf(id);
        if (schema.Builder.Scalars.TryGetValue(clr, out var scalar)) return Leaf(scalar);
        if (clr.IsEnum) return new Input(schema.Enum(clr), null);
        if (type.Item is { } item)
        {
            var inner = Of(item, isId);
            return new Input(inner.Type.List(), InputLists.Binder(clr, item.Type, inner.Bind));
        }

        if (clr.IsInterface || clr.IsAbstract || clr == typeof(object))
        {
            throw new SchemaException($"{clr} cannot be the type of an argument (is it a service?).");
        }

        var record = Record(clr);
        return new Input(record.Type, record.Bind);
    }

    private Input Leaf(ClrScalar scalar) => new(
        schema.Scalar(scalar.Type), scalar.Bind is { } bind ? it => it is null ? null : bind(it) : null);

    private Input Untyped(string text, Type clr)
    {
        var type = schema.Resolve(Parser.ParseType(text));
        var item = type.Nullable is ListType ? ClrType.NotNull(clr).Item : null;
        return new Input(type, item is null ? null : InputLists.Binder(clr, item.Type, null));
    }

    private InputRecord Record(Type type)
    {
        if (records.TryGetValue(type, out var found)) return found;
        var name = schema.Builder.Inputs.GetValueOrDefault(type) ?? Naming.Input(type);
        var made = schema.Add(
            new InputObjectType(name)
            {
                Description = XmlDocs.Of(type),
                IsOneOf = type.GetCustomAttribute<OneOfAttribute>() is not null,
            },
            type);
        var record = new InputRecord(made, type);
        records[type] = record;
        schema.Later(() => Fill(record, type));
        return record;
    }

    private void Fill(InputRecord record, Type type)
    {
        foreach (var parameter in record.Parameters)
        {
            var property = type.GetProperty(parameter.Name!);
            var isId = property?.GetCustomAttribute<IdAttribute>() is not null;
            var field = Argument(parameter);
            Add(isId ? Renamed(Of(ClrType.Of(parameter), true), field) : field);
        }

        foreach (var property in record.Properties)
        {
            var input = property.GetCustomAttribute<GraphQLTypeAttribute>() is { } given
                ? Untyped(given.Type, property.PropertyType)
                : Of(ClrType.Of(property), property.GetCustomAttribute<IdAttribute>() is not null);
            Add(new InputField(
                property.GetCustomAttribute<GraphQLNameAttribute>()?.Name ?? Naming.Camel(property.Name), input.Type)
            {
                Description = XmlDocs.Of(property),
                DeprecationReason = CodeFirstSchema.Deprecation(property),
                Bind = input.Bind,
                Absent = Empty(property.PropertyType),
            });
        }

        static InputField Renamed(Input input, InputField field) =>
            new(field.Name, input.Type, field.DefaultValue)
            {
                Description = field.Description,
                DeprecationReason = field.DeprecationReason,
                Bind = input.Bind,
                Absent = field.Absent,
            };

        void Add(InputField field)
        {
            if (!record.Type.Add(field))
            {
                throw new SchemaException($"\"{record.Type}\" has two fields \"{field.Name}\".");
            }
        }
    }

    private static object? Empty(Type type) =>
        type.IsValueType && Nullable.GetUnderlyingType(type) is null ? Activator.CreateInstance(type) : null;

    private ValueNode Literal(object value, Type type)
    {
        var clr = Nullable.GetUnderlyingType(type) ?? type;
        if (clr.IsEnum)
        {
            return schema.Enum(clr).TryGetByValue(System.Enum.ToObject(clr, value), out var member)
                ? new EnumValue(0, member.Name)
                : throw new SchemaException($"{value} is no value of {clr}.");
        }

        return value switch
        {
            string it => new StringValue(0, it, false),
            bool it => new BooleanValue(0, it),
            double or float or decimal => Parser.ParseValue(
                ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)),
            IFormattable it => new IntValue(0, it.ToString(null, CultureInfo.InvariantCulture)),
            _ => throw new SchemaException($"{value} cannot be a default value."),
        };
    }
}

// A C# class that is made from an input object: constructor parameters first, then settable properties.
internal sealed class InputRecord
{
    private readonly ConstructorInvoker constructor;
    private readonly Type clr;

    public InputRecord(InputObjectType type, Type clr)
    {
        Type = type;
        this.clr = clr;
        var longest = clr.GetConstructors().MaxBy(it => it.GetParameters().Length)
            ?? throw new SchemaException($"{clr} has no public constructor.");
        constructor = ConstructorInvoker.Create(longest);
        Parameters = longest.GetParameters();
        Properties =
        [
            .. clr.GetProperties().Where(it => it.SetMethod is { IsPublic: true }
                && it.GetCustomAttribute<GraphQLIgnoreAttribute>() is null
                && Parameters.All(parameter => parameter.Name != it.Name)),
        ];
    }

    public InputObjectType Type { get; }

    public ParameterInfo[] Parameters { get; }

    public PropertyInfo[] Properties { get; }

    public object? Bind(object? neutral)
    {
        if (neutral is not InputValue input) return null;
        var values = new object?[Parameters.Length];
        for (var i = 0; i < values.Length; i++) values[i] = Field(input, i);
        try
        {
            var made = constructor.Invoke(values.AsSpan());
            for (var i = 0; i < Properties.Length; i++)
            {
                if (input.TryGet(values.Length + i, out _))
                {
                    Properties[i].SetValue(made, Field(input, values.Length + i));
                }
            }

            return made;
        }
        catch (TargetInvocationException thrown) when (thrown.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    public override string ToString() => $"{Type} from {clr}";

    private object? Field(InputValue input, int index)
    {
        var field = Type.Fields[index];
        if (!input.TryGet(index, out var value)) return field.Absent;
        return field.Bind is { } bind ? bind(value) : value;
    }
}
