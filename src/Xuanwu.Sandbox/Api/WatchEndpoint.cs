using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Faults;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>
/// Watches. A watch is a cursor into its kind's log: it costs nothing while nothing happens and holds back nobody. From
/// a resourceVersion it goes on after it; without one it begins with every object as it is. A selector turns changes
/// into what they mean for it: an object that begins to match is ADDED, one that ceases to is DELETED. A cursor behind
/// the log, be it at the start or later, ends with an ERROR event 410 Expired, as kube-apiserver's watch cache does.
/// </summary>
internal sealed class WatchEndpoint(
    ObjectStore store, FaultBoard faults, TimeSpan bookmarkInterval, CancellationToken stop)
{
    public async Task WatchAsync(HttpContext context, ResourcePath path)
    {
        var query = context.Request.Query;
        var (labels, fields) = ListEndpoint.Selectors(context, path);
        var cursor = Cursor(query["resourceVersion"]);
        var initial = query["sendInitialEvents"] == "true";
        var watch = new Watch(path, labels, fields, query["allowWatchBookmarks"] == "true",
            context.Response.BodyWriter);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stop);
        if (double.TryParse(query["timeoutSeconds"], CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
        {
            end.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        var cut = faults.WatchesCut;
        await using var cutting = cut.Register(context.Abort);
        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(end.Token);
        try
        {
            await watch.FlushAsync(end.Token); // the client shall see that it watches before anything happens
            if (cursor is null or 0 || initial) cursor = await BeginAsync(watch, initial, end.Token);
            await FollowAsync(watch, cursor.Value, end.Token);
        }
        catch (OperationCanceledException)
        {
            // the time is over, the client left, or the cluster stops
        }
    }

    private long? Cursor(string? version)
    {
        if (string.IsNullOrEmpty(version)) return null;
        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor))
        {
            throw ApiFailure.BadRequest(
                $"resourceVersion: Invalid value: \"{version}\": strconv.ParseUint: invalid syntax");
        }

        var current = store.Revision;
        return cursor > current ? throw ListEndpoint.FromTheFuture(cursor, current) : cursor;
    }

    private async Task<long> BeginAsync(Watch watch, bool marked, CancellationToken ct)
    {
        var (items, revision) = store.Snapshot(watch.Path.Kind);
        foreach (var item in items.Values)
        {
            if (watch.Matches(item)) watch.Write("ADDED", item);
        }

        if (marked) watch.Bookmark(revision, initialEventsEnd: true);
        await watch.FlushAsync(ct);
        return revision;
    }

    private async Task FollowAsync(Watch watch, long cursor, CancellationToken ct)
    {
        while (true)
        {
            var (changes, reached, expired, more) = store.After(watch.Path.Kind, cursor);
            if (expired)
            {
                watch.Error(ApiFailure.Expired(cursor, reached));
                await watch.FlushAsync(ct);
                return;
            }

            foreach (var change in changes) watch.Write(change);
            if (changes.Count > 0) await watch.FlushAsync(ct);
            cursor = reached;
            if (await IsIdleAsync(more, ct) && watch.Bookmarks)
            {
                watch.Bookmark(cursor, initialEventsEnd: false);
                await watch.FlushAsync(ct);
            }
        }
    }

    private async Task<bool> IsIdleAsync(Task more, CancellationToken ct)
    {
        using var awake = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var idle = Task.Delay(bookmarkInterval, awake.Token);
        var first = await Task.WhenAny(more, idle);
        await awake.CancelAsync();
        ct.ThrowIfCancellationRequested();
        return first == idle;
    }

    private sealed class Watch(
        ResourcePath path, LabelSelector labels, FieldSelector fields, bool bookmarks, PipeWriter writer)
    {
        public ResourcePath Path { get; } = path;

        public bool Bookmarks { get; } = bookmarks;

        public bool Matches(Stored item) =>
            (Path.Namespace is null || item.Namespace == Path.Namespace)
            && (Path.Name is null || item.Name == Path.Name)
            && labels.Matches(item.Labels)
            && fields.Matches(item);

        public void Write(StoreChange change)
        {
            var before = change.Previous is { } previous && Matches(previous);
            var after = change.Type != ChangeType.Deleted && Matches(change.Object);
            if (after) Write(before ? "MODIFIED" : "ADDED", change.Object);
            else if (before) Write("DELETED", change.Object);
        }

        public void Write(string type, Stored item) => Write(type, item.Json.Span);

        public void Error(ApiFailure failure) => Write("ERROR", Json.Write(failure.Status()));

        public void Bookmark(long revision, bool initialEventsEnd)
        {
            var metadata = new JsonObject
            {
                ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture),
                ["creationTimestamp"] = null,
            };
            if (initialEventsEnd) metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
            Write("BOOKMARK", Json.Write(new JsonObject
            {
                ["kind"] = Path.Kind.Name,
                ["apiVersion"] = Path.Kind.ApiVersion,
                ["metadata"] = metadata,
            }));
        }

        public async Task FlushAsync(CancellationToken ct)
        {
            var flushed = await writer.FlushAsync(ct);
            if (flushed.IsCompleted) throw new OperationCanceledException();
        }

        private void Write(string type, ReadOnlySpan<byte> json)
        {
            writer.Write(Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"object\":"));
            writer.Write(json);
            writer.Write("}\n"u8);
        }
    }
}
