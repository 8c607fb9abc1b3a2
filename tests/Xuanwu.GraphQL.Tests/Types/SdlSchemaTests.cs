using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Types;

public sealed class SdlSchemaTests
{
    [Theory]
    [InlineData("type Mutation { a: Int }", "Query root type must be provided.")]
    [InlineData("type Query { a: Nope }", "Unknown type \"Nope\".")]
    [InlineData("type Query { __a: Int }", "Name \"Query.__a\" must not begin with \"__\", which is reserved by GraphQL introspection.")]
    [InlineData("type Query implements I { a: Int } interface I { a: Int! }", "Interface field I.a expects type Int! but Query.a is type Int.")]
    [InlineData("type Query implements I { a(x: Int!): Int } interface I { a: Int }", "Argument Query.a(x:) must not be required as interface I does not have it.")]
    [InlineData("type Query { a: Int } union U", "Union type U must define one or more member types.")]
    [InlineData("type Query { a(i: I): Int } input I { i: I! }", "Cannot reference Input Object I within itself through a series of non-null fields.")]
    [InlineData("type Query { a: Int @skip(if: true) }", "Directive \"@skip\" may not be used on FIELD_DEFINITION.")]
    [InlineData("type Query { a: I } input I { a: Int }", "The type of Query.a must be Output Type but got: I.")]
    [InlineData("type Query { a: Int } extend enum Query { B }", "Cannot extend \"Query\" as another kind of type.")]
    [InlineData("type Query { a: Int a: Int }", "Field \"Query.a\" can only be defined once.")]
    public void A_fault_is_told(string sdl, string message)
    {
        var thrown = Assert.Throws<SchemaException>(() => SdlSchema.Build(sdl, new SdlResolvers { Resolve = _ => null }));

        Assert.Contains(thrown.Errors, it => it.Message == message);
    }

    [Fact]
    public void Extensions_add_to_what_they_extend()
    {
        var schema = SdlSchema.Build(
            """
            schema { query: Root }
            extend schema { mutation: Change }
            type Root { a: Int }
            extend type Root { b(x: [Int!]! = [1]): State }
            type Change { c: Int }
            enum State { ON }
            extend enum State { OFF }
            """,
            new SdlResolvers { Resolve = _ => null });

        Assert.Equal(
            """
            schema {
              query: Root
              mutation: Change
            }

            type Root {
              a: Int
              b(x: [Int!]! = [1]): State
            }

            type Change {
              c: Int
            }

            enum State {
              ON
              OFF
            }

            """,
            SchemaPrinter.Print(schema));
    }
}
