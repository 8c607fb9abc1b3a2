using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Xuanwu.Postgres;

/// <summary>
/// NOTIFY only wakes; the tables are the truth, and a poll stands behind every wait. One LISTEN connection per process
/// serves all channels. It is made again with backoff when it breaks, and since notifications may have been lost
/// meanwhile, every listener is woken after each (re)connect.
/// </summary>
public sealed class Wakeups : IAsyncDisposable
{
    private readonly string _connectionString;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private ImmutableDictionary<string, ImmutableArray<Listener>> _listeners =
        ImmutableDictionary.Create<string, ImmutableArray<Listener>>(StringComparer.Ordinal);
    private CancellationTokenSource _channelAdded = new();
    private Task? _running;
    private volatile bool _connected;

    internal Wakeups(string connectionString, ILogger logger)
    {
        _connectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            MaxAutoPrepare = 0,
            KeepAlive = 10, // finds out that the server has silently gone
            ApplicationName = "xuanwu listen",
        }.ConnectionString;
        _logger = logger;
    }

    /// <summary>
    /// True while notifications of other nodes arrive; false means that only polls drive this process.
    /// </summary>
    public bool Connected => _connected;

    /// <summary>Starts to listen. Dispose the listener to stop.</summary>
    /// <param name="channel">Name of the channel as <c>pg_notify</c> has it.</param>
    /// <param name="notified">Called with each payload (with "" after a reconnect) before the listener is woken; must
    /// be quick and must not throw.</param>
    public Listener Listen(string channel, Action<string>? notified = null)
    {
        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
        var listener = new Listener(this, channel, notified);
        lock (_lock)
        {
            var there = _listeners.GetValueOrDefault(channel, []);
            _listeners = _listeners.SetItem(channel, there.Add(listener));
            if (there.IsEmpty) _channelAdded.Cancel();
            _running ??= Task.Run(RunAsync);
        }

        return listener;
    }

    /// <summary>Wakes the listeners of this process, without the database: after a commit of our own.</summary>
    public void Wake(string channel, string payload = "")
    {
        if (!_listeners.TryGetValue(channel, out var listeners)) return;
        foreach (var listener in listeners) listener.Wake(payload);
    }

    internal void Remove(Listener listener)
    {
        lock (_lock)
        {
            if (_listeners.TryGetValue(listener.Channel, out var there))
                _listeners = _listeners.SetItem(listener.Channel, there.Remove(listener));
        }
    }

    private async Task RunAsync()
    {
        var delay = TimeSpan.FromMilliseconds(50);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await ListenUntilBrokenAsync(() => delay = TimeSpan.FromMilliseconds(50));
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception broken)
            {
                _connected = false;
                _logger.LogWarning("Listening for notifications broke off ({Reason}); again in {Delay}", broken.Message,
                    delay);
                await Task.Delay(delay * (0.5 + Random.Shared.NextDouble()), _stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, TimeSpan.FromSeconds(5).Ticks));
            }
        }
    }

    private async Task ListenUntilBrokenAsync(Action connected)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        connection.Notification += (_, notification) => Wake(notification.Channel, notification.Payload);
        await connection.OpenAsync(_stopping.Token);
        connected();
        var listening = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            CancellationToken added;
            lock (_lock)
            {
                if (_channelAdded.IsCancellationRequested) _channelAdded = new CancellationTokenSource();
                added = _channelAdded.Token;
            }

            foreach (var channel in _listeners.Keys.Where(listening.Add))
            {
                await using var listen = new NpgsqlCommand($"LISTEN \"{channel.Replace("\"", "\"\"")}\"", connection);
                await listen.ExecuteNonQueryAsync(_stopping.Token);
                Wake(channel); // what was committed before LISTEN took effect has notified nobody
            }

            _connected = true;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, added);
            try
            {
                await connection.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
            {
                // a channel has come
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_running is not null) await _running;
    }
}

/// <summary>One part of the process that waits on a channel. Wakes while it was busy are remembered as one.</summary>
public sealed class Listener : IDisposable
{
    private readonly Wakeups _owner;
    private readonly Action<string>? _notified;
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Lock _lock = new();

    internal Listener(Wakeups owner, string channel, Action<string>? notified)
    {
        _owner = owner;
        Channel = channel;
        _notified = notified;
    }

    public string Channel { get; }

    /// <summary>Waits for a wake that came since the last wait ended. True: woken; false: the time is over.</summary>
    public Task<bool> WaitAsync(TimeSpan atMost, CancellationToken ct) => _signal.WaitAsync(atMost, ct);

    internal void Wake(string payload)
    {
        _notified?.Invoke(payload);
        lock (_lock)
        {
            if (_signal.CurrentCount == 0) _signal.Release();
        }
    }

    public void Dispose() => _owner.Remove(this);
}
