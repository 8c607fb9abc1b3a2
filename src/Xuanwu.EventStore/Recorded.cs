namespace Xuanwu.EventStore;

/// <summary>Who caused a commit, kept with each of its events.</summary>
/// <param name="User">The user, or the part of the system, that asked for it (<c>user_name</c>).</param>
/// <param name="CommandId">The caller's id of the command (header <c>commandId</c>).</param>
/// <param name="Command">Name of the command (header <c>command</c>).</param>
/// <param name="CorrelationId">One id for everything that follows from one cause outside
/// (<c>correlation_id</c>).</param>
/// <param name="CausationId">The message or event that this follows from (<c>causation_id</c>).</param>
public sealed record Who(
    string User, string? CommandId = null, string? Command = null, Guid? CorrelationId = null,
    string? CausationId = null);

/// <summary>An event with its envelope.</summary>
/// <param name="StreamId">The stream it belongs to.</param>
/// <param name="Version">Its number in the stream, from 1.</param>
/// <param name="Sequence">Its number in the journal; 0 inside inline views, since only the commit assigns it.</param>
/// <param name="Id">Its own id.</param>
/// <param name="At">When, by the clock of the server that decided it.</param>
/// <param name="By">The user who asked for it.</param>
/// <param name="Command">The command that led to it.</param>
/// <param name="CommandId">The caller's id of that command.</param>
/// <param name="CorrelationId">See <see cref="Who.CorrelationId"/>.</param>
/// <param name="CausedBy">See <see cref="Who.CausationId"/>.</param>
/// <param name="Event">The fact itself.</param>
public sealed record Recorded<TEvent>(
    Guid StreamId,
    long Version,
    long Sequence,
    Guid Id,
    DateTimeOffset At,
    string By,
    string? Command,
    string? CommandId,
    string? CorrelationId,
    string? CausedBy,
    TEvent Event);

/// <summary>The state of a stream at a version; version 0: there is no such stream.</summary>
public readonly record struct Snapshot<TState>(TState State, long Version);
