using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Net;

namespace Xuanwu.Sandbox.Store;

/// <summary>
/// Keeps the objects in DIR/state.json: written as a whole beside the old file and renamed over it, soon after a change
/// and at the end. What a crash may lose is the last moment; what it can never leave is half a file.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle is not used owns nothing.")]
internal sealed class StateFile
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly ObjectStore _store;
    private readonly string _path;
    private readonly Lock _writing = new();
    private readonly SemaphoreSlim _changed = new(0, 1);

    public StateFile(ObjectStore store, string directory) =>
        (_store, _path) = (store, Path.Combine(directory, "state.json"));

    /// <summary>Reads what an earlier process kept; false when there is nothing.</summary>
    /// <exception cref="InvalidDataException">The file is not a state file.</exception>
    public bool Load()
    {
        if (!File.Exists(_path)) return false;
        try
        {
            var state = Json.Parse(File.ReadAllBytes(_path));
            var objects = state.Items("objects").ToArray().Select(o => (
                Kind: Kinds.All.FirstOrDefault(it =>
                    it.Name == o.Text("kind") && it.ApiVersion == o.Text("apiVersion")),
                Object: o,
                Revision: long.Parse(o.Metadata().Text("resourceVersion")!, CultureInfo.InvariantCulture)));
            _store.Restore(
                objects.Where(it => it.Kind is not null).Select(it => (it.Kind!, it.Object, it.Revision)),
                state.Number("revision") ?? throw new InvalidDataException("no revision"));
            return true;
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            throw new InvalidDataException($"{_path} is not the state of a sandbox; move it away to start afresh.", e);
        }
    }

    public void Start(CancellationToken stop)
    {
        _store.Observe(_ =>
        {
            if (_changed.CurrentCount == 0) _changed.Release();
        });
        _ = RunAsync(stop);
    }

    public void Save()
    {
        lock (_writing)
        {
            var snapshots = Kinds.All.Where(it => it != Kinds.Event).Select(_store.Snapshot).ToArray();
            var objects = snapshots.SelectMany(it => it.Items.Values);
            PrivateFile.Write(_path, file =>
            {
                file.Write(Encoding.ASCII.GetBytes($"{{\"revision\":{snapshots[^1].Revision},\"objects\":["));
                var first = true;
                foreach (var o in objects)
                {
                    if (!first) file.Write(",\n"u8);
                    first = false;
                    file.Write(o.Json.Span);
                }

                file.Write("]}"u8);
            });
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var pause = Pause;
        try
        {
            while (true)
            {
                await _changed.WaitAsync(stop);
                await Task.Delay(pause, stop);
                var started = Stopwatch.GetTimestamp();
                Save();

                // A large state is saved less often: a tenth of the time at most.
                var took = Stopwatch.GetElapsedTime(started) * 10;
                pause = took > Pause ? took : Pause;
            }
        }
        catch (OperationCanceledException)
        {
            // the end saves once more
        }
    }
}
