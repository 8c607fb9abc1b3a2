using System.Collections.Immutable;

namespace Xuanwu.GraphQL.Language;

// Type system definitions and extensions (specification, section 3).
internal ref partial struct DocumentParser
{
    private TypeSystemDefinition ParseTypeSystemDefinition(int start, StringValue? description)
    {
        var extension = false;
        if (IsKeyword("extend"u8))
        {
            if (description is not null)
            {
                throw lexer.Error(start, "Unexpected description, only definitions can have descriptions.");
            }

            extension = true;
            Advance();
        }

        if (lexer.Kind != TokenKind.Name) throw Unexpected();
        switch (NameTable.Get(lexer.Raw))
        {
            case "schema":
                return ParseSchema(start, description, extension);
            case "scalar":
                Advance();
                var scalar = new ScalarTypeDefinition(start, description, extension, ParseName(), ConstDirectives());
                RequireContent(extension, scalar.Directives.Length);
                return scalar;
            case "type":
                Advance();
                var name = ParseName();
                var implemented = ParseImplements();
                var directives = ConstDirectives();
                var fields = ParseFields();
                RequireContent(extension, implemented.Length + directives.Length + fields.Length);
                return new ObjectTypeDefinition(start, description, extension, name, implemented, directives, fields);
            case "interface":
                return ParseInterface(start, description, extension);
            case "union":
                return ParseUnion(start, description, extension);
            case "enum":
                return ParseEnum(start, description, extension);
            case "input":
                return ParseInput(start, description, extension);
            case "directive" when !extension:
                return ParseDirectiveDefinition(start, description);
            default:
                throw description is null ? Unexpected() : lexer.Error(
                    start, "Unexpected description, only GraphQL definitions support descriptions.");
        }
    }

    private readonly void RequireContent(bool extension, int parts)
    {
        if (extension && parts == 0) throw Unexpected();
    }

    private ImmutableArray<Directive> ConstDirectives() => ParseDirectives(constant: true);

    private SchemaDefinition ParseSchema(int start, StringValue? description, bool extension)
    {
        Advance();
        var directives = ConstDirectives();
        var operations = default(Items<RootOperation>);
        if (!extension || lexer.Kind == TokenKind.BraceOpen)
        {
            Expect(TokenKind.BraceOpen, "{");
            do
            {
                var kind = lexer.Kind != TokenKind.Name ? throw Expected("Name") : NameTable.Get(lexer.Raw) switch
                {
                    "query" => OperationKind.Query,
                    "mutation" => OperationKind.Mutation,
                    "subscription" => OperationKind.Subscription,
                    _ => throw Unexpected(),
                };
                Advance();
                Expect(TokenKind.Colon, ":");
                operations.Add(new RootOperation(kind, new NamedTypeNode(ParseName())));
            }
            while (!Skip(TokenKind.BraceClose));
        }

        var roots = operations.Done();
        RequireContent(extension, directives.Length + roots.Length);
        return new SchemaDefinition(start, description, extension, directives, roots);
    }

    private InterfaceTypeDefinition ParseInterface(int start, StringValue? description, bool extension)
    {
        Advance();
        var name = ParseName();
        var implemented = ParseImplements();
        var directives = ConstDirectives();
        var fields = ParseFields();
        RequireContent(extension, implemented.Length + directives.Length + fields.Length);
        return new InterfaceTypeDefinition(start, description, extension, name, implemented, directives, fields);
    }

    private ImmutableArray<NamedTypeNode> ParseImplements()
    {
        if (!IsKeyword("implements"u8)) return [];
        Advance();
        Skip(TokenKind.Ampersand);
        var interfaces = default(Items<NamedTypeNode>);
        do
        {
            interfaces.Add(new NamedTypeNode(ParseName()));
        }
        while (Skip(TokenKind.Ampersand));

        return interfaces.Done();
    }

    private ImmutableArray<FieldDefinition> ParseFields()
    {
        if (!Skip(TokenKind.BraceOpen)) return [];
        var fields = default(Items<FieldDefinition>);
        do
        {
            var start = lexer.Start;
            var description = ParseDescription();
            var name = ParseName();
            var arguments = ParseInputValues(TokenKind.ParenOpen, TokenKind.ParenClose);
            Expect(TokenKind.Colon, ":");
            fields.Add(new FieldDefinition(start, description, name, arguments, ParseType(), ConstDirectives()));
        }
        while (!Skip(TokenKind.BraceClose));

        return fields.Done();
    }

    private ImmutableArray<InputValueDefinition> ParseInputValues(TokenKind open, TokenKind close)
    {
        if (!Skip(open)) return [];
        var values = default(Items<InputValueDefinition>);
        do
        {
            var start = lexer.Start;
            var description = ParseDescription();
            var name = ParseName();
            Expect(TokenKind.Colon, ":");
            var type = ParseType();
            var defaultValue = Skip(TokenKind.EqualSign) ? ParseValue(constant: true) : null;
            values.Add(new InputValueDefinition(start, description, name, type, defaultValue, ConstDirectives()));
        }
        while (!Skip(close));

        return values.Done();
    }

    private UnionTypeDefinition ParseUnion(int start, StringValue? description, bool extension)
    {
        Advance();
        var name = ParseName();
        var directives = ConstDirectives();
        var members = default(Items<NamedTypeNode>);
        if (Skip(TokenKind.EqualSign))
        {
            Skip(TokenKind.Pipe);
            do
            {
                members.Add(new NamedTypeNode(ParseName()));
            }
            while (Skip(TokenKind.Pipe));
        }

        var types = members.Done();
        RequireContent(extension, directives.Length + types.Length);
        return new UnionTypeDefinition(start, description, extension, name, directives, types);
    }

    private EnumTypeDefinition ParseEnum(int start, StringValue? description, bool extension)
    {
        Advance();
        var name = ParseName();
        var directives = ConstDirectives();
        var values = default(Items<EnumValueDefinition>);
        if (Skip(TokenKind.BraceOpen))
        {
            do
            {
                var valueStart = lexer.Start;
                var valueDescription = ParseDescription();
                if (IsKeyword("true"u8) || IsKeyword("false"u8) || IsKeyword("null"u8))
                {
                    throw lexer.Error(
                        lexer.Start, $"{lexer.Describe()} is reserved and cannot be used for an enum value.");
                }

                values.Add(new EnumValueDefinition(valueStart, valueDescription, ParseName(), ConstDirectives()));
            }
            while (!Skip(TokenKind.BraceClose));
        }

        var all = values.Done();
        RequireContent(extension, directives.Length + all.Length);
        return new EnumTypeDefinition(start, description, extension, name, directives, all);
    }

    private InputObjectTypeDefinition ParseInput(int start, StringValue? description, bool extension)
    {
        Advance();
        var name = ParseName();
        var directives = ConstDirectives();
        var fields = ParseInputValues(TokenKind.BraceOpen, TokenKind.BraceClose);
        RequireContent(extension, directives.Length + fields.Length);
        return new InputObjectTypeDefinition(start, description, extension, name, directives, fields);
    }

    private DirectiveDefinition ParseDirectiveDefinition(int start, StringValue? description)
    {
        Advance();
        Expect(TokenKind.At, "@");
        var name = ParseName();
        var arguments = ParseInputValues(TokenKind.ParenOpen, TokenKind.ParenClose);
        var repeatable = IsKeyword("repeatable"u8);
        if (repeatable) Advance();
        ExpectKeyword("on");
        Skip(TokenKind.Pipe);
        var locations = default(Items<Name>);
        do
        {
            if (lexer.Kind == TokenKind.Name && !DirectiveLocations.IsKnown(NameTable.Get(lexer.Raw)))
            {
                throw Unexpected();
            }

            locations.Add(ParseName());
        }
        while (Skip(TokenKind.Pipe));

        return new DirectiveDefinition(start, description, name, arguments, repeatable, locations.Done());
    }
}
