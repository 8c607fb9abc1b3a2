using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Xuanwu.Postgres;

/// <summary>How a process uses its database.</summary>
public sealed record DatabaseOptions
{
    /// <summary>
    /// Most connections in the pool. The listening connection and the event store's writer come on top.
    /// </summary>
    public int MaxConnections { get; init; } = 40;

    /// <summary>Shown in <c>pg_stat_activity.application_name</c>.</summary>
    public string ApplicationName { get; init; } = "xuanwu";

    /// <summary>After this long a statement is given up. Migrations have no limit.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After this long a connection attempt is given up.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}

/// <summary>
/// The one database of a Xuanwu server: pool, schema, node identity, wake-ups. Everything lives in the schema
/// <c>xuanwu</c> and is named with it in SQL; the search path is left alone. Connections are not reset between uses:
/// leave no session state behind, and statements once prepared stay prepared. Prepare what runs often with
/// <c>PrepareAsync</c>; it costs a round trip once per connection.
///
/// Npgsql prepares nothing by itself here: when the execution that would do so fails (npgsql issue 6391, seen with
/// 10.0.0 and 10.0.3), the next use of the statement is carried out by the server and reported as an error.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    /// <summary>The schema of all our tables.</summary>
    public const string Schema = "xuanwu";

    private readonly DatabaseOptions _options;

    /// <param name="connectionString">Npgsql's key=value form or a <c>postgres://</c> URL.</param>
    /// <param name="options">Sizes and time limits; the defaults serve a server.</param>
    public Database(string connectionString, DatabaseOptions? options = null)
    {
        _options = options ?? new DatabaseOptions();
        var settings = ConnectionSettings.Parse(connectionString);
        settings.ApplicationName ??= _options.ApplicationName;
        settings.MaxPoolSize = _options.MaxConnections;
        settings.NoResetOnClose = true;
        settings.MaxAutoPrepare = 0;
        settings.CommandTimeout = (int)_options.CommandTimeout.TotalSeconds;
        settings.Timeout = (int)_options.ConnectTimeout.TotalSeconds;
        settings.IncludeErrorDetail = true;
        ConnectionString = settings.ConnectionString;
        Source = new NpgsqlDataSourceBuilder(ConnectionString).Build();
        Wakeups = new Wakeups(ConnectionString, _options.Loggers.CreateLogger<Wakeups>());
    }

    /// <summary>The pool.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>This process: new at each start.</summary>
    public Guid Node { get; } = Guid.CreateVersion7();

    /// <summary>What wakes waiting parts when rows they care about were committed, here or on another node.</summary>
    public Wakeups Wakeups { get; }

    public ILoggerFactory Loggers => _options.Loggers;

    /// <summary>With the password: for connections outside the pool. Never to be logged.</summary>
    internal string ConnectionString { get; }

    /// <summary>A connection outside the pool, for one that lives as long as the process. Not open yet.</summary>
    /// <param name="purpose">Shown in <c>pg_stat_activity</c> after the application's name.</param>
    /// <param name="autoPrepare">Let Npgsql prepare by itself. Only for one who drops the connection after every
    /// error.</param>
    public NpgsqlConnection CreateDedicatedConnection(string purpose, bool autoPrepare = true)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            Pooling = false,
            MaxAutoPrepare = autoPrepare ? 100 : 0,
            AutoPrepareMinUsages = 2,
            ApplicationName = $"{_options.ApplicationName} {purpose}",
        };
        return new NpgsqlConnection(settings.ConnectionString);
    }

    /// <summary>
    /// Brings the schema to this program's version: applies each <c>schema/sql/NNN_name.sql</c> that is missing in a
    /// transaction of its own, under a lock that makes concurrent starts take turns.
    /// </summary>
    /// <exception cref="SchemaMismatch">An applied file has changed since, or the database is newer than the
    /// program.</exception>
    public Task MigrateAsync(CancellationToken ct) => Migrations.Embedded().ApplyAsync(Source, ct);

    public async ValueTask DisposeAsync()
    {
        await Wakeups.DisposeAsync();
        await Source.DisposeAsync();
    }

    /// <summary>Says where, never with which password.</summary>
    public override string ToString()
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString);
        return $"{settings.Host}:{settings.Port}/{settings.Database}";
    }
}
