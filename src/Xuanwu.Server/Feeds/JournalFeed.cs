using System.Net.Sockets;
using Npgsql;
using Xuanwu.Postgres;
using Xuanwu.Server.History;
using Xuanwu.Server.Jobs;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Feeds;

/// <summary>Sizes and times of the feed.</summary>
public sealed record FeedOptions
{
    /// <summary>So many events, or changed things, wait for one subscriber before it is sent away.</summary>
    public int Buffer { get; init; } = 1_000;

    /// <summary>Most events read at a time.</summary>
    public int Page { get; init; } = 500;

    /// <summary>How often the journal is looked at although nothing told of an append.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>
/// Follows the journal once for all subscribers of this server.
///
/// The journal is in PostgreSQL, and its order is the order of commits: whoever has read up to a sequence number has
/// missed nothing before it, whichever server appended. So each server follows it by itself, woken by NOTIFY and by a
/// poll behind that, and hands what it reads to its subscribers. Each round reads once and loads each changed view
/// once, however many subscribers there are. While there is no subscriber, nothing is read.
///
/// <code>
///   no subscriber ──joins──► at the head ──► read a page ──► load changed views ──► offer ──► wait for a wake
///        ▲                                        ▲                                               │
///        └──────────────last one leaves───────────┴───────────────────────────────────────────────┘
/// </code>
///
/// A subscriber joins between two rounds and learns the place from which on it is offered everything; what it wants
/// from before that place it reads by itself. Offering never waits: a subscriber has room or is sent away.
/// </summary>
public sealed class JournalFeed : IAsyncDisposable
{
    private readonly Database _database;
    private readonly JournalReader _journal;
    private readonly ILogger<JournalFeed> _log;
    private readonly Lock _lock = new();
    private readonly List<Subscriber> _joining = [];
    private readonly HashSet<Subscriber> _members = [];
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private Task? _running;

    public JournalFeed(Database database, JournalReader journal, ServerOptions options, ILogger<JournalFeed> log)
    {
        (_database, _journal, _log) = (database, journal, log);
        Options = options.Feed;
    }

    public FeedOptions Options { get; }

    /// <summary>Subscribers of this server at the moment.</summary>
    public int Subscribers
    {
        get
        {
            lock (_lock) return _members.Count + _joining.Count;
        }
    }

    /// <summary>The subscriber is offered everything after the place that this gives.</summary>
    public Task<long> JoinAsync(Subscriber subscriber, CancellationToken ct)
    {
        lock (_lock)
        {
            _joining.Add(subscriber);
            _running ??= Task.Run(RunAsync, CancellationToken.None);
        }

        Wake();
        return subscriber.Joined.Task.WaitAsync(ct);
    }

    public void Leave(Subscriber subscriber)
    {
        lock (_lock)
        {
            _joining.Remove(subscriber);
            _members.Remove(subscriber);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_running is not null) await _running;
        _stopping.Dispose();
        _wake.Dispose();
    }

    private void Wake()
    {
        lock (_wake)
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
    }

    private async Task RunAsync()
    {
        using var appended = _database.Wakeups.Listen("mt_events_appended", _ => Wake());
        var ct = _stopping.Token;
        long? place = null;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (Subscribers == 0)
                {
                    place = null;
                    await _wake.WaitAsync(ct);
                    continue;
                }

                var at = place ??= await _journal.HeadAsync(ct);
                var members = Admit(at);
                var events = await _journal.PageAsync(at, Options.Page, JournalFilter.All, ct);
                if (events.Count > 0)
                {
                    await OfferAsync(members, events, ct);
                    place = events[^1].Sequence;
                }

                if (events.Count < Options.Page) await _wake.WaitAsync(Options.Poll, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception broken) when (broken is NpgsqlException or TimeoutException or IOException or SocketException)
            {
                _log.LogWarning("The journal cannot be followed at the moment: {Reason}", broken.Message);
                await Task.Delay(Options.Poll, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception wrong)
            {
                // What cannot be read will not be readable in a second either: nobody waits for it in silence.
                _log.LogError(wrong, "The journal cannot be followed");
                SendAway(wrong);
                place = null;
            }
        }
    }

    private Subscriber[] Admit(long place)
    {
        lock (_lock)
        {
            foreach (var subscriber in _joining)
            {
                _members.Add(subscriber);
                subscriber.Joined.TrySetResult(place);
            }

            _joining.Clear();
            return [.. _members];
        }
    }

    private async Task OfferAsync(Subscriber[] members, List<JournalEvent> events, CancellationToken ct)
    {
        var streams = events.Select(it => it.StreamId).ToHashSet();
        var runs = new HashSet<Guid>();
        var wantsJobs = false;
        foreach (var member in members)
        {
            wantsJobs |= member.WantsJobs;
            if (member.WantsRun is { } run && streams.Contains(run)) runs.Add(run);
        }

        var round = new JournalRound(
            events,
            runs.Count == 0 ? [] : await _journal.ViewsAsync<RunView>(runs, ct),
            wantsJobs ? await _journal.ViewsAsync<JobView>(streams, ct) : []);
        // A job may have changed again behind this page. It is told as of the page's end: otherwise a client that goes
        // on after its sequence would miss other jobs that changed in between.
        foreach (var job in round.Jobs)
        {
            job.Place = job.Place with { Sequence = Math.Min(job.Place.Sequence ?? 0, events[^1].Sequence) };
        }

        foreach (var member in members)
        {
            if (!member.Offer(round)) Leave(member);
        }
    }

    private void SendAway(Exception reason)
    {
        Subscriber[] all;
        lock (_lock)
        {
            all = [.. _joining, .. _members];
            _joining.Clear();
            _members.Clear();
        }

        foreach (var subscriber in all)
        {
            subscriber.Joined.TrySetException(reason);
            subscriber.End(reason);
        }
    }
}

/// <summary>What one look at the journal found: events, and what they changed, as it is now.</summary>
public sealed record JournalRound(
    IReadOnlyList<JournalEvent> Events, IReadOnlyList<RunView> Runs, IReadOnlyList<JobView> Jobs);
