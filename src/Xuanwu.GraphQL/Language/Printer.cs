using System.Collections.Immutable;
using System.Text;

namespace Xuanwu.GraphQL.Language;

/// <summary>Writes parsed documents back as text, in the layout of graphql-js.</summary>
public static class Printer
{
    /// <summary>The text of a node. Parsing it gives an equal tree.</summary>
    public static string Print(Node node)
    {
        var writer = new PrintWriter();
        writer.Write(node);
        return writer.ToString();
    }

    /// <summary>A string literal with its quotes.</summary>
    public static string PrintString(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var letter in value)
        {
            _ = letter switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' or (>= '\x7f' and < '\xa0') => text.Append("\\u").Append(((int)letter).ToString("X4", null)),
                _ => text.Append(letter),
            };
        }

        return text.Append('"').ToString();
    }
}

// One method per group of nodes; indentation is kept as a level, so that nesting costs nothing extra.
internal sealed class PrintWriter
{
    private readonly StringBuilder text = new();
    private int level;

    public override string ToString() => text.ToString();

    public void Write(Node node)
    {
        switch (node)
        {
            case Document it:
                Join(it.Definitions, "\n\n");
                text.Append('\n');
                break;
            case OperationDefinition it:
                WriteOperation(it);
                break;
            case FragmentDefinition it:
                Describe(it.Description);
                text.Append("fragment ").Append(it.Name.Value).Append(" on ").Append(it.TypeCondition.Name.Value);
                WriteDirectives(it.Directives);
                text.Append(' ');
                Write(it.SelectionSet);
                break;
            case SelectionSet it:
                Block('{', it.Selections, '}');
                break;
            case FieldNode it:
                if (it.Alias is { } alias) text.Append(alias.Value).Append(": ");
                text.Append(it.Name.Value);
                WriteArguments(it.Arguments);
                WriteDirectives(it.Directives);
                if (it.SelectionSet is null) break;
                text.Append(' ');
                Write(it.SelectionSet);
                break;
            case FragmentSpread it:
                text.Append("...").Append(it.Name.Value);
                WriteDirectives(it.Directives);
                break;
            case InlineFragment it:
                text.Append("...");
                if (it.TypeCondition is not null) text.Append(" on ").Append(it.TypeCondition.Name.Value);
                WriteDirectives(it.Directives);
                text.Append(' ');
                Write(it.SelectionSet);
                break;
            case VariableDefinition it:
                if (it.Description is not null) text.Append(Literal(it.Description)).Append(' ');
                text.Append('$').Append(it.Variable.Name).Append(": ");
                Write(it.Type);
                WriteDefault(it.DefaultValue);
                WriteDirectives(it.Directives);
                break;
            case Argument it:
                text.Append(it.Name.Value).Append(": ");
                Write(it.Value);
                break;
            case Directive it:
                text.Append('@').Append(it.Name.Value);
                WriteArguments(it.Arguments);
                break;
            case TypeNode it:
                WriteType(it);
                break;
            case ValueNode it:
                WriteValue(it);
                break;
            default:
                WriteTypeSystem(node);
                break;
        }
    }

    private static string Literal(StringValue it) =>
        it.Block && BlockString.CanPrint(it.Value) ? BlockString.Print(it.Value) : Printer.PrintString(it.Value);

    private void WriteOperation(OperationDefinition it)
    {
        Describe(it.Description);
        var shorthand = it is { Kind: OperationKind.Query, Name: null, Description: null, Variables.Length: 0 }
            && it.Directives.Length == 0;
        if (!shorthand)
        {
            text.Append(OperationKinds.Keyword(it.Kind));
            if (it.Name is { } name) text.Append(' ').Append(name.Value);
            else if (it.Variables.Length > 0) text.Append(' ');
            if (it.Variables.Length > 0)
            {
                text.Append('(');
                Join(it.Variables, ", ");
                text.Append(')');
            }

            WriteDirectives(it.Directives);
            text.Append(' ');
        }

        Write(it.SelectionSet);
    }

    private void WriteType(TypeNode node)
    {
        switch (node)
        {
            case NamedTypeNode it:
                text.Append(it.Name.Value);
                break;
            case ListTypeNode it:
                text.Append('[');
                WriteType(it.Item);
                text.Append(']');
                break;
            case NonNullTypeNode it:
                WriteType(it.Inner);
                text.Append('!');
                break;
        }
    }

    private void WriteValue(ValueNode node)
    {
        switch (node)
        {
            case Variable it:
                text.Append('$').Append(it.Name);
                break;
            case IntValue it:
                text.Append(it.Text);
                break;
            case FloatValue it:
                text.Append(it.Text);
                break;
            case StringValue it:
                text.Append(Literal(it));
                break;
            case BooleanValue it:
                text.Append(it.Value ? "true" : "false");
                break;
            case NullValue:
                text.Append("null");
                break;
            case EnumValue it:
                text.Append(it.Name);
                break;
            case ListValue it:
                text.Append('[');
                Join(it.Items, ", ");
                text.Append(']');
                break;
            case ObjectValue it:
                if (it.Fields.Length == 0)
                {
                    text.Append("{}");
                    break;
                }

                text.Append("{ ");
                for (var i = 0; i < it.Fields.Length; i++)
                {
                    if (i > 0) text.Append(", ");
                    text.Append(it.Fields[i].Name.Value).Append(": ");
                    WriteValue(it.Fields[i].Value);
                }

                text.Append(" }");
                break;
        }
    }

