using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Tests.Language;

public sealed class PrinterTests
{
    public const string KitchenSink = """"
        "An operation may be described."
        query Plan(
          "A variable may be too."
          $id: ID!
          $flags: [Boolean!]! = [true, false] @old(since: 1.5e3)
          $tree: Tree = { a: 1, b: [{ c: "x\ty" }], d: ENUM, e: null, f: {} }
        ) @live {
          alias: plan(id: $id, text: """
            a block
              with indentation
            """) @include(if: true) @skip(if: false) {
            id
            ... on Plan @x {
              name
            }
            ...Parts @y(z: -0)
            ... {
              __typename
            }
          }
        }

        mutation {
          save
        }

        subscription S($v: Int) {
          changed(v: $v)
        }

        """A fragment."""
        fragment Parts on Plan @z {
          parts(first: 3)
        }

        "The schema."
        schema @a {
          query: Query
          mutation: Mutation
        }

        extend schema @b

        """
        Something
        with two lines
        """
        type Plan implements Node & Named @c {
          "A field."
          id(
            "An argument."
            short: Boolean = false @d
          ): ID!
          parts(first: Int, after: String): [Part!]! @deprecated(reason: "old")
        }

        extend type Plan implements Other

        interface Node implements Base {
          id: ID!
        }

        union Either @u = Left | Right

        scalar Instant @specifiedBy(url: "https://example.org")

        enum State {
          "First."
          ON
          OFF @deprecated
        }

        input Tree @oneOf {
          a: Int = 1
          b: [Tree!]
        }

        extend input Tree {
          c: Int
        }

        directive @live(a: Int = 1) repeatable on QUERY | MUTATION

        """";

    [Fact]
    public void A_printed_document_is_its_own_print()
    {
        var printed = Printer.Print(Parser.Parse(KitchenSink));

        Assert.Equal(printed, Printer.Print(Parser.Parse(printed)));
    }

    [Fact]
    public void A_document_in_the_usual_layout_is_printed_as_it_was()
    {
        var simple = KitchenSink[KitchenSink.IndexOf("mutation {", StringComparison.Ordinal)..];

        Assert.Equal(simple, Printer.Print(Parser.Parse(simple)));
    }

    [Theory]
    [InlineData("{ a(b: \"\\u0007\\\"\") }", "\"\\u0007\\\"\"")]
    [InlineData("{ a(b: \"é\") }", "\"é\"")]
    [InlineData("{ a(b: {}) }", "{}")]
    [InlineData("{ a(b: []) }", "[]")]
    public void Values_keep_their_meaning(string document, string value) =>
        Assert.Contains($"b: {value}", Printer.Print(Parser.Parse(document)), StringComparison.Ordinal);
}
