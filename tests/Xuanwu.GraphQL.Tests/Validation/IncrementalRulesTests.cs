using System.Text;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Validation;

// The rules for @defer and @stream, in a schema that has these directives, with the places graphql-js 17 gives.
public sealed class IncrementalRulesTests
{
    private static readonly GraphQLEngine Engine = new(SdlSchema.Build(
        """
        directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
        directive @stream(if: Boolean! = true, label: String, initialCount: Int! = 0) on FIELD
        type Query { a: Int list: [Int] nn: [Int!]! other: [Query] }
        type Mutation { change: Query list: [Int] }
        type Subscription { event: Query list: [Int] }
        """,
        new SdlResolvers { Resolve = call => call.Field.Name == "a" ? 1 : null }));

    [Theory]
    [InlineData("{ ... @defer { a } list @stream(initialCount: 1) nn @stream other { ... @defer(label: \"x\") { a } } }")]
    [InlineData("mutation { change { ... @defer { a } list @stream } }")]
    [InlineData("subscription { event { ... @defer(if: false) { a } } }")]
    [InlineData("subscription ($x: Boolean!) { event { ... @defer(if: $x) { a } list @stream(if: $x) } }")]
    [InlineData("subscription ($x: Boolean!) { event { ... @skip(if: $x) @defer { a } } }")]
    [InlineData("{ other @stream { a } x: other { a } }")]
    public void Good_documents_pass(string document) => Assert.Empty(Errors(document));

    [Theory]
    [InlineData("query ($l: String) { ... @defer(label: $l) { a } }", "DeferStreamDirectiveLabel 1:26")]
    [InlineData(
        "{ ... @defer(label: \"x\") { a } list @stream(label: \"x\") }", "DeferStreamDirectiveLabel 1:7 1:37")]
    [InlineData("mutation { ... @defer { change { a } } }", "DeferStreamDirectiveOnRootField 1:16")]
    [InlineData(
        "mutation { ...F } fragment F on Mutation { list @stream }", "DeferStreamDirectiveOnRootField 1:49")]
    [InlineData("subscription { event { ... @defer { a } } }", "DeferStreamDirectiveOnValidOperations 1:28")]
    [InlineData(
        "subscription { event { ...F } } fragment F on Query { list @stream(if: true) }",
        "DeferStreamDirectiveOnValidOperations 1:60 1:24")]
    [InlineData("{ a @stream }", "StreamDirectiveOnListField 1:5")]
    [InlineData("{ list @stream list }", "OverlappingFieldsCanBeMerged 1:3 1:16")]
    [InlineData("{ a @defer }", "KnownDirectives 1:5")]
    public void Bad_documents_are_refused(string document, string expected) =>
        Assert.Equal(expected, Assert.Single(Errors(document)));

    // Whoever is sent everything at once has been sent what came late, too.
    [Fact]
    public async Task A_response_of_one_part_has_what_is_deferred() => Assert.Equal(
        """{"data":{"a":1}}""", await Engine.AskAsync("{ ... @defer { a } }"));

    private static List<string> Errors(string document) =>
    [
        .. Engine.Validate(Encoding.UTF8.GetBytes(document)).Select(
            it => $"{it.Rule} {string.Join(' ', it.Locations.Select(at => $"{at.Line}:{at.Column}"))}"),
    ];
}
