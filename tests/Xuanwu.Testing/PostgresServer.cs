using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Testing;

/// <summary>How a server for tests or benchmarks is run.</summary>
public sealed record PostgresServerOptions
{
    /// <summary>True: fsync and full page writes as in production, for measurements and crash tests.</summary>
    public bool Durable { get; init; }

    public int MaxConnections { get; init; } = 300;

    /// <summary>More settings, <c>name=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}

/// <summary>
/// A real PostgreSQL. With <c>XUANWU_POSTGRES</c> set it is that server; otherwise one of our own is started from the
/// installed binaries, in a folder of its own below the temporary folder, once per test process.
///
/// It never outlives the process: a shell stands between us and <c>postgres</c> whose input is a pipe from this
/// process. When the process ends, by whatever death, the pipe closes, and the shell ends PostgreSQL and removes the
/// folder. If the shell was killed too, the next start finds the folder of a dead owner and cleans up.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Prefix = "xuanwu-pg-";
    private static readonly Lazy<Task<PostgresServer>> OnlyOne = new(() => StartSharedAsync());

    private readonly Process? _shell;
    private readonly Lazy<Task<string>> _template;

    private PostgresServer(string connectionString, Process? shell)
    {
        ConnectionString = connectionString;
        _shell = shell;
        _template = new Lazy<Task<string>>(MigrateTemplateAsync);
    }

    /// <summary>To the maintenance database, as a user who may create databases.</summary>
    public string ConnectionString { get; }

    /// <summary>The server of this test process.</summary>
    public static Task<PostgresServer> SharedAsync() => OnlyOne.Value;

