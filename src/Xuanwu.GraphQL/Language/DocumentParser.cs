using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Xuanwu.GraphQL.Language;

// Recursive descent over the lexer's current token. Every rule that can contain itself calls Enter and Leave, so that
// nesting beyond the limit is an error long before the call stack is short; later passes recurse over the same tree
// and are bounded by the same limit. This part has executable documents; the type system is in the other part.
internal ref partial struct DocumentParser
{
    private readonly Source source;
    private readonly int maxDepth;
    private Lexer lexer;
    private int depth;
    private int tokens;

    public DocumentParser(Source source, ParserLimits limits)
    {
        this.source = source;
        maxDepth = limits.MaxDepth;
        lexer = new Lexer(source, limits);
        lexer.Next();
    }

    public Document ParseDocument()
    {
        var definitions = default(Items<Definition>);
        do
        {
            definitions.Add(ParseDefinition());
        }
        while (lexer.Kind != TokenKind.EndOfFile);

        return new Document(source, definitions.Done(), tokens);
    }

    public void ExpectEnd()
    {
        if (lexer.Kind != TokenKind.EndOfFile) throw Expected("<EOF>");
    }

    public TypeNode ParseType()
    {
        var start = lexer.Start;
        TypeNode type;
        if (Skip(TokenKind.BracketOpen))
        {
            Enter();
            type = new ListTypeNode(start, ParseType());
            Expect(TokenKind.BracketClose, "]");
            depth--;
        }
        else
        {
            type = new NamedTypeNode(ParseName());
        }

        return Skip(TokenKind.Bang) ? new NonNullTypeNode(start, type) : type;
    }

    public ValueNode ParseValue(bool constant)
    {
        var start = lexer.Start;
        switch (lexer.Kind)
        {
            case TokenKind.Int:
                var whole = Encoding.ASCII.GetString(lexer.Raw);
                Advance();
                return new IntValue(start, whole);
            case TokenKind.Float:
                var number = Encoding.ASCII.GetString(lexer.Raw);
                Advance();
                return new FloatValue(start, number);
            case TokenKind.String or TokenKind.BlockString:
                return ParseString();
            case TokenKind.Name:
                var name = ParseName().Value;
                return name switch
                {
                    "true" => new BooleanValue(start, true),
                    "false" => new BooleanValue(start, false),
                    "null" => new NullValue(start),
                    _ => new EnumValue(start, name),
                };
            case TokenKind.Dollar when !constant:
                return ParseVariable();
            case TokenKind.Dollar:
                Advance();
                throw lexer.Error(start, lexer.Kind == TokenKind.Name
                    ? $"Unexpected variable \"${ParseName().Value}\" in constant value."
                    : $"Unexpected \"$\".");
            case TokenKind.BracketOpen:
                return ParseList(constant);
            case TokenKind.BraceOpen:
                return ParseObject(constant);
            default:
                throw Unexpected();
        }
    }

    private Definition ParseDefinition()
    {
        var start = lexer.Start;
        if (lexer.Kind == TokenKind.BraceOpen)
        {
            return new OperationDefinition(start, null, OperationKind.Query, null, [], [], ParseSelectionSet());
        }

        var description = ParseDescription();
        if (description is not null && lexer.Kind == TokenKind.BraceOpen)
        {
            throw lexer.Error(
                start, "Unexpected description, descriptions are not supported on shorthand queries.");
        }

        if (lexer.Kind != TokenKind.Name) throw Unexpected();
        var raw = lexer.Raw;
        if (raw.SequenceEqual("query"u8)) return ParseOperation(start, description, OperationKind.Query);
        if (raw.SequenceEqual("mutation"u8)) return ParseOperation(start, description, OperationKind.Mutation);
        if (raw.SequenceEqual("subscription"u8)) return ParseOperation(start, description, OperationKind.Subscription);
        if (raw.SequenceEqual("fragment"u8)) return ParseFragment(start, description);
        return ParseTypeSystemDefinition(start, description);
    }

    private OperationDefinition ParseOperation(int start, StringValue? description, OperationKind kind)
    {
        Advance();
        Name? name = lexer.Kind == TokenKind.Name ? ParseName() : null;
        var variables = default(Items<VariableDefinition>);
        if (Skip(TokenKind.ParenOpen))
        {
            do
            {
                variables.Add(ParseVariableDefinition());
            }
            while (!Skip(TokenKind.ParenClose));
        }

        return new OperationDefinition(
            start, description, kind, name, variables.Done(), ParseDirectives(constant: false), ParseSelectionSet());
    }

    private VariableDefinition ParseVariableDefinition()
    {
        var start = lexer.Start;
        var description = ParseDescription();
        var variable = ParseVariable();
        Expect(TokenKind.Colon, ":");
        var type = ParseType();
        var defaultValue = Skip(TokenKind.EqualSign) ? ParseValue(constant: true) : null;
        return new VariableDefinition(
            start, description, variable, type, defaultValue, ParseDirectives(constant: true));
    }

    private FragmentDefinition ParseFragment(int start, StringValue? description)
    {
        Advance();
        if (IsKeyword("on"u8)) throw Unexpected();
        var name = ParseName();
        ExpectKeyword("on");
        var type = new NamedTypeNode(ParseName());
        return new FragmentDefinition(
            start, description, name, type, ParseDirectives(constant: false), ParseSelectionSet());
    }

    private SelectionSet ParseSelectionSet()
    {
        var start = lexer.Start;
        Expect(TokenKind.BraceOpen, "{");
        Enter();
        var selections = default(Items<Selection>);
        do
        {
            selections.Add(lexer.Kind == TokenKind.Spread ? ParseSpread() : ParseField());
        }
        while (!Skip(TokenKind.BraceClose));

        depth--;
        return new SelectionSet(start, selections.Done());
    }

    private FieldNode ParseField()
    {
        var name = ParseName();
        Name? alias = null;
        if (Skip(TokenKind.Colon))
        {
            alias = name;
            name = ParseName();
        }

        var arguments = ParseArguments(constant: false);
        var directives = ParseDirectives(constant: false);
        var selections = lexer.Kind == TokenKind.BraceOpen ? ParseSelectionSet() : null;
        return new FieldNode(alias?.Start ?? name.Start, alias, name, arguments, directives, selections);
    }

    private Selection ParseSpread()
    {
        var start = lexer.Start;
        Advance();
        NamedTypeNode? type = null;
        if (lexer.Kind == TokenKind.Name)
        {
            if (!IsKeyword("on"u8)) return new FragmentSpread(start, ParseName(), ParseDirectives(constant: false));
            Advance();
            type = new NamedTypeNode(ParseName());
        }

        return new InlineFragment(start, type, ParseDirectives(constant: false), ParseSelectionSet());
    }

    private ImmutableArray<Argument> ParseArguments(bool constant)
    {
        if (!Skip(TokenKind.ParenOpen)) return [];
        var arguments = default(Items<Argument>);
        do
        {
            var name = ParseName();
            Expect(TokenKind.Colon, ":");
            arguments.Add(new Argument(name, ParseValue(constant)));
        }
        while (!Skip(TokenKind.ParenClose));

        return arguments.Done();
    }

    private ImmutableArray<Directive> ParseDirectives(bool constant)
    {
        if (lexer.Kind != TokenKind.At) return [];
        var directives = default(Items<Directive>);
        while (lexer.Kind == TokenKind.At)
        {
            var start = lexer.Start;
            Advance();
            directives.Add(new Directive(start, ParseName(), ParseArguments(constant)));
        }

        return directives.Done();
    }

    private Variable ParseVariable()
    {
        var start = lexer.Start;
        Expect(TokenKind.Dollar, "$");
        return new Variable(start, ParseName().Value);
    }

    private ListValue ParseList(bool constant)
    {
        var start = lexer.Start;
        Advance();
        Enter();
        var items = default(Items<ValueNode>);
        while (!Skip(TokenKind.BracketClose)) items.Add(ParseValue(constant));
        depth--;
        return new ListValue(start, items.Done());
    }

    private ObjectValue ParseObject(bool constant)
    {
        var start = lexer.Start;
        Advance();
        Enter();
        var fields = default(Items<ObjectField>);
        while (!Skip(TokenKind.BraceClose))
        {
            var name = ParseName();
            Expect(TokenKind.Colon, ":");
            fields.Add(new ObjectField(name, ParseValue(constant)));
        }

        depth--;
        return new ObjectValue(start, fields.Done());
    }

    private StringValue ParseString()
    {
        var value = new StringValue(lexer.Start, lexer.StringValue(), lexer.Kind == TokenKind.BlockString);
        Advance();
        return value;
    }

    private StringValue? ParseDescription() =>
        lexer.Kind is TokenKind.String or TokenKind.BlockString ? ParseString() : null;

    private Name ParseName()
    {
        if (lexer.Kind != TokenKind.Name) throw Expected("Name");
        var name = new Name(NameTable.Get(lexer.Raw), lexer.Start);
        Advance();
        return name;
    }

    private void Advance()
    {
        tokens++;
        lexer.Next();
    }

    private bool Skip(TokenKind kind)
    {
        if (lexer.Kind != kind) return false;
        Advance();
        return true;
    }

    private void Expect(TokenKind kind, string shown)
    {
        if (!Skip(kind)) throw Expected($"\"{shown}\"");
    }

    private readonly bool IsKeyword(ReadOnlySpan<byte> word) =>
        lexer.Kind == TokenKind.Name && lexer.Raw.SequenceEqual(word);

    private void ExpectKeyword(string word)
    {
        if (lexer.Kind != TokenKind.Name || !Ascii.Equals(lexer.Raw, word)) throw Expected($"\"{word}\"");
        Advance();
    }

    private void Enter()
    {
        if (++depth > maxDepth)
        {
            throw lexer.TooLarge(lexer.Start, $"The document is nested deeper than {maxDepth} levels.");
        }
    }

    private readonly SyntaxException Expected(string what) =>
        lexer.Error(lexer.Start, $"Expected {what}, found {lexer.Describe()}.");

    private readonly SyntaxException Unexpected() => lexer.Error(lexer.Start, $"Unexpected {lexer.Describe()}.");

    // Collects a list whose length is not known; the array is handed over without a copy when it is full.
    private struct Items<T>
    {
        private T[]? items;
        private int count;

        public void Add(T item)
        {
            items ??= new T[4];
            if (count == items.Length) Array.Resize(ref items, count * 2);
            items[count++] = item;
        }

        public ImmutableArray<T> Done()
        {
            if (count == 0) return [];
            if (items!.Length != count) Array.Resize(ref items, count);
            return ImmutableCollectionsMarshal.AsImmutableArray(items);
        }
    }
}
