using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Server.Views;

/// <summary>Statements that run often and read rows.</summary>
public static class Reading
{
    /// <summary>All rows of a statement, which is prepared once per connection.</summary>
    public static async Task<List<T>> ReadAsync<T>(
        this Database database,
        string sql,
        IReadOnlyList<object> parameters,
        Func<NpgsqlDataReader, T> read,
        CancellationToken ct)
    {
        await using var connection = await database.Source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters) command.Parameters.Add(new() { Value = parameter });
        await command.PrepareAsync(ct);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(ct)) rows.Add(read(reader));
        return rows;
    }
}
