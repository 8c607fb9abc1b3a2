namespace Xuanwu.GraphQL.Language;

/// <summary>
/// Where a directive may stand (specification, section 3.13), spelled as in the language. DIRECTIVE_DEFINITION came
/// after September 2025; graphql-js has it, and schemas may name it.
/// </summary>
public static class DirectiveLocations
{
    /// <summary>All locations: the executable ones first.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INTERFACE",
        "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT", "INPUT_FIELD_DEFINITION", "DIRECTIVE_DEFINITION",
    ];

    private static readonly HashSet<string> Known = [.. All];

    internal static bool IsKnown(string name) => Known.Contains(name);
}
