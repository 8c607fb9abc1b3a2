using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>
/// Lists, whole or in pages. All pages of a list show the objects as of its first one: the snapshot is kept for a while
/// (it shares its tree with the live one), and once it is dropped the continue token is expired.
/// </summary>
internal sealed class ListEndpoint(ObjectStore store)
{
    private const int KeptSnapshots = 64;

    private const string TokenTooOld =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list " +
        "without the continue parameter, or use the continue token in this response to retrieve the remainder of the " +
        "results. Continuing with the provided token results in an inconsistent list - objects that were created, " +
        "modified, or deleted between the time the first chunk was returned and now may show up in the list.";

    private readonly Dictionary<(ResourceKind, long), ImmutableSortedDictionary<string, Stored>> _snapshots = [];
    private readonly Queue<(ResourceKind, long)> _ages = new();

    public async Task ListAsync(HttpContext context, ResourcePath path)
    {
        var query = context.Request.Query;
        var (labels, fields) = Selectors(context, path);
        _ = int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var limit);
        var (items, revision, start) = Source(
            path.Kind, query["continue"], query["resourceVersion"], query["resourceVersionMatch"]);

        var page = new List<Stored>();
        var (more, remaining) = (false, 0);
        foreach (var (key, item) in items)
        {
            if (start is not null && string.CompareOrdinal(key, start) <= 0) continue;
            if (path.Namespace is not null && item.Namespace != path.Namespace) continue;
            if (!labels.Matches(item.Labels) || !fields.Matches(item)) continue;
            if (limit > 0 && page.Count == limit)
            {
                more = true;
                remaining++;
            }
            else
            {
                page.Add(item);
            }
        }

        if (more) Keep(path.Kind, revision, items);
        var selective = labels != LabelSelector.Everything || fields != FieldSelector.Everything;
        var token = more ? Token(revision, page[^1].Key) : null;
        await WriteAsync(context, path.Kind, revision, page, token, selective ? null : remaining);
    }

    public static (LabelSelector Labels, FieldSelector Fields) Selectors(HttpContext context, ResourcePath path)
    {
        var query = context.Request.Query;
        return (LabelSelector.Parse(query["labelSelector"]), FieldSelector.Parse(path.Kind, query["fieldSelector"]));
    }

    /// <summary>A resourceVersion that lies ahead: the reader saw another, newer store than this one.</summary>
    public static ApiFailure FromTheFuture(long asked, long current) =>
        new(504, "Timeout", $"Timeout: Too large resource version: {asked}, current: {current}", new()
        {
            ["causes"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject
            {
                ["reason"] = "ResourceVersionTooLarge",
                ["message"] = "Too large resource version",
            }),
            ["retryAfterSeconds"] = 1,
        });

    private (ImmutableSortedDictionary<string, Stored> Items, long Revision, string? Start) Source(
        ResourceKind kind, string? token, string? version, string? match)
    {
        var (items, revision) = store.Snapshot(kind);
        if (!string.IsNullOrEmpty(token))
        {
            var (at, start) = Read(token);
            if (at < 0) return (items, revision, start);
            var kept = Kept(kind, at) ?? (at == revision ? items : null);
            return kept is not null ? (kept, at, start)
                : throw new ApiFailure(410, "Expired", TokenTooOld) { Continue = Token(-1, start) };
        }

        if (string.IsNullOrEmpty(version) || version == "0") return (items, revision, null);
        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var asked))
        {
            throw ApiFailure.BadRequest(
                $"resourceVersion: Invalid value: \"{version}\": strconv.ParseUint: invalid syntax");
        }

        if (asked > revision) throw FromTheFuture(asked, revision);
        if (match != "Exact" || asked == revision) return (items, revision, null);
        return Kept(kind, asked) is { } then ? (then, asked, null) : throw ApiFailure.Expired(asked, revision);
    }

    private ImmutableSortedDictionary<string, Stored>? Kept(ResourceKind kind, long revision)
    {
        lock (_snapshots) return _snapshots.GetValueOrDefault((kind, revision));
    }

    private void Keep(ResourceKind kind, long revision, ImmutableSortedDictionary<string, Stored> items)
    {
        lock (_snapshots)
        {
            if (!_snapshots.TryAdd((kind, revision), items)) return;
            _ages.Enqueue((kind, revision));
            if (_ages.Count > KeptSnapshots) _snapshots.Remove(_ages.Dequeue());
        }
    }

    /// <summary>Forgets the snapshots, so that tokens are expired.</summary>
    public void Compact()
    {
        lock (_snapshots)
        {
            _snapshots.Clear();
            _ages.Clear();
        }
    }

    private static string Token(long revision, string start) => Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{revision}:{start}")));

    private static (long Revision, string Start) Read(string token)
    {
        try
        {
            var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return (long.Parse(text.AsSpan(0, colon), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
                text[(colon + 1)..]);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw ApiFailure.BadRequest("continue key is not valid: " + e.Message);
        }
    }

    private static async Task WriteAsync(
        HttpContext context, ResourceKind kind, long revision, List<Stored> page, string? token, int? remaining)
    {
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(context.RequestAborted);
        var writer = context.Response.BodyWriter;
        var rest = token is null
            ? ""
            : $",\"continue\":\"{token}\"" + (remaining is null ? "" : $",\"remainingItemCount\":{remaining}");
        writer.Write(Encoding.UTF8.GetBytes(
            $"{{\"kind\":\"{kind.Name}List\",\"apiVersion\":\"{kind.ApiVersion}\"," +
            $"\"metadata\":{{\"resourceVersion\":\"{revision}\"{rest}}},\"items\":["));
        var unflushed = 0;
        for (var i = 0; i < page.Count; i++)
        {
            writer.Write(i == 0 ? "{"u8 : ",{"u8);
            var item = page[i].Json[kind.Prefix.Length..];
            writer.Write(item.Span);
            unflushed += item.Length;
            if (unflushed < 64 * 1024) continue;
            await writer.FlushAsync(context.RequestAborted);
            unflushed = 0;
        }

        writer.Write("]}"u8);
        await writer.FlushAsync(context.RequestAborted);
    }
}
