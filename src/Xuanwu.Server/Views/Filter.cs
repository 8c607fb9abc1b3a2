using System.Text;
using Npgsql;
using Xuanwu.GraphQL;

namespace Xuanwu.Server.Views;

/// <summary>Turns a filter input into one SQL condition. Values are parameters; names come from the columns
/// alone.</summary>
public sealed class Filter(IReadOnlyList<Column> columns, List<NpgsqlParameter> parameters)
{
    private const int MaxParameters = 1000;

    private static readonly Dictionary<string, string> Comparisons = new()
    {
        ["eq"] = "=",
        ["neq"] = "<>",
        ["gt"] = ">",
        ["ngt"] = "<=",
        ["gte"] = ">=",
        ["ngte"] = "<",
        ["lt"] = "<",
        ["nlt"] = ">=",
        ["lte"] = "<=",
        ["nlte"] = ">",
    };

    /// <summary>The condition; <c>true</c> for an empty filter.</summary>
    public string Condition(IReadOnlyDictionary<string, object?> filter)
    {
        var all = new List<string>();
        foreach (var (name, value) in filter)
        {
            if (value is null) continue;
            switch (name)
            {
                case "and":
                    all.AddRange(Each(value).Select(Condition));
                    break;
                case "or":
                    var any = Each(value).Select(Condition).ToList();
                    all.Add(any.Count == 0 ? "false" : $"({string.Join(" or ", any)})");
                    break;
                default:
                    var column = columns.First(column => column.Name == name);
                    all.AddRange(((IReadOnlyDictionary<string, object?>)value).Select(
                        operation => Operation(column, operation.Key, operation.Value)));
                    break;
            }
        }

        return all.Count == 0 ? "true" : $"({string.Join(" and ", all)})";
    }

    private string Operation(Column column, string operation, object? value)
    {
        try
        {
            return OperationOf(column, operation, value);
        }
        catch (FormatException wrong)
        {
            throw new GraphQLException($"The filter of {column.Name} cannot be: {wrong.Message}", "FILTER_INVALID");
        }
    }

    private string OperationOf(Column column, string operation, object? value)
    {
        if (operation is "and" or "or")
        {
            var parts = Each(value ?? Array.Empty<object>())
                .Select(each => string.Join(
                    " and ", each.Select(part => Operation(column, part.Key, part.Value)).DefaultIfEmpty("true")))
                .Select(part => $"({part})");
            return $"({string.Join($" {operation} ", parts.DefaultIfEmpty(operation == "and" ? "true" : "false"))})";
        }

        if (value is null) return operation is "neq" ? $"{column.Sql} is not null" : $"{column.Sql} is null";
        if (Comparisons.TryGetValue(operation, out var comparison))
        {
            var compared = $"{column.Sql} {comparison} {Add(column.Parameter(value))}";
            return operation is "neq" ? $"({compared} or {column.Sql} is null)" : compared;
        }

        return operation switch
        {
            "in" => $"{column.Sql} = any({Add(column.Parameters(Items(value)))})",
            "nin" => $"({column.Sql} <> all({Add(column.Parameters(Items(value)))}) or {column.Sql} is null)",
            "contains" => Like(column, $"%{Escaped(value)}%", not: false),
            "ncontains" => Like(column, $"%{Escaped(value)}%", not: true),
            "startsWith" => Like(column, $"{Escaped(value)}%", not: false),
            "nstartsWith" => Like(column, $"{Escaped(value)}%", not: true),
            "endsWith" => Like(column, $"%{Escaped(value)}", not: false),
            "nendsWith" => Like(column, $"%{Escaped(value)}", not: true),
            _ => throw new InvalidOperationException($"{operation} is not an operation of a filter."),
        };
    }

    private string Like(Column column, string pattern, bool not) =>
        $"{column.Sql} {(not ? "not " : "")}like {Add(column.Parameter(pattern))}";

    private static StringBuilder Escaped(object value) =>
        new StringBuilder((string)value).Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_");

    private static IEnumerable<object> Items(object value) =>
        ((System.Collections.IEnumerable)value).Cast<object?>().Where(item => item is not null).Cast<object>();

    private static IEnumerable<IReadOnlyDictionary<string, object?>> Each(object value) =>
        Items(value).Cast<IReadOnlyDictionary<string, object?>>();

    private string Add(NpgsqlParameter parameter)
    {
        if (parameters.Count >= MaxParameters)
        {
            throw new GraphQLException(
                $"The filter has more than {MaxParameters:N0} conditions; use in with a list of values.",
                "FILTER_INVALID");
        }

        parameters.Add(parameter);
        return $"${parameters.Count}";
    }
}
