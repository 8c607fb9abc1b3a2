using System.Threading.Channels;

namespace Xuanwu.Sandbox.Controllers;

/// <summary>
/// Keys to look at, each waiting at most once, worked on one after the other. Work is level-triggered: a key says where
/// to look, never what happened, so it may be lost in the crowd of its likes without harm.
/// </summary>
internal sealed class WorkQueue<T>(Action<T> work, Action<T, Exception> failed, CancellationToken stop)
    where T : notnull
{
    private readonly Channel<T> _keys = Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<T> _waiting = [];

    public void Enqueue(T key)
    {
        lock (_waiting)
        {
            if (!_waiting.Add(key)) return;
        }

        _keys.Writer.TryWrite(key);
    }

    public void EnqueueAfter(T key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero) Enqueue(key);
        else _ = LaterAsync(key, delay);
    }

    public void Start() => _ = Task.Run(RunAsync, CancellationToken.None);

    private async Task LaterAsync(T key, TimeSpan delay)
    {
        await Task.Delay(delay, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!stop.IsCancellationRequested) Enqueue(key);
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var key in _keys.Reader.ReadAllAsync(stop))
            {
                lock (_waiting) _waiting.Remove(key);
                try
                {
                    work(key);
                }
                catch (Exception e)
                {
                    failed(key, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the cluster stops
        }
    }
}