    private void WriteTypeSystem(Node node)
    {
        if (node is Definition definition) Describe(definition.Description);
        if (node is TypeSystemDefinition { IsExtension: true }) text.Append("extend ");
        switch (node)
        {
            case SchemaDefinition it:
                text.Append("schema");
                WriteDirectives(it.Directives);
                if (it.Operations.Length == 0) break;
                text.Append(" {\n");
                foreach (var root in it.Operations)
                {
                    text.Append("  ").Append(OperationKinds.Keyword(root.Kind)).Append(": ")
                        .Append(root.Type.Name.Value).Append('\n');
                }

                text.Append('}');
                break;
            case DirectiveDefinition it:
                text.Append("directive @").Append(it.Name.Value);
                WriteInputs(it.Arguments);
                if (it.IsRepeatable) text.Append(" repeatable");
                text.Append(" on ").AppendJoin(" | ", it.Locations.Select(location => location.Value));
                break;
            case ScalarTypeDefinition it:
                WriteHead("scalar ", it);
                break;
            case FieldsTypeDefinition it:
                WriteHead(it is ObjectTypeDefinition ? "type " : "interface ", it);
                WriteMembers(it.Fields);
                break;
            case UnionTypeDefinition it:
                WriteHead("union ", it);
                if (it.Members.Length > 0) text.Append(" = ");
                Join(it.Members, " | ");
                break;
            case EnumTypeDefinition it:
                WriteHead("enum ", it);
                WriteMembers(it.Values);
                break;
            case InputObjectTypeDefinition it:
                WriteHead("input ", it);
                WriteMembers(it.Fields);
                break;
            case FieldDefinition it:
                Describe(it.Description);
                text.Append(it.Name.Value);
                WriteInputs(it.Arguments);
                text.Append(": ");
                WriteType(it.Type);
                WriteDirectives(it.Directives);
                break;
            case InputValueDefinition it:
                Describe(it.Description);
                text.Append(it.Name.Value).Append(": ");
                WriteType(it.Type);
                WriteDefault(it.DefaultValue);
                WriteDirectives(it.Directives);
                break;
            case EnumValueDefinition it:
                Describe(it.Description);
                text.Append(it.Name.Value);
                WriteDirectives(it.Directives);
                break;
        }
    }

    private void WriteHead(string keyword, TypeDefinition it)
    {
        text.Append(keyword).Append(it.Name.Value);
        if (it is FieldsTypeDefinition { Interfaces.Length: > 0 } implementing)
        {
            text.Append(" implements ");
            Join(implementing.Interfaces, " & ");
        }

        WriteDirectives(it.Directives);
    }

    private void WriteMembers<T>(ImmutableArray<T> members)
        where T : Node
    {
        if (members.Length == 0) return;
        text.Append(' ');
        Block('{', members, '}');
    }

    private void WriteInputs(ImmutableArray<InputValueDefinition> inputs)
    {
        if (inputs.Length == 0) return;
        if (inputs.Any(it => it.Description is not null))
        {
            Block('(', inputs, ')');
            return;
        }

        text.Append('(');
        Join(inputs, ", ");
        text.Append(')');
    }

    private void WriteArguments(ImmutableArray<Argument> arguments)
    {
        if (arguments.Length == 0) return;
        text.Append('(');
        Join(arguments, ", ");
        text.Append(')');
    }

    private void WriteDirectives(ImmutableArray<Directive> directives)
    {
        foreach (var directive in directives)
        {
            text.Append(' ');
            Write(directive);
        }
    }

    private void WriteDefault(ValueNode? value)
    {
        if (value is null) return;
        text.Append(" = ");
        WriteValue(value);
    }

    private void Describe(StringValue? description)
    {
        if (description is null) return;
        var lines = Literal(description).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (i > 0 && lines[i].Length > 0) Indent();
            text.Append(lines[i]).Append('\n');
        }

        Indent();
    }

    private void Block<T>(char open, ImmutableArray<T> nodes, char close)
        where T : Node
    {
        text.Append(open).Append('\n');
        level++;
        foreach (var node in nodes)
        {
            Indent();
            Write(node);
            text.Append('\n');
        }

        level--;
        Indent();
        text.Append(close);
    }

    private void Join<T>(ImmutableArray<T> nodes, string separator)
        where T : Node
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            if (i > 0) text.Append(separator);
            Write(nodes[i]);
        }
    }

    private void Indent() => text.Append(' ', level * 2);
}

internal static class OperationKinds
{
    public static string Keyword(OperationKind kind) => kind switch
    {
        OperationKind.Query => "query",
        OperationKind.Mutation => "mutation",
        _ => "subscription",
    };
}
