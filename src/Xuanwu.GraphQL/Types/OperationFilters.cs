using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

// HotChocolate's filter and sort inputs. An operation filter exists for every scalar and enum that a filter names.
internal static class OperationFilters
{
    public const string SortEnum = "SortEnumType";

    private const string Suffix = "OperationFilterInput";

    public static InputObjectDraft Filter(string name, IReadOnlyList<(string Name, string Type)> fields) => new(
        name,
        null,
        [
            ("and", $"[{name}!]"),
            ("or", $"[{name}!]"),
            .. fields.Select(it => (it.Name, it.Type.EndsWith("Input", StringComparison.Ordinal)
                ? it.Type : Capitalised(it.Type) + Suffix)),
        ]);

    public static EnumType MakeSortEnum()
    {
        var type = new EnumType(SortEnum);
        type.Add(new EnumMember("ASC", "ASC"));
        type.Add(new EnumMember("DESC", "DESC"));
        return type;
    }

    /// <summary>The operations on a scalar or enum; null when the name is none of an operation filter.</summary>
    public static InputObjectDraft? For(string name, Func<string, NamedType?> find)
    {
        if (!name.EndsWith(Suffix, StringComparison.Ordinal)) return null;
        var operand = name[..^Suffix.Length];
        var type = find(operand) ?? find(operand.ToUpperInvariant());
        if (type is null) return null;
        (string, string)[] equality = [("eq", type.Name), ("neq", type.Name)];
        (string, string)[] membership = [("in", $"[{type.Name}]"), ("nin", $"[{type.Name}]")];
        (string, string)[] both = [("and", $"[{name}!]"), ("or", $"[{name}!]")];
        string[] text = ["contains", "ncontains"];
        string[] ends = ["startsWith", "nstartsWith", "endsWith", "nendsWith"];
        string[] order = ["gt", "ngt", "gte", "ngte", "lt", "nlt", "lte", "nlte"];
        return new InputObjectDraft(name, null, type switch
        {
            EnumType => [.. equality, .. membership],
            { Name: "Boolean" } => equality,
            { Name: "String" } =>
            [
                .. both, .. equality, .. text.Select(it => (it, type.Name)), .. membership,
                .. ends.Select(it => (it, type.Name)),
            ],
            { Name: "ID" } => [.. both, .. equality, .. membership],
            _ => [.. equality, .. membership, .. order.Select(it => (it, type.Name))],
        });
    }

    private static string Capitalised(string type) => type switch
    {
        "UUID" => "Uuid",
        "ID" => "Id",
        "URI" => "Uri",
        _ => type,
    };
}
