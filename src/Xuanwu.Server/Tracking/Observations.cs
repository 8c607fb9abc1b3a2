using System.Collections.Concurrent;

namespace Xuanwu.Server.Tracking;

/// <summary>How a run was last seen by this server.</summary>
/// <param name="ObservedAt">When something was last known for certain; null when nothing was yet.</param>
/// <param name="UnreachableSince">When the answers stopped; null while there are answers.</param>
/// <param name="Reason">Why nothing is known at the moment.</param>
/// <param name="Absences">How often in a row the thing looked for was certainly not there.</param>
/// <param name="AbsentSince">When the first of these was.</param>
public sealed record Observation(
    DateTimeOffset? ObservedAt,
    DateTimeOffset? UnreachableSince,
    string? Reason,
    int Absences,
    DateTimeOffset? AbsentSince);

/// <summary>
/// What polls saw beside events: that a run answered, or since when it does not. "Unknown" is kept here and shown, and
/// changes no
/// state. Kept in memory and written to xuanwu.observations once a second for the readers on other servers.
/// </summary>
public sealed class Observations(TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, Observation> _seen = new();
    private readonly ConcurrentDictionary<Guid, byte> _changed = new();

    /// <summary>Notes an answer (unknown is null), or why there was none.</summary>
    public Observation Note(Guid runId, string? unknown) => Change(runId, seen => unknown is null
        ? new(Now(), UnreachableSince: null, Reason: null, Absences: 0, AbsentSince: null)
        : seen with { UnreachableSince = seen.UnreachableSince ?? Now(), Reason = unknown });

    /// <summary>Notes that the thing looked for was certainly not there.</summary>
    public Observation NoteAbsence(Guid runId) => Change(runId, seen => seen with
    {
        ObservedAt = Now(),
        UnreachableSince = null,
        Reason = null,
        Absences = seen.Absences + 1,
        AbsentSince = seen.AbsentSince ?? Now(),
    });

    public Observation? Find(Guid runId) => _seen.GetValueOrDefault(runId);

    public void Forget(Guid runId) => _seen.TryRemove(runId, out _);

    /// <summary>The runs whose observation changed since the last call.</summary>
    public IReadOnlyList<(Guid RunId, Observation Seen)> TakeChanged()
    {
        var changed = new List<(Guid, Observation)>();
        foreach (var runId in _changed.Keys)
        {
            _changed.TryRemove(runId, out _);
            if (_seen.TryGetValue(runId, out var seen)) changed.Add((runId, seen));
        }

        return changed;
    }

    // To the microsecond, as PostgreSQL keeps it: what is shown from memory is what is shown from the table.
    private DateTimeOffset Now()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private Observation Change(Guid runId, Func<Observation, Observation> change)
    {
        var after = _seen.AddOrUpdate(
            runId,
            _ => change(new(ObservedAt: null, UnreachableSince: null, Reason: null, Absences: 0, AbsentSince: null)),
            (_, seen) => change(seen));
        _changed[runId] = 0;
        return after;
    }
}
