using System.Text.RegularExpressions;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Types;

/// <summary>Checks a schema against the type system's rules (specification, section 3).</summary>
public static class SchemaValidation
{
    /// <summary>Everything that is wrong with the schema; empty when it may be used.</summary>
    /// <param name="schema">What is checked.</param>
    /// <param name="defaults">
    /// Whether default values must fit their types, as the specification demands since September 2025.
    /// </param>
    public static IReadOnlyList<GraphQLError> Check(Schema schema, bool defaults = true)
    {
        var check = new SchemaCheck(schema, defaults);
        check.Run();
        return check.Errors;
    }
}

internal sealed partial class SchemaCheck(Schema schema, bool defaults)
{
    private bool checkDefaults = defaults;
    private readonly List<GraphQLError> errors = [];

    public IReadOnlyList<GraphQLError> Errors => errors;

    public void Run()
    {
        if (schema.QueryType is null) Fault("Query root type must be provided.");
        Roots();
        var loops = new DefaultLoops(schema).Find();
        foreach (var loop in loops) Fault(loop);
        checkDefaults &= loops.Count == 0; // they have no end
        foreach (var directive in schema.Directives)
        {
            Name(directive.Name, "@" + directive.Name);
            foreach (var argument in directive.Arguments) Input($"@{directive.Name}({argument.Name}:)", argument);
        }

        foreach (var type in schema.Types.Except(Introspection.Types)) Type(type);
        foreach (var loop in InputLoops()) Fault(loop);
    }

    private void Roots()
    {
        ObjectType?[] roots = [schema.QueryType, schema.MutationType, schema.SubscriptionType];
        foreach (var twice in roots.OfType<ObjectType>().GroupBy(it => it).Where(it => it.Count() > 1))
        {
            Fault($"All root types must be different, \"{twice.Key}\" is used {twice.Count()} times.");
        }
    }

    private void Fault(string message) => errors.Add(new GraphQLError(message));

    private void Name(string name, string where)
    {
        if (name.StartsWith("__", StringComparison.Ordinal))
        {
            Fault($"Name \"{where}\" must not begin with \"__\", which is reserved by GraphQL introspection.");
        }
        else if (!Names().IsMatch(name))
        {
            Fault($"\"{where}\" is not a valid name.");
        }
    }

    private void Type(NamedType type)
    {
        Name(type.Name, type.Name);
        switch (type)
        {
            case FieldsType it:
                Fields(it);
                Interfaces(it);
                break;
            case UnionType it:
                if (it.Members.Count == 0) Fault($"Union type {it} must define one or more member types.");
                foreach (var twice in it.Members.GroupBy(member => member).Where(group => group.Count() > 1))
                {
                    Fault($"Union type {it} can only include type {twice.Key} once.");
                }

                break;
            case EnumType it:
                if (it.Values.Count == 0) Fault($"Enum type {it} must define one or more values.");
                foreach (var value in it.Values) Name(value.Name, $"{it}.{value.Name}");
                break;
            case InputObjectType it:
                if (it.Fields.Count == 0) Fault($"Input Object type {it} must define one or more fields.");
                foreach (var field in it.Fields)
                {
                    Input($"{it}.{field.Name}", field);
                    if (!it.IsOneOf) continue;
                    if (field.Type.IsNonNull) Fault($"OneOf input field {it}.{field.Name} must be nullable.");
                    if (field.DefaultValue is not null)
                    {
                        Fault($"OneOf input field {it}.{field.Name} cannot have a default value.");
                    }
                }

                break;
        }
    }

    private void Fields(FieldsType type)
    {
        if (type.Fields.Count == 0) Fault($"Type {type} must define one or more fields.");
        foreach (var field in type.Fields)
        {
            Name(field.Name, $"{type}.{field.Name}");
            if (!field.Type.IsOutput)
            {
                Fault($"The type of {type}.{field.Name} must be Output Type but got: {field.Type}.");
            }

            foreach (var argument in field.Arguments) Input($"{type}.{field.Name}({argument.Name}:)", argument);
        }
    }

    private void Input(string where, InputField input)
    {
        Name(input.Name, where);
        if (!input.Type.IsInput)
        {
            Fault($"The type of {where} must be Input Type but got: {input.Type}.");
            return;
        }

        if (input.IsRequired && input.DeprecationReason is not null) Fault($"Required {where} cannot be deprecated.");
        if (checkDefaults && input.DefaultValue is { } value
            && !InputCoercion.TryLiteral(value, input.Type, null, out _))
        {
            Fault($"{where} has invalid default value: {Language.Printer.Print(value)}.");
        }
    }

