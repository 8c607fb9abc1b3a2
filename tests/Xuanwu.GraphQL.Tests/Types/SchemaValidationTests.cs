using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Types;

// What graphql-js's buildSchema and validateSchema refuse, and what they let through.
public sealed class SchemaValidationTests
{
    [Theory]
    [InlineData("scalar __S", "Name \"__S\" must not begin")]
    [InlineData("type __A { a: Int }", "Name \"__A\" must not begin")]
    [InlineData("type A { a(__b: Int): Int }", "must not begin")]
    [InlineData("type A", "must define one or more fields")]
    [InlineData("input I", "must define one or more fields")]
    [InlineData("enum E", "must define one or more values")]
    [InlineData("union U", "must define one or more member types")]
    [InlineData("union U = Query | Query", "can only include type Query once")]
    [InlineData("type A implements I & I { a: Int } interface I { a: Int }", "can only implement I once")]
    [InlineData("type A implements I { a: String } interface I { a: Int }", "expects type Int")]
    [InlineData("type A implements I { a: [Int] } interface I { a: [Int!] }", "expects type [Int!]")]
    [InlineData("type A implements I { a(x: Int!): Int } interface I { a(x: Int): Int }", "expects type Int but")]
    [InlineData("type A implements I { a(y: Int!): Int } interface I { a: Int }", "must not be required")]
    [InlineData("interface I implements I { a: Int }", "cannot implement itself")]
    [InlineData("interface I { a: Int } interface J implements I { a: Int } type A implements J { a: Int }", "must implement I")]
    [InlineData("interface I { a: Int } type A implements I { a: Int @deprecated }", "must not be deprecated")]
    [InlineData("type A { a(x: Query): Int }", "must be Input Type")]
    [InlineData("type A { a: I } input I { x: Int }", "must be Output Type")]
    [InlineData("type A { a(x: Int! @deprecated): Int }", "cannot be deprecated")]
    [InlineData("input I { x: I! }", "Cannot reference Input Object I within itself")]
    [InlineData("input I { x: I = {} }", "The default value of Input Object field I.x references itself.")]
    [InlineData("input A { b: B = {} } input B { a: A = {} }", "references itself via the default values of: B.a.")]
    [InlineData("input A { b: [B] = {a: [{}]} } input B { a: [A] }", "references itself")]
    [InlineData("input O @oneOf { a: Int! }", "must be nullable")]
    [InlineData("input O @oneOf { a: Int = 1 }", "cannot have a default value")]
    [InlineData("directive @d(a: Int, a: Int) on FIELD", "can only be defined once")]
    [InlineData("directive @d on FIELD directive @d on FIELD", "only one directive named")]
    [InlineData("directive @d(a: Int) on OBJECT type A @d(a: 1, a: 2) { a: Int }", "only one argument named")]
    [InlineData("directive @d(a: Int!) on OBJECT type A @d(a: null) { a: Int }", "must be of type \"Int!\"")]
    [InlineData("type A { a: Int @deprecated(reason: 1) }", "must be of type")]
    [InlineData("extend scalar Int @specifiedBy(url: \"x\")", "Cannot extend type \"Int\"")]
    [InlineData("extend type __Type { a: Int }", "Cannot extend type \"__Type\"")]
    [InlineData("extend schema { mutation: Query }", "All root types must be different")]
    public void A_schema_that_breaks_a_rule_is_refused(string definitions, string message)
    {
        var thrown = Assert.Throws<SchemaException>(() => Build(definitions));

        Assert.Contains(thrown.Errors, it => it.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("type A implements I { a: [Int!]! } interface I { a: [Int] }")]
    [InlineData("type A implements I { a(x: Int! = 1): Int } interface I { a: Int }")]
    [InlineData("interface I { a: I } interface J implements I { a: J } type A implements J & I { a: A }")]
    [InlineData("input I { x: [I!]! }")]
    [InlineData("input A { b: B = {a: {b: null}} } input B { a: A }")]
    [InlineData("directive @skip(if: Boolean!) on FIELD")]
    [InlineData("scalar Int")]
    [InlineData("extend schema { mutation: M } type M { a: Int }")]
    [InlineData("extend enum E { B } enum E { A }")]
    public void A_schema_that_keeps_the_rules_is_taken(string definitions) => Assert.NotNull(Build(definitions));

    [Fact]
    public void Types_of_all_schemas_are_changed_by_none()
    {
        Assert.Throws<SchemaException>(() => Build("extend type __Type { mine: Int } scalar String @specifiedBy(url: \"x\")"));

        var schema = Build("");
        Assert.True(schema.TryGetType("__Type", out var type));
        Assert.False(((ObjectType)type).TryGetField("mine", out _));
        Assert.True(schema.TryGetType("String", out var text));
        Assert.Null(((ScalarType)text).SpecifiedBy);
    }

    [Fact]
    public void Values_in_a_schema_may_go_unchecked()
    {
        const string Text = "type Query { a(x: Int = \"s\"): Int }";

        Assert.NotNull(SdlSchema.Build(Text, new SdlResolvers { Resolve = _ => null, CheckValues = false }));
        Assert.Throws<SchemaException>(() => SdlSchema.Build(Text, new SdlResolvers { Resolve = _ => null }));
    }

    private static Schema Build(string definitions) =>
        SdlSchema.Build("type Query { a: Int } " + definitions, new SdlResolvers { Resolve = _ => null });
}
