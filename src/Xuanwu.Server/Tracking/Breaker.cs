namespace Xuanwu.Server.Tracking;

/// <summary>
/// Keeps a cluster that does not answer from holding up all workers: after several failures in a row calls are answered
/// "unknown"
/// at once, and one call at a time is let through to see whether it is back.
/// </summary>
public sealed class Breaker(TimeProvider clock)
{
    private const int FailuresThatOpen = 20;
    private static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private int _failures;
    private DateTimeOffset _openUntil;

    public bool IsOpen
    {
        get
        {
            lock (_lock) return _failures >= FailuresThatOpen;
        }
    }

    /// <summary>Whether a call may go out now.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (_failures < FailuresThatOpen) return true;
            var now = clock.GetUtcNow();
            if (now < _openUntil) return false;
            _openUntil = now + OpenFor;
            return true;
        }
    }

    public void Answered()
    {
        lock (_lock) _failures = 0;
    }

    public void Failed()
    {
        lock (_lock)
        {
            if (++_failures == FailuresThatOpen) _openUntil = clock.GetUtcNow() + OpenFor;
        }
    }
}
