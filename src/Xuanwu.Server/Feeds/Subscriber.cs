using System.Threading.Channels;
using Xuanwu.EventStore;
using Xuanwu.GraphQL;
using Xuanwu.Server.History;

namespace Xuanwu.Server.Feeds;

/// <summary>One subscription's place at the feed, with a bounded number of things that wait for it.</summary>
public abstract class Subscriber
{
    internal TaskCompletionSource<long> Joined { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The run whose changes it wants.</summary>
    public virtual Guid? WantsRun => null;

    /// <summary>Whether it wants to know of jobs that changed.</summary>
    public virtual bool WantsJobs => false;

    /// <summary>Takes what it wants of a round. Never waits; false: it had no room, and has been told so.</summary>
    public abstract bool Offer(JournalRound round);

    /// <summary>Nothing more comes, for this reason.</summary>
    public abstract void End(Exception reason);

    protected static GraphQLException TooSlow(int buffer) => new(
        $"More than {buffer} changes waited to be read: subscribe again with the last sequence that you saw.",
        ErrorCodes.SlowConsumer);
}

/// <summary>Gets events one by one, in order.</summary>
public sealed class EventSubscriber(JournalFilter filter, int buffer) : Subscriber
{
    private readonly Channel<JournalEvent> _waiting = Channel.CreateBounded<JournalEvent>(
        new BoundedChannelOptions(buffer) { SingleReader = true, SingleWriter = true });

    public ChannelReader<JournalEvent> Events => _waiting.Reader;

    public override bool Offer(JournalRound round)
    {
        foreach (var happened in round.Events)
        {
            if (!filter.Takes(happened) || _waiting.Writer.TryWrite(happened)) continue;
            End(TooSlow(buffer));
            return false;
        }

        return true;
    }

    public override void End(Exception reason) => _waiting.Writer.TryComplete(reason);
}

/// <summary>
/// Gets things as they are after they changed. What changes again before it was read is read once, as it is then: so a
/// subscriber of one run is never too slow.
/// </summary>
public sealed class ChangeSubscriber<TView>(
    Func<JournalRound, IReadOnlyList<TView>> changed, Func<TView, Guid?> idOf, int buffer, Guid? run = null)
    : Subscriber
    where TView : class, IPlaced
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<Guid, TView> _waiting = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public override Guid? WantsRun => run;

    public override bool WantsJobs => run is null;

    public override bool Offer(JournalRound round)
    {
        var any = false;
        foreach (var view in changed(round))
        {
            if (idOf(view) is not { } id) continue;
            lock (_lock)
            {
                if (_waiting.Count == buffer && !_waiting.ContainsKey(id))
                {
                    End(TooSlow(buffer));
                    return false;
                }

                _waiting.Remove(id);
                _waiting.Add(id, view);
                any = true;
            }
        }

        if (any) _wake.Writer.TryWrite(true);
        return true;
    }

    public override void End(Exception reason) => _wake.Writer.TryComplete(reason);

    /// <summary>
    /// What changes from now on, in the order of the latest changes: whoever has read up to a sequence has missed
    /// nothing that changed last before it.
    /// </summary>
    public async IAsyncEnumerable<TView> ChangesAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var _ in _wake.Reader.ReadAllAsync(ct))
        {
            while (Next() is { } view) yield return view;
        }
    }

    private TView? Next()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0) return null;
            var (_, view) = _waiting.GetAt(0);
            _waiting.RemoveAt(0);
            return view;
        }
    }
}
