using System.Globalization;

namespace Xuanwu.Bench.GraphQL;

/// <summary>A document that is measured, and against what.</summary>
/// <param name="Name">Of the endpoint that writes the same bytes.</param>
/// <param name="Title">For people.</param>
/// <param name="Against">The endpoint that sets the limit.</param>
/// <param name="Goal">The least share of the limit's speed.</param>
/// <param name="HotChocolate">HotChocolate's share, measured in the same way elsewhere.</param>
/// <param name="Document">The text of a request, by its number.</param>
internal sealed record Case(
    string Name, string Title, string Against, double Goal, double HotChocolate, Func<int, string> Document)
{
    private const string Jobs =
        "jobs(first: 50) { nodes { id name state versions(first: 5) { nodes { number createdAt } } } }";

    private const string Introspection =
        "query I { __schema { description queryType { name } mutationType { name } subscriptionType { name } "
        + "types { ...T } directives { name description isRepeatable locations args { ...V } } } } "
        + "fragment T on __Type { kind name description specifiedByURL isOneOf "
        + "fields(includeDeprecated: true) { name description args { ...V } type { ...R } isDeprecated deprecationReason } "
        + "inputFields { ...V } interfaces { ...R } "
        + "enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...R } } "
        + "fragment V on __InputValue { name description type { ...R } defaultValue } "
        + "fragment R on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

    public static IReadOnlyList<Case> All { get; } =
    [
        new("hello", "hello", "/bare/hello", 0.80, 0.655, _ => "{ hello }"),
        new("hello", "hello, new text every request", "/bare/hello", 0.50, 0.27, Numbered("{{ hello }} #{0}")),
        new("jobs", "jobs(first:50){versions(first:5)}", "/stj/jobs", 0.60, 0.18, _ => $"{{ {Jobs} }}"),
        new(
            "filter", "the same with filter, sort and totalCount over 200 rows", "/bare/filter", 0.15, 0.006,
            _ => "{ " + Jobs.Replace(
                "(first: 50) { nodes",
                "(first: 50, where: {name: {contains: \"1\"}, state: {neq: FAILED}}, order: [{name: DESC}]) "
                    + "{ totalCount nodes",
                StringComparison.Ordinal) + " }"),
        new("introspection", "full introspection", "/bare/introspection", 0.50, 0.029, _ => Introspection),
    ];

    private static Func<int, string> Numbered(string format) =>
        number => string.Format(CultureInfo.InvariantCulture, format, number.ToString("D8", CultureInfo.InvariantCulture));
}
