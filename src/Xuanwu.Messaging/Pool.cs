using System.Diagnostics;

namespace Xuanwu.Messaging;

/// <summary>The workers of one queue on this node. Its counts are guarded by the pump's lock.</summary>
internal sealed class Pool(string queue, int parallelism)
{
    /// <summary>A message that was claimed ahead and waits longer than this is given back.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    private const int MostAhead = 8;

    // Assumed slow until it is known: nothing is claimed ahead on the first messages.
    private TimeSpan _handling = TimeSpan.FromSeconds(1);
    private long _start = long.MinValue;
    private bool _whole; // the walk so far, perhaps in several parts, has left out nothing

    public string Queue { get; } = queue;
    public int Parallelism { get; } = parallelism;
    public int Running { get; set; }

    /// <summary>Claimed ahead; a worker takes the next from here.</summary>
    public Queue<Waiting> Waiting { get; } = new();

    /// <summary>How many the present round asks for.</summary>
    public int Asked { get; set; }

    /// <summary>The lane from which the next walk goes on.</summary>
    public long Start => _start;

    /// <summary>How many it could use, given how long the answer takes: enough that its workers have something to do
    /// until the round after.</summary>
    public int Wanted(TimeSpan roundTrip)
    {
        var ahead = Math.Clamp(roundTrip / _handling, 1, MostAhead);
        return (int)(Parallelism * ahead) - Running - Waiting.Count;
    }

    /// <summary>A handler took this long.</summary>
    public void Took(TimeSpan time) => _handling += (Max(time, TimeSpan.FromMicroseconds(1)) - _handling) / 16;

    /// <summary>Something may have become ready anywhere, also where a walk in several parts has passed
    /// already.</summary>
    public void News() => _whole = false;

    /// <summary>Decides where the next walk begins.</summary>
    /// <param name="walk">The last one; null: the queue had nothing ready from its start on.</param>
    /// <param name="filled">It found as many as were asked for; there may be more.</param>
    /// <returns>True: there are keys that were not looked at; go on at once.</returns>
    public bool GoOn(Walk? walk, out bool filled)
    {
        _whole |= _start == long.MinValue;
        filled = walk?.Found >= Asked;
        if (walk is not null && (filled || walk.Steps >= Round.MostSteps))
        {
            _start = walk.Lane == long.MaxValue ? long.MinValue : walk.Lane + 1;
            _whole &= !filled;
            return !filled;
        }

        _start = long.MinValue;
        return !_whole; // what lies before where the walk began
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}

internal sealed record Waiting(Claimed Message, long Since, CancellationToken GiveBack);

/// <summary>Moments of the monotonic clock.</summary>
internal static class Clock
{
    public static long After(TimeSpan delay) => After(delay, Stopwatch.GetTimestamp());

    /// <summary><see cref="long.MinValue"/> is "long ago" and stays so.</summary>
    public static long After(TimeSpan delay, long from) =>
        from == long.MinValue ? from : from + (long)(delay.TotalSeconds * Stopwatch.Frequency);

    /// <summary>At least a millisecond, and without end for <see cref="long.MaxValue"/>.</summary>
    public static TimeSpan Until(long at, long now)
    {
        if (at == long.MaxValue) return Timeout.InfiniteTimeSpan;
        var left = at <= now ? TimeSpan.Zero : Stopwatch.GetElapsedTime(now, at);
        return left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1)
            : left > TimeSpan.FromHours(1) ? TimeSpan.FromHours(1) : left;
    }
}