    private void Interfaces(FieldsType type)
    {
        foreach (var twice in type.Interfaces.GroupBy(it => it).Where(it => it.Count() > 1))
        {
            Fault($"Type {type} can only implement {twice.Key} once.");
        }

        foreach (var parent in type.Interfaces.Distinct())
        {
            if (ReferenceEquals(parent, type))
            {
                Fault($"Type {type} cannot implement itself because it would create a circular reference.");
                continue;
            }

            foreach (var further in parent.Interfaces)
            {
                if (ReferenceEquals(further, type))
                {
                    Fault($"Type {type} cannot implement {parent} because it would create a circular reference.");
                }
                else if (!type.Interfaces.Contains(further))
                {
                    Fault($"Type {type} must implement {further} because it is implemented by {parent}.");
                }
            }

            foreach (var expected in parent.Fields) Implements(type, parent, expected);
        }
    }

    private void Implements(FieldsType type, InterfaceType parent, Field expected)
    {
        if (!type.TryGetField(expected.Name, out var field))
        {
            Fault($"Interface field {parent}.{expected.Name} expected but {type} does not provide it.");
            return;
        }

        if (!IsCovariant(field.Type, expected.Type))
        {
            Fault(
                $"Interface field {parent}.{expected.Name} expects type {expected.Type} but "
                    + $"{type}.{field.Name} is type {field.Type}.");
        }

        if (field.DeprecationReason is not null && expected.DeprecationReason is null)
        {
            Fault(
                $"Interface field {parent}.{expected.Name} is not deprecated, so implementation field "
                    + $"{type}.{field.Name} must not be deprecated.");
        }

        foreach (var argument in expected.Arguments)
        {
            var own = field.Argument(argument.Name);
            if (own is null)
            {
                Fault(
                    $"Interface field argument {parent}.{expected.Name}({argument.Name}:) expected but "
                        + $"{type}.{field.Name} does not provide it.");
            }
            else if (!SchemaType.Same(own.Type, argument.Type))
            {
                Fault(
                    $"Interface field argument {parent}.{expected.Name}({argument.Name}:) expects type "
                        + $"{argument.Type} but {type}.{field.Name}({own.Name}:) is type {own.Type}.");
            }
        }

        foreach (var own in field.Arguments)
        {
            if (own.IsRequired && expected.Argument(own.Name) is null)
            {
                Fault(
                    $"Argument {type}.{field.Name}({own.Name}:) must not be required as interface {parent} "
                        + "does not have it.");
            }
        }
    }

    private bool IsCovariant(SchemaType type, SchemaType expected) => (type, expected) switch
    {
        (NonNullType a, NonNullType b) => IsCovariant(a.Inner, b.Inner),
        (NonNullType a, _) => IsCovariant(a.Inner, expected),
        (_, NonNullType) => false,
        (ListType a, ListType b) => IsCovariant(a.Item, b.Item),
        (NamedType a, NamedType b) => ReferenceEquals(a, b) || schema.IsSubtype(b, a),
        _ => false,
    };

    // An input object that must contain itself can never be given.
    private IEnumerable<string> InputLoops()
    {
        var done = new HashSet<InputObjectType>();
        foreach (var type in schema.Types.OfType<InputObjectType>())
        {
            if (done.Contains(type)) continue;
            var path = new List<(InputObjectType Type, int Next)> { (type, 0) };
            while (path.Count > 0)
            {
                var (current, next) = path[^1];
                if (next == current.Fields.Count)
                {
                    path.RemoveAt(path.Count - 1);
                    done.Add(current);
                    continue;
                }

                path[^1] = (current, next + 1);
                if (current.Fields[next].Type is not NonNullType { Inner: InputObjectType below }) continue;
                if (path.Any(it => it.Type == below))
                {
                    yield return $"Cannot reference Input Object {below} within itself "
                        + "through a series of non-null fields.";
                }
                else if (!done.Contains(below))
                {
                    path.Add((below, 0));
                }
            }
        }
    }

    [GeneratedRegex("^[_A-Za-z][_0-9A-Za-z]*$")]
    private static partial Regex Names();
}
