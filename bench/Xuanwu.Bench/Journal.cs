using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Xuanwu.EventStore;
using Xuanwu.Postgres;
using Xuanwu.Testing;

namespace Xuanwu.Bench;

/// <summary>
/// One command that appends one event to an existing stream: state, decision, append with expected version, durable
/// commit. Against the raw limit of the same run: compare-and-set of the stream row and INSERT of the event, prepared,
/// in one transaction and one round trip, with as many connections as clients. Rounds of raw and ours alternate.
/// </summary>
internal static class Journal
{
    private static readonly (int Clients, double Goal, double GoalWithView)[] Goals =
        [(1, 1.0, 0.7), (8, 1.2, 0.8), (32, 2.0, 1.3), (128, 3.5, 2.0)];

    public static async Task RunAsync(bool quick)
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Durable = true });
        var (rounds, time) = quick ? (3, TimeSpan.FromSeconds(1)) : (7, TimeSpan.FromSeconds(3));
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            Commits/s, median (lowest–highest) of {rounds} rounds of {time.TotalSeconds:N0} s, raw and ours in turn; fsync on;
            client and PostgreSQL share the cores. The ratio is the median of the rounds' ratios. "Raw, 3 trips" is the raw
            transaction as it is usually written: UPDATE, look at the count, INSERT, COMMIT.

            CPU is that of client and server together, microseconds per commit: what other work on the machine does not distort.

            | clients | raw | raw, 3 trips | event only | p99 ms | ratio (goal) | with view and outbox | p99 ms | ratio (goal) | CPU raw / event / view |
            |---|---|---|---|---|---|---|---|---|---|
            """);
        foreach (var (clients, goal, goalWithView) in Goals)
        {
            await using var test = await server.CreateDatabaseAsync();
            var contenders = new Dictionary<string, Contender>
            {
                ["raw"] = await RawAsync(test, clients, oneTrip: true),
                ["raw3"] = await RawAsync(test, clients, oneTrip: false),
                ["event"] = await OursAsync(test, clients, withView: false),
                ["view"] = await OursAsync(test, clients, withView: true),
            };
            var rates = contenders.Keys.ToDictionary(name => name, _ => new List<double>());
            var slow = contenders.Keys.ToDictionary(name => name, _ => new List<double>());
            var cpu = contenders.Keys.ToDictionary(name => name, _ => new List<double>());
            foreach (var contender in contenders.Values) await MeasureAsync(contender, TimeSpan.FromSeconds(1)); // warm
            for (var round = 0; round < rounds; round++)
            {
                foreach (var (name, contender) in contenders)
                {
                    var before = Cpu(server);
                    var (rate, p99) = await MeasureAsync(contender, time);
                    cpu[name].Add((Cpu(server) - before).TotalMicroseconds / (rate * time.TotalSeconds));
                    rates[name].Add(rate);
                    slow[name].Add(p99);
                }
            }

            foreach (var contender in contenders.Values) await contender.Close();
            double Ratio(string name) => Results.Median(rates[name].Zip(rates["raw"], (ours, raw) => ours / raw));
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {clients} | {Results.Spread(rates["raw"])} | {Results.Spread(rates["raw3"])} | "
                + $"{Results.Spread(rates["event"])} | {Results.Median(slow["event"]):N1} | "
                + $"**{Ratio("event"):N2}** ({goal:N1}) | {Results.Spread(rates["view"])} | {Results.Median(slow["view"]):N1} | "
                + $"**{Ratio("view"):N2}** ({goalWithView:N1}) | {Results.Median(cpu["raw"]):N0} / "
                + $"{Results.Median(cpu["event"]):N0} / {Results.Median(cpu["view"]):N0} |");
            Console.Error.WriteLine(text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
        }

        Results.Write("journal", "./dev.sh bench journal" + (quick ? " --quick" : ""), text.ToString());
    }

    private static TimeSpan Cpu(PostgresServer server) =>
        server.CpuTime() + Process.GetCurrentProcess().TotalProcessorTime;

    /// <summary>What one client does once, and what is to be closed in the end.</summary>
    private sealed record Contender(int Clients, Func<int, Task> Once, Func<Task> Close);

    private static async Task<(double Rate, double P99)> MeasureAsync(Contender contender, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        var all = await Task.WhenAll(Enumerable.Range(0, contender.Clients).Select(client => Task.Run(async () =>
        {
            var times = new List<double>();
            while (clock.Elapsed < time)
            {
                var start = Stopwatch.GetTimestamp();
                await contender.Once(client);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return times;
        })));
        var elapsed = clock.Elapsed.TotalSeconds;
        var sorted = all.SelectMany(times => times).Order().ToList();
        return (sorted.Count / elapsed, sorted[(int)(sorted.Count * 0.99)]);
    }

    private static async Task<Contender> OursAsync(TestDatabase test, int clients, bool withView)
    {
        var database = test.Open(new DatabaseOptions { MaxConnections = 20 });
        var outbox = new BenchOutbox();
        await test.ExecuteAsync(BenchOutbox.Table);
        var aggregate = new Aggregate<TaskState, TaskEvent>("task", TaskState.Absent, TaskState.Evolve);
        var options = new EventStoreOptions { BatchTables = [outbox] };
        if (withView) options.Add(aggregate, new StreamView<TaskView, TaskEvent>("task", TaskView.Evolve));
        else options.Add(aggregate);
        var store = new EventStore.EventStore(database, new EventTypes().Register<TaskEvent>(), options);
        await store.StartAsync(CancellationToken.None);
        var who = new Who("ada", Command: "ProgressTask");
        var streams = new Guid[clients];
        for (var i = 0; i < clients; i++)
        {
            streams[i] = Guid.NewGuid();
            await store.CommitAsync(new Commit(who, DateTimeOffset.UtcNow).Append(aggregate, streams[i], 0, [BenchEvents.Open(i)]),
                CancellationToken.None);
        }

        return new Contender(clients, async client =>
        {
            var task = await store.LoadAsync(aggregate, streams[client], CancellationToken.None);
            var commit = new Commit(who, DateTimeOffset.UtcNow).Append(
                aggregate, streams[client], task.Version, [BenchEvents.Progress(task.State.Steps + 1)]);
            if (withView) commit.Enlist(outbox, streams[client]);
            if (await store.CommitAsync(commit, CancellationToken.None) is not Committed)
                throw new InvalidOperationException("Not committed.");
        }, async () => await store.DisposeAsync());
    }

    private static async Task<Contender> RawAsync(TestDatabase test, int clients, bool oneTrip)
    {
        var source = new NpgsqlDataSourceBuilder(
            new NpgsqlConnectionStringBuilder(test.ConnectionString) { MaxPoolSize = clients, NoResetOnClose = true }
                .ConnectionString).Build();
        var opened = await Task.WhenAll(Enumerable.Range(0, clients).Select(async i =>
        {
            var client = new RawClient(await source.OpenConnectionAsync(), Guid.NewGuid());
            await client.PrepareAsync(i);
            return client;
        }));
        return new Contender(clients, client => oneTrip ? opened[client].OneTripAsync() : opened[client].ThreeTripsAsync(),
            async () =>
            {
                foreach (var client in opened) client.Dispose();
                await source.DisposeAsync();
            });
    }

    /// <summary>The limit: what PostgreSQL does when nothing is asked of it beyond the two rows.</summary>
    private sealed class RawClient : IDisposable
    {
        private const string Update =
            "UPDATE xuanwu.mt_streams SET version = $2, timestamp = $4 WHERE id = $1 AND version = $3";

        private const string Insert = """
            INSERT INTO xuanwu.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, headers,
              user_name)
            VALUES (nextval('xuanwu.mt_events_sequence'), $1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;

        private readonly NpgsqlConnection _connection;
        private readonly Guid _stream;
        private readonly NpgsqlBatch _batch;
        private readonly NpgsqlCommand _update;
        private readonly NpgsqlCommand _insert;
        private long _version = 1;

        public RawClient(NpgsqlConnection connection, Guid stream)
        {
            (_connection, _stream) = (connection, stream);
            _batch = new NpgsqlBatch(connection)
            {
                BatchCommands = { new NpgsqlBatchCommand(Update), new NpgsqlBatchCommand(Insert) },
            };
            _update = new NpgsqlCommand(Update, connection);
            _insert = new NpgsqlCommand(Insert, connection);
        }

        public void Dispose()
        {
            _batch.Dispose();
            _update.Dispose();
            _insert.Dispose();
            _connection.Dispose();
        }

        public async Task PrepareAsync(int number)
        {
            await using var make = new NpgsqlCommand(
                "INSERT INTO xuanwu.mt_streams (id, type, version) VALUES ($1, $2, 1)", _connection);
            make.Parameters.AddWithValue(_stream);
            make.Parameters.AddWithValue($"raw{number}");
            await make.ExecuteNonQueryAsync();
            AddUpdate(_batch.BatchCommands[0].Parameters);
            AddInsert(_batch.BatchCommands[1].Parameters);
            AddUpdate(_update.Parameters);
            AddInsert(_insert.Parameters);
            await _batch.PrepareAsync();
            await _update.PrepareAsync();
            await _insert.PrepareAsync();
        }

        public async Task OneTripAsync()
        {
            SetUpdate(_batch.BatchCommands[0].Parameters);
            SetInsert(_batch.BatchCommands[1].Parameters);
            await _batch.ExecuteNonQueryAsync();
            if (_batch.BatchCommands[0].RecordsAffected != 1) throw new InvalidOperationException("Conflict.");
            _version++;
        }

        public async Task ThreeTripsAsync()
        {
            await using var transaction = await _connection.BeginTransactionAsync();
            SetUpdate(_update.Parameters);
            if (await _update.ExecuteNonQueryAsync() != 1) throw new InvalidOperationException("Conflict.");
            SetInsert(_insert.Parameters);
            await _insert.ExecuteNonQueryAsync();
            await transaction.CommitAsync();
            _version++;
        }

        private void AddUpdate(NpgsqlParameterCollection parameters)
        {
            parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _stream });
            parameters.Add(new NpgsqlParameter<long>());
            parameters.Add(new NpgsqlParameter<long>());
            parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = DateTime.UtcNow });
        }

        private void AddInsert(NpgsqlParameterCollection parameters)
        {
            parameters.Add(new NpgsqlParameter<Guid>());
            parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _stream });
            parameters.Add(new NpgsqlParameter<long>());
            parameters.Add(new NpgsqlParameter<byte[]> { NpgsqlDbType = NpgsqlDbType.Jsonb, TypedValue = [] });
            parameters.Add(new NpgsqlParameter<string> { TypedValue = "task_progressed" });
            parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = DateTime.UtcNow });
            parameters.Add(new NpgsqlParameter<string> { TypedValue = "Xuanwu.Bench.TaskProgressed, Xuanwu.Bench" });
            parameters.Add(new NpgsqlParameter<byte[]>
            {
                NpgsqlDbType = NpgsqlDbType.Jsonb,
                TypedValue = """{"command":"ProgressTask"}"""u8.ToArray(),
            });
            parameters.Add(new NpgsqlParameter<string> { TypedValue = "ada" });
        }

        private void SetUpdate(NpgsqlParameterCollection parameters)
        {
            ((NpgsqlParameter<long>)parameters[1]).TypedValue = _version + 1;
            ((NpgsqlParameter<long>)parameters[2]).TypedValue = _version;
            ((NpgsqlParameter<DateTime>)parameters[3]).TypedValue = DateTime.UtcNow;
        }

        private void SetInsert(NpgsqlParameterCollection parameters)
        {
            ((NpgsqlParameter<Guid>)parameters[0]).TypedValue = Guid.CreateVersion7();
            ((NpgsqlParameter<long>)parameters[2]).TypedValue = _version + 1;
            ((NpgsqlParameter<byte[]>)parameters[3]).TypedValue =
                System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(BenchEvents.Progress((int)_version));
            ((NpgsqlParameter<DateTime>)parameters[5]).TypedValue = DateTime.UtcNow;
        }
    }

    /// <summary>A row as the outbox of the message bus writes it.</summary>
    private sealed class BenchOutbox : BatchTable
    {
        public const string Table = """
            CREATE TABLE IF NOT EXISTS public.bench_outbox (
              seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid NOT NULL, queue text NOT NULL, key text NOT NULL,
              type text NOT NULL, body jsonb NOT NULL, due_at timestamptz NOT NULL DEFAULT now())
            """;

        public override string Name => "bench_outbox";

        public override int ParameterCount => 4;

        public override string? NotifyChannel => "bench_outbox";

        public override string Cte(string accepted, int firstParameter) => $"""
            INSERT INTO public.bench_outbox (id, queue, key, type, body)
            SELECT u.id, 'default', u.key, 'poll_task', u.body
            FROM unnest(${firstParameter}, ${firstParameter + 1}, ${firstParameter + 2}, ${firstParameter + 3})
              AS u(ord, id, key, body) JOIN {accepted} USING (ord) ORDER BY u.ord
            """;

        public override void Bind(NpgsqlParameterCollection parameters, IReadOnlyList<(int Ordinal, object Row)> rows)
        {
            parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. rows.Select(row => row.Ordinal)] });
            parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. rows.Select(_ => Guid.CreateVersion7())] });
            parameters.Add(
                new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(row => ((Guid)row.Row).ToString())] });
            parameters.Add(new NpgsqlParameter<byte[][]>
            {
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
                TypedValue = [.. rows.Select(row =>
                    System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { TaskId = (Guid)row.Row, Attempt = 1 }))],
            });
        }
    }
}
