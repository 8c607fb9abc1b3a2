using System.Text;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

/// <summary>
/// A schema as text in the schema definition language: deterministic, root types first and the others by name, so
/// that a snapshot of it shows every change.
/// </summary>
public static class SchemaPrinter
{
    /// <summary>
    /// The whole schema without what every schema has: built-in scalars, directives and introspection.
    /// </summary>
    public static string Print(Schema schema)
    {
        var parts = new List<string>();
        if (Head(schema) is { } head) parts.Add(head);
        parts.AddRange(schema.Directives.Where(it => !BuiltInDirectives.IsBuiltIn(it.Name))
            .OrderBy(it => it.Name, StringComparer.Ordinal).Select(Print));
        NamedType?[] roots = [schema.QueryType, schema.MutationType, schema.SubscriptionType];
        parts.AddRange(roots.OfType<NamedType>().Select(Print));
        parts.AddRange(schema.Types
            .Where(it => !it.IsIntrospection && !BuiltInScalars.IsBuiltIn(it.Name) && !roots.Contains(it))
            .OrderBy(it => it.Name, StringComparer.Ordinal).Select(Print));
        return string.Join("\n\n", parts) + "\n";
    }

    private static string? Head(Schema schema)
    {
        var usual = schema.QueryType is null or { Name: "Query" }
            && schema.MutationType is null or { Name: "Mutation" }
            && schema.SubscriptionType is null or { Name: "Subscription" };
        if (usual && schema.Description is null) return null;
        var text = new StringBuilder();
        Describe(text, schema.Description, "");
        text.Append("schema {\n");
        if (schema.QueryType is { } query) text.Append("  query: ").Append(query).Append('\n');
        if (schema.MutationType is { } mutation) text.Append("  mutation: ").Append(mutation).Append('\n');
        if (schema.SubscriptionType is { } events) text.Append("  subscription: ").Append(events).Append('\n');
        return text.Append('}').ToString();
    }

    private static string Print(DirectiveType it)
    {
        var text = new StringBuilder();
        Describe(text, it.Description, "");
        text.Append("directive @").Append(it.Name);
        Arguments(text, it.Arguments, "");
        if (it.IsRepeatable) text.Append(" repeatable");
        return text.Append(" on ").AppendJoin(" | ", it.Locations).ToString();
    }

    private static string Print(NamedType type)
    {
        var text = new StringBuilder();
        Describe(text, type.Description, "");
        switch (type)
        {
            case ScalarType it:
                text.Append("scalar ").Append(it.Name);
                if (it.SpecifiedBy is { } url)
                {
                    text.Append(" @specifiedBy(url: ").Append(Printer.PrintString(url)).Append(')');
                }

                break;
            case FieldsType it:
                text.Append(it is ObjectType ? "type " : "interface ").Append(it.Name);
                if (it.Interfaces.Count > 0) text.Append(" implements ").AppendJoin(" & ", it.Interfaces);
                Block(text, it.Fields, field =>
                {
                    Describe(text, field.Description, "  ");
                    text.Append("  ").Append(field.Name);
                    Arguments(text, field.Arguments, "  ");
                    text.Append(": ").Append(field.Type);
                    Deprecated(text, field.DeprecationReason);
                });
                break;
            case UnionType it:
                text.Append("union ").Append(it.Name);
                if (it.Members.Count > 0) text.Append(" = ").AppendJoin(" | ", it.Members);
                break;
            case EnumType it:
                text.Append("enum ").Append(it.Name);
                Block(text, it.Values, value =>
                {
                    Describe(text, value.Description, "  ");
                    text.Append("  ").Append(value.Name);
                    Deprecated(text, value.DeprecationReason);
                });
                break;
            case InputObjectType it:
                text.Append("input ").Append(it.Name);
                if (it.IsOneOf) text.Append(" @oneOf");
                Block(text, it.Fields, field =>
                {
                    Describe(text, field.Description, "  ");
                    text.Append("  ");
                    Value(text, field);
                });
                break;
        }

        return text.ToString();
    }

    private static void Block<T>(StringBuilder text, IReadOnlyList<T> members, Action<T> print)
    {
        if (members.Count == 0) return;
        text.Append(" {\n");
        foreach (var member in members)
        {
            print(member);
            text.Append('\n');
        }

        text.Append('}');
    }

    private static void Arguments(StringBuilder text, IReadOnlyList<InputField> arguments, string indent)
    {
        if (arguments.Count == 0) return;
        var described = arguments.Any(it => it.Description is not null);
        text.Append('(');
        for (var i = 0; i < arguments.Count; i++)
        {
            if (described)
            {
                text.Append('\n');
                Describe(text, arguments[i].Description, indent + "  ");
                text.Append(indent).Append("  ");
            }
            else if (i > 0)
            {
                text.Append(", ");
            }

            Value(text, arguments[i]);
        }

        if (described) text.Append('\n').Append(indent);
        text.Append(')');
    }

    private static void Value(StringBuilder text, InputField it)
    {
        text.Append(it.Name).Append(": ").Append(it.Type);
        if (it.DefaultValue is { } value) text.Append(" = ").Append(Printer.Print(value));
        Deprecated(text, it.DeprecationReason);
    }

    private static void Deprecated(StringBuilder text, string? reason)
    {
        if (reason is null) return;
        text.Append(" @deprecated");
        if (reason != BuiltInDirectives.NoReason)
        {
            text.Append("(reason: ").Append(Printer.PrintString(reason)).Append(')');
        }
    }

    private static void Describe(StringBuilder text, string? description, string indent)
    {
        if (description is null) return;
        var literal = BlockString.CanPrint(description)
            ? BlockString.Print(description) : Printer.PrintString(description);
        foreach (var line in literal.Split('\n'))
        {
            if (line.Length > 0) text.Append(indent).Append(line);
            text.Append('\n');
        }
    }
}
