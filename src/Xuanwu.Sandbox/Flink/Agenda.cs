namespace Xuanwu.Sandbox.Flink;

/// <summary>
/// What is to happen at a later time, for all clusters of a sandbox: one timer, so that a thousand idle jobs cost
/// nothing. Actions run one after another and must be short.
/// </summary>
internal sealed class Agenda : IDisposable
{
    private readonly Lock gate = new();
    private readonly PriorityQueue<Action, (long At, long Order)> due = new();
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private long order;
    private bool running;

    public Agenda(TimeProvider time)
    {
        this.time = time;
        timer = time.CreateTimer(_ => RunDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Milliseconds since 1970, as Flink counts time.</summary>
    public long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public void In(TimeSpan delay, Action action)
    {
        lock (gate)
        {
            due.Enqueue(action, (Now + Math.Max(0, (long)Math.Ceiling(delay.TotalMilliseconds)), order++));
            if (!running) Wind();
        }
    }

    public void Dispose() => timer.Dispose();

    private void RunDue()
    {
        lock (gate)
        {
            if (running) return;
            running = true;
        }

        while (true)
        {
            Action action;
            lock (gate)
            {
                if (!due.TryPeek(out action!, out var when) || when.At > Now)
                {
                    running = false;
                    Wind();
                    return;
                }

                due.Dequeue();
            }

            try
            {
                action();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // One cluster's trouble; those of all others go on.
                Console.Error.WriteLine($"sandbox: what was due in a Flink cluster failed: {e}");
            }
        }
    }

    private void Wind()
    {
        if (!due.TryPeek(out _, out var next)) return;
        timer.Change(TimeSpan.FromMilliseconds(Math.Max(0, next.At - Now)), Timeout.InfiniteTimeSpan);
    }
}
