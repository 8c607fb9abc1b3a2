using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// A field's arguments as its resolver takes them (specification, section 6.4.1). Those without variables are bound
// once for all requests; the others once per request, however many objects the field is resolved on.
internal static class ArgumentBinder
{
    /// <summary>
    /// Null when a variable is involved, or when binding fails: then it fails again, as a field error.
    /// </summary>
    public static object?[]? TryBindConstant(Field field, FieldNode node)
    {
        if (field.Arguments.Count == 0) return [];
        foreach (var argument in node.Arguments)
        {
            if (HasVariable(argument.Value)) return null;
        }

        try
        {
            return Bind(field, node, VariableValues.None);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public static object?[] Bind(FieldPlan plan, VariableValues variables) =>
        Bind(plan.Field, plan.Nodes[0], variables);

    private static object?[] Bind(Field field, FieldNode node, VariableValues variables)
    {
        var bound = new object?[field.Arguments.Count];
        for (var i = 0; i < bound.Length; i++) bound[i] = BindOne(field.Arguments[i], node, variables);
        return bound;
    }

    private static object? BindOne(InputField argument, FieldNode node, VariableValues variables)
    {
        var value = Find(node, argument.Name)?.Value;
        object? coerced;
        if (value is null || (value is Variable it && !variables.TryGet(it.Name, out _)))
        {
            if (argument.DefaultValue is { } implied)
            {
                InputCoercion.TryLiteral(implied, argument.Type, null, out coerced);
            }
            else if (argument.Type.IsNonNull)
            {
                throw new ArgumentFault(
                    $"Argument \"{argument.Name}\" of required type \"{argument.Type}\" was not provided.",
                    value?.Start ?? node.Start);
            }
            else
            {
                return argument.Absent;
            }
        }
        else if (!InputCoercion.TryLiteral(value, argument.Type, variables, out coerced))
        {
            throw new ArgumentFault(
                value is Variable
                    ? $"Argument \"{argument.Name}\" of non-null type \"{argument.Type}\" must not be null."
                    : $"Argument \"{argument.Name}\" has invalid value {Printer.Print(value)}.",
                value.Start);
        }

        return argument.Bind is { } bind ? bind(coerced) : coerced;
    }

    private static Argument? Find(FieldNode node, string name)
    {
        foreach (var argument in node.Arguments)
        {
            if (argument.Name.Value == name) return argument;
        }

        return null;
    }

    private static bool HasVariable(ValueNode node)
    {
        switch (node)
        {
            case Variable:
                return true;
            case ListValue it:
                foreach (var item in it.Items)
                {
                    if (HasVariable(item)) return true;
                }

                return false;
            case ObjectValue it:
                foreach (var field in it.Fields)
                {
                    if (HasVariable(field.Value)) return true;
                }

                return false;
            default:
                return false;
        }
    }
}

/// <summary>An argument that only a request's variables show to be wrong; the error stands at its value.</summary>
internal sealed class ArgumentFault(string message, int start) : GraphQLException(message)
{
    public int Start { get; } = start;
}
