using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Testing;

/// <summary>A database of one test or test class, dropped when it is disposed.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly List<Database> _opened = [];

    internal TestDatabase(PostgresServer server, string name) => (_server, Name) = (server, name);

    public string Name { get; }

    public string ConnectionString => _server.ConnectionStringOf(Name);

    /// <summary>A new database with our schema on the server of this test process.</summary>
    public static async Task<TestDatabase> CreateAsync() =>
        await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();

    /// <summary>
    /// Opens it as a node of its own; closed with this object if not before. Open two for two servers.
    /// </summary>
    public Database Open(DatabaseOptions? options = null)
    {
        var database = new Database(ConnectionString, options ?? new DatabaseOptions { MaxConnections = 20 });
        lock (_opened) _opened.Add(database);
        return database;
    }

    /// <summary>Opens it through a proxy, which loses connections when it is told to.</summary>
    public Database OpenThrough(CuttingProxy proxy, DatabaseOptions? options = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString) { Host = "127.0.0.1", Port = proxy.Port };
        var database = new Database(settings.ConnectionString, options ?? new DatabaseOptions { MaxConnections = 20 });
        lock (_opened) _opened.Add(database);
        return database;
    }

    /// <summary>A proxy to this database's server.</summary>
    public CuttingProxy NewProxy() => new(new NpgsqlConnectionStringBuilder(ConnectionString).Port);

    /// <summary>Runs SQL on a connection of its own.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row, or null for NULL and for no row.</summary>
    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        var value = await command.ExecuteScalarAsync();
        return value is null or DBNull ? default : (T)value;
    }

    /// <summary>The first column of all rows.</summary>
    public async Task<List<T>> ColumnAsync<T>(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<T>();
        while (await reader.ReadAsync()) values.Add(await reader.GetFieldValueAsync<T>(0));
        return values;
    }

    /// <summary>A connection outside every pool.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _opened) await database.DisposeAsync();
        await _server.ExecuteAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
    }
}
