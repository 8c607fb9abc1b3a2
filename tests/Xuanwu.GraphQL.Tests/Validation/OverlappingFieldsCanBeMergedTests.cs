using System.Diagnostics;
using System.Text;

namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class OverlappingFieldsCanBeMergedTests
{
    private const string Rule = "OverlappingFieldsCanBeMerged";

    [Theory]
    [InlineData(
        "{ dog { name name isAtLocation(x: 1, y: 2) isAtLocation(y: 2, x: 1) } }")]
    [InlineData(
        "{ catOrDog { ... on Dog { x: name(surname: true) } ... on Cat { x: name } } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Fields \"x\" conflict because \"name\" and \"nickname\" are different fields. Use different "
            + "aliases on the fields to fetch both if this was intentional. [1:9 1:17]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { x: name x: nickname } }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Fields \"isAtLocation\" conflict because they have differing arguments. Use different aliases "
            + "on the fields to fetch both if this was intentional. [1:9 1:28]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { isAtLocation(x: 1) isAtLocation(x: 2) } }"));

    [Fact]
    public void Case_3_says_what_and_where() => Assert.Equal(
        [
            "Fields \"v\" conflict because they return conflicting types \"Boolean\" and \"Int\". Use "
            + "different aliases on the fields to fetch both if this was intentional. [1:27 1:51]",
        ],
        Pets.Errors(
            Rule,
            "{ catOrDog { ... on Dog { v: barks } ... on Cat { v: meowsVolume } } }"));

    [Fact]
    public void Case_4_says_what_and_where() => Assert.Equal(
        [
            "Fields \"dog\" conflict because subfields \"mother\" conflict because subfields \"x\" conflict "
            + "because \"name\" and \"nickname\" are different fields. Use different aliases on the fields to "
            + "fetch both if this was intentional. [1:3 1:9 1:18 1:30 1:36 1:45]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { mother { x: name } } dog { mother { x: nickname } } }"));

    [Fact]
    public void Ten_thousand_repeats_of_a_field_are_checked_in_linear_time()
    {
        var document = "{ dog { " + string.Concat(Enumerable.Repeat("name ", 10_000)) + "} }";

        AssertFast(document, expected: 0);
    }

    [Fact]
    public void Fragments_that_multiply_are_checked_once_each()
    {
        // Expanded, this document has 2^14 fields; each level is reached by two aliases.
        var document = new StringBuilder("{ dog { ...F0 } }");
        for (var i = 0; i < 12; i++)
        {
            document.Append($" fragment F{i} on Dog {{ a: mother {{ ...F{i + 1} }} b: mother {{ ...F{i + 1} }} }}");
        }

        document.Append(" fragment F12 on Dog { name }");

        AssertFast(document.ToString(), expected: 0);
    }

    [Fact]
    public void Many_conflicts_stop_at_the_number_of_errors_that_is_reported()
    {
        var document = "{ dog { "
            + string.Concat(Enumerable.Range(0, 400).Select(it => $"x: isAtLocation(x: {it}) ")) + "} }";

        AssertFast(document, expected: 100);
    }

    private static void AssertFast(string document, int expected)
    {
        var watch = Stopwatch.StartNew();
        Assert.Equal(expected, Pets.Errors(Rule, document).Length);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
    }
}
