using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Flink;

/// <summary>
/// Keeps what stands for the object store (job graphs, snapshots) in DIR/flink.jsonl, so that a restarted sandbox finds
/// what its HA ConfigMaps and its users point to. One line a change, written at once; the file is made anew when most
/// of it is past.
/// </summary>
internal sealed class KeptLog : IDisposable
{
    private const int Slack = 10_000;

    private readonly Lock gate = new();
    private readonly string path;
    private readonly Dictionary<(string Kind, string Key), JsonNode> live = [];
    private StreamWriter writer;
    private int lines;
    private bool closed;

    public KeptLog(string directory)
    {
        Directory.CreateDirectory(directory);
        path = Path.Combine(directory, "flink.jsonl");
        if (File.Exists(path))
        {
            foreach (var line in File.ReadLines(path))
            {
                if (Read(line) is { } change) Apply(change);
            }
        }

        Compact();
    }

    /// <summary>What was kept of a kind, by key.</summary>
    public IEnumerable<(string Key, JsonNode Value)> Of(string kind)
    {
        lock (gate) return [.. live.Where(pair => pair.Key.Kind == kind).Select(pair => (pair.Key.Key, pair.Value))];
    }

    /// <summary>Keeps a value under a key, or with null forgets it.</summary>
    public void Put(string kind, string key, JsonNode? value)
    {
        lock (gate)
        {
            var change = new JsonObject { ["kind"] = kind, ["key"] = key, ["value"] = value?.DeepClone() };
            Apply(change);
            if (closed) return; // a process that ends after its sandbox
            writer.WriteLine(change.ToJsonString());
            writer.Flush();
            lines++;
            if (lines <= (4 * live.Count) + Slack) return;
            writer.Dispose();
            Compact();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            writer.Dispose();
        }
    }

    private void Apply(JsonObject change)
    {
        var key = ((string)change["kind"]!, (string)change["key"]!);
        if (change["value"] is { } value) live[key] = value;
        else live.Remove(key);
    }

    // A line that a crash cut off is the last one and tells of nothing that anybody was answered.
    private static JsonObject? Read(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [MemberNotNull(nameof(writer))]
    private void Compact()
    {
        var beside = path + ".new";
        File.WriteAllLines(beside, live.Select(pair => new JsonObject
        {
            ["kind"] = pair.Key.Kind,
            ["key"] = pair.Key.Key,
            ["value"] = pair.Value.DeepClone(),
        }.ToJsonString()));
        File.Move(beside, path, overwrite: true);
        writer = new StreamWriter(path, append: true);
        lines = live.Count;
    }
}

/// <summary>A map of things by key that outlives the process when there is a log to keep it in.</summary>
internal sealed class KeptMap<T>
    where T : class
{
    private readonly ConcurrentDictionary<string, T> values = new(StringComparer.Ordinal);
    private readonly string kind;
    private readonly KeptLog? log;

    public KeptMap(string kind, KeptLog? log)
    {
        (this.kind, this.log) = (kind, log);
        foreach (var (key, value) in log?.Of(kind) ?? []) values[key] = value.Deserialize<T>()!;
    }

    public IEnumerable<T> Values => values.Values;

    public T? Find(string key) => values.GetValueOrDefault(key);

    public void Put(string key, T value)
    {
        values[key] = value;
        log?.Put(kind, key, JsonSerializer.SerializeToNode(value));
    }

    public bool Remove(string key)
    {
        if (!values.TryRemove(key, out _)) return false;
        log?.Put(kind, key, null);
        return true;
    }
}
