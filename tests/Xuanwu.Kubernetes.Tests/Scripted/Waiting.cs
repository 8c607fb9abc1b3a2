namespace Xuanwu.Kubernetes.Tests;

/// <summary>How long tests wait for what must come.</summary>
public static class Waiting
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>A token that ends the test rather than let it hang.</summary>
    public static CancellationToken Token => new CancellationTokenSource(Limit).Token;
}

/// <summary>The system's clock, which a test may push forward; timers run in real time.</summary>
public sealed class PushedClock : TimeProvider
{
    private long _pushed;

    public void Push(TimeSpan by) => Interlocked.Add(ref _pushed, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _pushed));

    public override long GetTimestamp() =>
        base.GetTimestamp()
        + (long)(Interlocked.Read(ref _pushed) * (double)TimestampFrequency / TimeSpan.TicksPerSecond);
}

/// <summary>A folder of one test, gone after it.</summary>
public sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("xuanwu-kubernetes-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A shell script that can be run.</summary>
    public string WriteScript(string name, string text)
    {
        var path = Write(name, "#!/bin/sh\n" + text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Takes the events of a watch one by one.</summary>
public sealed class WatchReader(IAsyncEnumerable<WatchEvent> watch) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<WatchEvent> _events = watch.GetAsyncEnumerator();

    /// <summary>The next event, which must be of this kind.</summary>
    public async Task<T> NextAsync<T>()
        where T : WatchEvent
    {
        Assert.True(await _events.MoveNextAsync());
        return Assert.IsType<T>(_events.Current);
    }

    /// <summary>The next event of this kind, whatever comes before it.</summary>
    public async Task<T> UntilAsync<T>()
        where T : WatchEvent
    {
        while (await _events.MoveNextAsync())
        {
            if (_events.Current is T found) return found;
        }

        throw new InvalidOperationException("The watch ended.");
    }

    public ValueTask DisposeAsync() => _events.DisposeAsync();
}
