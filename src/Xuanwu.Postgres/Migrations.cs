using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Xuanwu.Postgres;

/// <summary>The schema of the database and the program do not fit together; the message says what to do.</summary>
public sealed class SchemaMismatch(string message) : Exception(message);

/// <summary>One DDL file: <c>NNN_name.sql</c>. Its text never changes once it has been released.</summary>
internal sealed record Migration(string Name, string Sql)
{
    /// <summary>Line ends are not part of the content: a checkout on Windows has others.</summary>
    public string Hash =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    public int Number => int.Parse(Name.AsSpan(0, 3), CultureInfo.InvariantCulture);
}

/// <summary>
/// The DDL files in order, and what has been applied of them in <c>xuanwu.migrations</c>. Each file is applied in a
/// transaction together with its row, holding a transaction-scoped advisory lock: nodes that start together take turns,
/// and a crash leaves a file either applied or not.
/// </summary>
internal sealed class Migrations
{
    /// <summary>Key of the advisory lock; any constant that nobody else uses.</summary>
    private const long LockKey = 0x5875616e_77750001;

    private readonly IReadOnlyList<Migration> _files;

    public Migrations(IEnumerable<Migration> files)
    {
        _files = [.. files.OrderBy(file => file.Number)];
        var twice = _files.GroupBy(file => file.Number).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new SchemaMismatch(
                $"Two migrations have one number: {string.Join(", ", twice.Select(f => f.Name))}.");
    }

    /// <summary>The files of schema/sql as they were when this assembly was built.</summary>
    public static Migrations Embedded()
    {
        var assembly = typeof(Migrations).Assembly;
        return new Migrations(assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("sql/", StringComparison.Ordinal))
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return new Migration(name["sql/".Length..], reader.ReadToEnd());
            }));
    }

    public async Task ApplyAsync(NpgsqlDataSource source, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        var changed = false;
        foreach (var file in _files) changed |= await ApplyOneAsync(connection, file, ct);
        // Tables and types that came just now are unknown to connections that are already open.
        if (changed) await connection.ReloadTypesAsync(ct);
    }

    private async Task<bool> ApplyOneAsync(NpgsqlConnection connection, Migration file, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockKey})", ct);
        var applied = await AppliedAsync(connection, ct);
        Check(applied);
        if (applied.ContainsKey(file.Name)) return false;

        await ExecuteAsync(connection, file.Sql, ct);
        await using var record = new NpgsqlCommand(
            "INSERT INTO xuanwu.migrations (name, sha256) VALUES ($1, $2)", connection)
        {
            Parameters = { new() { Value = file.Name }, new() { Value = file.Hash } },
        };
        await record.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private void Check(Dictionary<string, string> applied)
    {
        var known = _files.ToDictionary(file => file.Name);
        foreach (var (name, hash) in applied)
        {
            if (!known.TryGetValue(name, out var file))
                throw new SchemaMismatch(
                    $"The database is newer than this program: it has migration {name}. Start a newer version.");
            if (file.Hash != hash)
                throw new SchemaMismatch(
                    $"Migration {name} was applied with another content (SHA-256 {hash[..12]}…, now "
                    + $"{file.Hash[..12]}…). "
                    + "Applied files must not change; restore it and put the change into a new file.");
        }
    }

    private static async Task<Dictionary<string, string>> AppliedAsync(
        NpgsqlConnection connection, CancellationToken ct)
    {
        await ExecuteAsync(connection, """
            CREATE SCHEMA IF NOT EXISTS xuanwu;
            CREATE TABLE IF NOT EXISTS xuanwu.migrations (
                name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
            """, ct);
        await using var command = new NpgsqlCommand("SELECT name, sha256 FROM xuanwu.migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var applied = new Dictionary<string, string>();
        while (await reader.ReadAsync(ct)) applied.Add(reader.GetString(0), reader.GetString(1));
        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}
