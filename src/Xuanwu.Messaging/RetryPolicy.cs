namespace Xuanwu.Messaging;

/// <summary>When a failed message is tried again: exponential backoff with jitter.</summary>
/// <param name="MaxAttempts">After so many failed attempts the message is dead-lettered; null: never.</param>
/// <param name="First">Wait after the first failure. Each further failure doubles it.</param>
/// <param name="Longest">The wait never exceeds this.</param>
public sealed record RetryPolicy(int? MaxAttempts, TimeSpan First, TimeSpan Longest)
{
    /// <summary>Eight attempts over about two minutes.</summary>
    public static readonly RetryPolicy Default = new(8, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

    /// <summary>For effects that must happen in the end, however long the world is away.</summary>
    public static readonly RetryPolicy Unlimited = new(null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

    /// <summary>A random time in the upper half of the backoff: spread, so that what failed together does not come back
    /// together, and never so short that it hammers.</summary>
    /// <param name="failures">How often it has failed, at least 1.</param>
    /// <param name="random">In [0, 1).</param>
    public TimeSpan Wait(int failures, double random)
    {
        var doublings = Math.Min(failures - 1, 40);
        var backoff = Math.Min(First.Ticks * Math.Pow(2, doublings), Longest.Ticks);
        return TimeSpan.FromTicks((long)(backoff * (0.5 + random / 2)));
    }

    internal bool IsLast(int failures) => failures >= MaxAttempts;
}

/// <summary>What to do about an exception of a handler.</summary>
public abstract record Failure
{
    private Failure()
    {
    }

    /// <summary>Try again as the type's <see cref="RetryPolicy"/> says.</summary>
    public sealed record Retry : Failure;

    /// <summary>Try again after exactly this time, for instance a Retry-After; counts as an attempt.</summary>
    public sealed record RetryAfter(TimeSpan Delay) : Failure;

    /// <summary>No attempt will ever succeed: dead-letter it at once.</summary>
    public sealed record Permanent : Failure;
}
