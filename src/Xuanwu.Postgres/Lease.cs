using Npgsql;

namespace Xuanwu.Postgres;

/// <summary>
/// A named right that one holder has at a time: a row of <c>xuanwu.leases</c> with an expiry by the database's clock.
/// No session lock and no open transaction stand behind it, so a holder that died, or whose connection hangs, is
/// succeeded as soon as its time is over. <see cref="Epoch"/> grows with each holder and fences off the late writes of
/// one that was paused: put it, or a row that a successor changes, into the condition of every write.
/// </summary>
public sealed class Lease
{
    private readonly Database _database;
    private long _validUntil; // Environment.TickCount64, counted from before the statement was sent

    private Lease(Database database, string name, TimeSpan ttl, long epoch, long asked)
    {
        (_database, Name, Ttl, Epoch) = (database, name, ttl, epoch);
        _validUntil = asked + (long)ttl.TotalMilliseconds;
    }

    public string Name { get; }

    public TimeSpan Ttl { get; }

    /// <summary>Number of this holding; greater than all before it.</summary>
    public long Epoch { get; }

    /// <summary>False once the time is over as far as this process can know. Errs on the side of false.</summary>
    public bool IsHeld => Environment.TickCount64 < Volatile.Read(ref _validUntil);

    /// <summary>
    /// Takes the lease if it is free or its time is over; null when somebody has it, also this process.
    /// </summary>
    public static async Task<Lease?> TryTakeAsync(Database database, string name, TimeSpan ttl, CancellationToken ct)
    {
        var asked = Environment.TickCount64;
        await using var command = database.Source.CreateCommand("""
            INSERT INTO xuanwu.leases AS held (name, holder, epoch, expires_at)
            VALUES ($1, $2, 1, clock_timestamp() + $3)
            ON CONFLICT (name) DO UPDATE
                SET holder = excluded.holder, epoch = held.epoch + 1, expires_at = excluded.expires_at
                WHERE held.expires_at <= clock_timestamp()
            RETURNING epoch
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = database.Node });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = ttl });
        return await command.ExecuteScalarAsync(ct) is long epoch ? new Lease(database, name, ttl, epoch, asked) : null;
    }

    /// <summary>Prolongs the lease by its ttl from now. False: another has taken it, or it was released.</summary>
    public async Task<bool> RenewAsync(CancellationToken ct)
    {
        var asked = Environment.TickCount64;
        // One that is over but that nobody took is prolonged all the same: the epoch proves that nobody was in between.
        await using var command = Command("""
            UPDATE xuanwu.leases SET expires_at = clock_timestamp() + $3
            WHERE name = $1 AND epoch = $2 AND expires_at > '-infinity'
            """);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Ttl });
        var held = await command.ExecuteNonQueryAsync(ct) == 1;
        Volatile.Write(ref _validUntil, held ? asked + (long)Ttl.TotalMilliseconds : 0);
        return held;
    }

    /// <summary>
    /// Gives the lease up, so that another need not wait for its end. Harmless when it is lost already.
    /// </summary>
    public async Task ReleaseAsync(CancellationToken ct = default)
    {
        Volatile.Write(ref _validUntil, 0);
        await using var command = Command(
            "UPDATE xuanwu.leases SET expires_at = '-infinity' WHERE name = $1 AND epoch = $2");
        await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand Command(string sql)
    {
        var command = _database.Source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Name });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Epoch });
        return command;
    }
}
