using System.Text;
using Npgsql;
using Xuanwu.GraphQL;
using Xuanwu.GraphQL.Types;
using Xuanwu.Postgres;

namespace Xuanwu.Server.Views;

/// <summary>A row of a list with its place.</summary>
public sealed record Row<T>(T Item, string Cursor);

public sealed record Page<T>(IReadOnlyList<Row<T>> Rows, bool HasNext, bool HasPrevious);

/// <summary>
/// A list over one table: filter, order and page become one parameterised statement with keyset paging (no OFFSET, so
/// page 1,000 costs what page 1 costs). Rows with equal sort values are told apart by the key, the last sort column.
/// </summary>
public sealed class ListQuery<T>(
    Database database,
    string select,
    string from,
    Column key,
    IReadOnlyList<Column> columns,
    Func<NpgsqlDataReader, T> read)
{
    public sealed record Sort(Column Column, bool Descending);

    public async Task<Page<T>> PageAsync(
        PageArguments page,
        IReadOnlyDictionary<string, object?>? where,
        IEnumerable<IReadOnlyDictionary<string, object?>>? order,
        Sort defaultSort,
        string? always,
        IReadOnlyList<object>? alwaysValues,
        CancellationToken ct)
    {
        var parameters = Given(alwaysValues);
        var sorts = Sorts(order, defaultSort);
        var name = from + ':' + string.Join(',', sorts.Select(sort => (sort.Descending ? "-" : "") + sort.Column.Name));
        var conditions = Conditions(where, always, parameters);
        if (page.After is not null) conditions.Add(Beyond(sorts, name, page.After, backward: false, parameters));
        if (page.Before is not null) conditions.Add(Beyond(sorts, name, page.Before, backward: true, parameters));

        var sql = new StringBuilder("select ").Append(select);
        foreach (var sort in sorts) sql.Append(", ").Append(sort.Column.Sql);
        sql.Append(" from ").Append(from).Append(" where ").AppendJoin(" and ", conditions);
        sql.Append(" order by ").AppendJoin(", ", sorts.Select(sort => OrderBy(sort, page.IsBackward)));
        parameters.Add(new() { Value = page.Size + 1 });
        sql.Append(" limit $").Append(parameters.Count);

        var rows = await ReadAsync(sql.ToString(), parameters, sorts, name, ct);
        var more = rows.Count > page.Size;
        if (more) rows.RemoveAt(rows.Count - 1);
        if (page.IsBackward) rows.Reverse();
        return page.IsBackward
            ? new(rows, HasNext: page.Before is not null, HasPrevious: more)
            : new(rows, HasNext: more, HasPrevious: page.After is not null);
    }

    public async ValueTask<int> CountAsync(
        IReadOnlyDictionary<string, object?>? where,
        string? always,
        IReadOnlyList<object>? alwaysValues,
        CancellationToken ct)
    {
        var parameters = Given(alwaysValues);
        var conditions = Conditions(where, always, parameters);
        await using var command =
            database.Source.CreateCommand($"select count(*)::int from {from} where {string.Join(" and ", conditions)}");
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }

    private static List<NpgsqlParameter> Given(IReadOnlyList<object>? values) =>
        [.. (values ?? []).Select(value => new NpgsqlParameter { Value = value })];

    private List<string> Conditions(
        IReadOnlyDictionary<string, object?>? where, string? always, List<NpgsqlParameter> parameters)
    {
        var conditions = new List<string> { always ?? "true" };
        if (where is not null) conditions.Add(new Filter(columns, parameters).Condition(where));
        return conditions;
    }

    private List<Sort> Sorts(IEnumerable<IReadOnlyDictionary<string, object?>>? order, Sort defaultSort)
    {
        var sorts = (order ?? [])
            .SelectMany(one => one)
            .Where(one => one.Value is not null)
            .Select(one => new Sort(columns.First(
                column => column.Name == one.Key), one.Value!.ToString() is "Descending" or "Desc" or "DESC"))
            .ToList();
        if (sorts.Count == 0) sorts.Add(defaultSort);
        if (sorts.All(sort => sort.Column != key)) sorts.Add(new(key, sorts[^1].Descending));
        return sorts;
    }

    // Nulls come first going up and last going down, so that one direction is the other reversed.
    private static string OrderBy(Sort sort, bool backward) =>
        (sort.Descending != backward, sort.Column.IsNullable) switch
        {
            (true, true) => $"{sort.Column.Sql} desc nulls last",
            (true, false) => $"{sort.Column.Sql} desc",
            (false, true) => $"{sort.Column.Sql} asc nulls first",
            (false, false) => sort.Column.Sql,
        };

    // Rows after the cursor: those that differ from it first in some column, and there in the right direction.
    // PostgreSQL finds no place in an index by a condition with "or", so the bound of the first column is said once
    // more by itself.
    private static string Beyond(
        List<Sort> sorts, string name, string cursor, bool backward, List<NpgsqlParameter> parameters)
    {
        var values = Cursor.Read(name, cursor, sorts.Count) ?? throw Invalid(
            "was not given out by this list in this order");
        var bound = "";
        var any = new List<string>();
        var equal = new List<string>();
        for (var at = 0; at < sorts.Count; at++)
        {
            var (column, descending) = sorts[at];
            var down = descending != backward;
            if (values[at] is { } text)
            {
                parameters.Add(Parameter(column, text));
                var place = $"${parameters.Count}";
                var further = $"{column.Sql} {(down ? '<' : '>')} {place}";
                if (down && column.IsNullable) further = $"({further} or {column.Sql} is null)";
                if (at == 0 && !column.IsNullable) bound = $"{column.Sql} {(down ? "<=" : ">=")} {place} and ";
                any.Add(string.Join(" and ", equal.Append(further)));
                equal.Add($"{column.Sql} = {place}");
                continue;
            }

            if (!column.IsNullable) throw Invalid("was altered");
            if (!down) any.Add(string.Join(" and ", equal.Append($"{column.Sql} is not null")));
            equal.Add($"{column.Sql} is null");
        }

        return any.Count == 0 ? "false" : $"{bound}({string.Join(" or ", any)})";
    }

    private static GraphQLException Invalid(string what) =>
        new($"The cursor {what}; begin again without it.", "CURSOR_INVALID");

    private static NpgsqlParameter Parameter(Column column, string text)
    {
        try
        {
            return column.Parameter(column.FromCursor(text));
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException)
        {
            throw Invalid("was altered");
        }
    }

    private async Task<List<Row<T>>> ReadAsync(
        string sql, List<NpgsqlParameter> parameters, List<Sort> sorts, string name, CancellationToken ct)
    {
        await using var command = database.Source.CreateCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<Row<T>>();
        var firstSort = reader.FieldCount - sorts.Count;
        while (await reader.ReadAsync(ct))
        {
            var values = new string?[sorts.Count];
            for (var at = 0; at < sorts.Count; at++)
            {
                values[at] = await reader.IsDBNullAsync(firstSort + at, ct) ? null : Column.ToCursor(
                    reader.GetValue(firstSort + at));
            }

            rows.Add(new(read(reader), Cursor.Write(name, values)));
        }

        return rows;
    }
}