    /// <summary>A server of one's own, ended by disposing it.</summary>
    public static async Task<PostgresServer> StartAsync(PostgresServerOptions options)
    {
        var bin = FindBinaries();
        RemoveStale();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartOnceAsync(bin, options);
            }
            catch (IOException) when (attempt < 3)
            {
                // the free port was taken by another meanwhile
            }
        }
    }

    /// <summary>A new database with our schema, dropped by disposing it.</summary>
    public async Task<TestDatabase> CreateDatabaseAsync()
    {
        var name = $"xuanwu_test_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {await _template.Value}");
        return new TestDatabase(this, name);
    }

    /// <summary>A new database with nothing in it.</summary>
    public async Task<TestDatabase> CreateEmptyDatabaseAsync()
    {
        var name = $"xuanwu_test_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0");
        return new TestDatabase(this, name);
    }

    /// <summary>
    /// CPU time of all its processes so far, on Linux and for a server of our own; what a busy machine cannot distort
    /// as it does elapsed time.
    /// </summary>
    public TimeSpan CpuTime()
    {
        var folder = new NpgsqlConnectionStringBuilder(ConnectionString).Host!;
        var postmaster = File.ReadLines(Path.Combine(folder, "data", "postmaster.pid")).First();
        var ticks = 0L;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(p[^1])))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(process, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // from field 3, state
                var own = Path.GetFileName(process) == postmaster;
                if (!own && fields[1] != postmaster) continue;
                // utime and stime; of the postmaster also those of children that have ended
                foreach (var field in fields[11..(own ? 15 : 13)]) ticks += long.Parse(
                    field, CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // it has ended meanwhile
            }
        }

        return TimeSpan.FromMilliseconds(ticks * 10); // USER_HZ is 100
    }

    internal string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder(ConnectionString) { Database = database }.ConnectionString;

    internal async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<PostgresServer> StartSharedAsync()
    {
        var given = Environment.GetEnvironmentVariable("XUANWU_POSTGRES");
        return string.IsNullOrEmpty(given)
            ? await StartAsync(new PostgresServerOptions())
            : new PostgresServer(ConnectionSettings.Parse(given).ConnectionString, shell: null);
    }

    private static async Task<PostgresServer> StartOnceAsync(string bin, PostgresServerOptions options)
    {
        var folder = Directory.CreateTempSubdirectory(
            $"{Prefix}{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}-").FullName;
        var port = FreePort();
        var asRoot = Environment.UserName == "root";
        if (asRoot) await RunAsync("chown", ["postgres", folder]);

        // $1 binaries, $2 folder, then the settings. `cat` ends when our end of the pipe is closed.
        const string script = """
            bin=$1; folder=$2; shift 2
            cd "$folder" || exit 1
            "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions \
                > "$folder/initdb.log" 2>&1 || { echo "initdb failed: $(tail -n 3 "$folder/initdb.log")"; exit 1; }
            "$bin/postgres" -D "$folder/data" "$@" < /dev/null > "$folder/log" 2>&1 &
            postgres=$!
            tries=0
            until "$bin/pg_isready" -q -h "$folder" -p "$PGPORT" > /dev/null; do
                kill -0 $postgres 2> /dev/null || { echo "postgres ended: $(tail -n 3 "$folder/log")"; exit 1; }
                tries=$((tries + 1)); [ $tries -lt 1500 ] || { echo "postgres did not start"; break; }
                sleep 0.02
            done
            echo ready
            cat > /dev/null
            kill -QUIT $postgres 2> /dev/null
            wait $postgres
            rm -rf "$folder"
            """;
        List<string> settings =
        [
            "-p", port.ToString(CultureInfo.InvariantCulture), "-k", folder, "-c", "listen_addresses=127.0.0.1",
            "-c", $"max_connections={options.MaxConnections.ToString(CultureInfo.InvariantCulture)}",
        ];
        if (!options.Durable) settings.AddRange(["-F", "-c", "full_page_writes=off", "-c", "autovacuum=off"]);
        foreach (var setting in options.Settings) settings.AddRange(["-c", setting]);

        var start = new ProcessStartInfo(asRoot ? "runuser" : "sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments = ["-c", script, "sh", bin, folder, .. settings];
        foreach (var argument in asRoot ? ["-u", "postgres", "--", "sh", .. arguments] : arguments)
            start.ArgumentList.Add(argument);
        start.Environment["PGPORT"] = port.ToString(CultureInfo.InvariantCulture);
        var shell = Process.Start(start)!;
        shell.ErrorDataReceived += (_, _) => { };
        shell.BeginErrorReadLine();
        var answer = await shell.StandardOutput.ReadLineAsync();
        if (answer == "ready")
        {
            var settingsText = $"Host={folder};Port={port};Username=postgres;Database=postgres";
            var server = new PostgresServer(settingsText, shell);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => server.Stop();
            return server;
        }

        shell.StandardInput.Close();
        throw new IOException($"PostgreSQL did not start: {answer}");
    }

    private async Task<string> MigrateTemplateAsync()
    {
        // One template per process: two checkouts that share a server must not share a schema.
        var name = $"xuanwu_template_{Guid.NewGuid():N}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0");
        var settings = new NpgsqlConnectionStringBuilder(ConnectionStringOf(name)) { Pooling = false };
        await using (var database = new Database(settings.ConnectionString))
            await database.MigrateAsync(CancellationToken.None);
        if (_shell is null) AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            ExecuteAsync($"DROP DATABASE {name}").Wait();
        return name;
    }

    private static string FindBinaries()
    {
        IEnumerable<string> installed = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql")
                .OrderByDescending(version => Path.GetFileName(version) == "15").Select(v => Path.Combine(v, "bin"))
            : [];
        var path = Environment.GetEnvironmentVariable("PATH")?.Split(':') ?? [];
        return installed.Concat(path).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")))
            ?? throw new InvalidOperationException(
                "PostgreSQL is not installed. Run `./dev.sh test`, which installs what is missing, or set "
                + "XUANWU_POSTGRES to the connection string of a server on which databases may be created.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ends servers whose owner was killed together with the shell that watches it.</summary>
    private static void RemoveStale()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var owner = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
            if (Directory.Exists($"/proc/{owner}")) continue;
            // The shell of an owner that died a moment ago is at work itself.
            if (Directory.GetLastWriteTimeUtc(folder) > DateTime.UtcNow.AddSeconds(-30)) continue;
            try
            {
                var pidFile = Path.Combine(folder, "data", "postmaster.pid");
                if (File.Exists(pidFile))
                {
                    var lines = File.ReadAllLines(pidFile);
                    if (lines.Length > 1 && lines[1] == Path.Combine(folder, "data"))
                        Process.GetProcessById(int.Parse(lines[0], CultureInfo.InvariantCulture)).Kill();
                }
            }
            catch (Exception gone) when (gone is ArgumentException or IOException or UnauthorizedAccessException)
            {
                // it ended by itself, or it is another user's
            }

            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // the next start tries again
            }
        }
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
    }

    private void Stop()
    {
        if (_shell is null) return;
        try
        {
            _shell.StandardInput.Close();
            _shell.WaitForExit(TimeSpan.FromSeconds(10));
        }
        catch (Exception closed) when (closed is InvalidOperationException or IOException)
        {
            // stopped before
        }
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        _shell?.Dispose();
        return ValueTask.CompletedTask;
    }
}
