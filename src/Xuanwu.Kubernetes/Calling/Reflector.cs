using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes;

/// <summary>
/// Follows a collection for ever: list, then watch from the list's resource version, and from the last version seen
/// whenever the watch ends (reference/using-api/api-concepts, efficient detection of changes).
/// </summary>
/// <remarks>
/// <code>
///          complete                answer begins
///   ┌─► LIST ────────► OPEN ─────────────────────► READ ──┐ event: told, its version remembered
///   │    ▲              ▲ │ expired, refused,      │ │ └──┘ bookmark: its version remembered
///   │    │              │ │ unreachable            │ │
///   │    └──────────────┼─┘                        │ │
///   │                   └──────────────────────────┘ │   end of stream, lost connection, silence
///   └────────────────────────────────────────────────┘   ERROR event, unreadable event
/// </code>
/// What makes this right:
/// <list type="bullet">
/// <item>Every object told of is remembered with its uid and version. Listing again tells only the difference, so
/// nothing comes twice, and what vanished unseen comes as Deleted.</item>
/// <item>A list that expires between two pages begins anew, and in one piece: pages of two snapshots would hide the
/// changes between them from the watch that follows.</item>
/// <item>An event that cannot be read is not asked for again, it would come again: the list overcomes it. A cut-off
/// last line is no event.</item>
/// <item>A server that could not be reached may have been restored from a backup, with versions behind ours. A watch
/// from a version of the future is silent, so after that the list comes first.</item>
/// <item>A server that refuses to watch (no permission, a version it cannot parse) is listed again and again, with the
/// longest wait: the watch becomes a slow poll, and says so.</item>
/// <item>Waits double with each failure in a row. A watch that told something, or lived for a while, ends the row;
/// a successful list does not, else a server that lists and drops watches would be asked without pause.</item>
/// </list>
/// </remarks>
internal sealed class Reflector : IDisposable
{
    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly ApiCalls _calls;
    private readonly Kind _kind;
    private readonly string _path;
    private readonly string? _labelSelector;
    private readonly Dictionary<(string Namespace, string Name), Known> _known = [];

    private State _state = State.List;
    private string _version = "";
    private int _failures;
    private TimeSpan _wait;

    // While listing: what was seen, and where the next page begins.
    private HashSet<(string Namespace, string Name)>? _seen;
    private string? _continue;
    private bool _paged = true;

    // While watching.
    private ApiRequest? _request;
    private HttpResponseMessage? _response;
    private LineReader? _lines;
    private CancellationTokenSource? _silence;
    private long _openedAt;

    private Reflector(ApiCalls calls, Kind kind, string path, string? labelSelector) =>
        (_calls, _kind, _path, _labelSelector) = (calls, kind, path, labelSelector);

    private enum State
    {
        List,
        Open,
        Read,
    }

    public static async IAsyncEnumerable<WatchEvent> WatchAsync(
        ApiCalls calls, Kind kind, string path, string? labelSelector, [EnumeratorCancellation] CancellationToken ct)
    {
        using var reflector = new Reflector(calls, kind, path, labelSelector);
        while (true)
        {
            foreach (var it in await reflector.StepAsync(ct)) yield return it;
        }
    }

    public void Dispose() => Close();

    private async Task<List<WatchEvent>> StepAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (_wait > TimeSpan.Zero) await Task.Delay(_wait, _calls.Options.Clock, ct);
        _wait = TimeSpan.Zero;
        var told = new List<WatchEvent>();
        try
        {
            switch (_state)
            {
                case State.List: await ListAsync(told, ct); break;
                case State.Open: await OpenAsync(ct); break;
                case State.Read: await ReadAsync(told, ct); break;
                default: throw new InvalidOperationException($"No state {_state}.");
            }
        }
        catch (ApiError e)
        {
            Recover(e, told);
        }

        return told;
    }

    private async Task ListAsync(List<WatchEvent> told, CancellationToken ct)
    {
        _seen ??= [];
        var request = Listing.Request(_path, _labelSelector, _paged ? _calls.Options.PageSize : null, _continue);
        var page = Listing.Read(request, _kind, await _calls.AskOnceAsync(request, ct));
        foreach (var item in page.Items)
        {
            _seen.Add((item.Namespace, item.Name));
            Note(item, told);
        }

        _continue = page.Continue;
        if (_continue is not null) return;

        foreach (var gone in _known.Keys.Where(it => !_seen.Contains(it)).ToList())
        {
            _known.Remove(gone, out var last);
            told.Add(new WatchEvent.Deleted(last.Remains(_kind)));
        }

        told.Add(new WatchEvent.Synced(page.ResourceVersion));
        (_seen, _paged, _version, _state) = (null, true, page.ResourceVersion, State.Open);
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        var life = _calls.Options.WatchTimeout * (1 + Random.Shared.NextDouble());
        _request = ApiRequest.Get(_path)
            .With("watch", true)
            .With("allowWatchBookmarks", true)
            .With("labelSelector", _labelSelector)
            .With("resourceVersion", _version)
            .With("timeoutSeconds", (long)Math.Ceiling(life.TotalSeconds));
        _response = await _calls.OpenOnceAsync(_request, ct);
        _lines = new(await _response.Content.ReadAsStreamAsync(ct), _calls.Options.MaxEventBytes);
        _silence = new(life + Grace, _calls.Options.Clock);
        _openedAt = _calls.Options.Clock.GetTimestamp();
        _state = State.Read;
    }

    private async Task ReadAsync(List<WatchEvent> told, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, _silence!.Token);
        var line = await ApiCalls.GuardAsync(_request!, () => _lines!.ReadAsync(limit.Token).AsTask(), ct);
        switch (line?.End)
        {
            case LineReader.End.LineFeed:
                if (line.Value.Bytes.Length > 0) Tell(line.Value.Bytes.Span, told);
                if (told.Count > 0) _failures = 0;
                break;
            case LineReader.End.Limit:
                throw Unreadable("an event larger than this client accepts");
            default:
                EndOfStream();
                break;
        }
    }

    private void Tell(ReadOnlySpan<byte> line, List<WatchEvent> told)
    {
        JsonObject json;
        try
        {
            json = ApiJson.ReadObject(line);
        }
        catch (JsonException)
        {
            throw Unreadable("no JSON object");
        }

        if (json["object"] is not JsonObject body) throw Unreadable("an event without object");
        json.Remove("object");
        var type = KubernetesObject.Text(json["type"]);
        if (type == "ERROR")
        {
            throw ApiError.FromStatus(_request!.ToString(), System.Net.HttpStatusCode.OK, body)
                ?? Unreadable("an error without Status");
        }

        var it = new KubernetesObject(body);
        if (it.ResourceVersion.Length == 0) throw Unreadable("an object without resourceVersion");
        switch (type)
        {
            case "ADDED" or "MODIFIED":
                Note(it, told);
                break;
            case "DELETED":
                if (_known.Remove((it.Namespace, it.Name))) told.Add(new WatchEvent.Deleted(it));
                break;
            case "BOOKMARK":
                break;
            default:
                throw Unreadable("an event of unknown type");
        }

        _version = it.ResourceVersion;
    }

    private void Note(KubernetesObject it, List<WatchEvent> told)
    {
        var key = (it.Namespace, it.Name);
        var now = Known.Of(it);
        var isKnown = _known.TryGetValue(key, out var before);
        _known[key] = now;
        if (isKnown && before.Uid == now.Uid)
        {
            if (before.Version != now.Version) told.Add(new WatchEvent.Modified(it));
            return;
        }

        if (isKnown) told.Add(new WatchEvent.Deleted(before.Remains(_kind)));
        told.Add(new WatchEvent.Added(it));
    }

    // All streams end some day; then the next one begins at once, unless this one ended at once, too.
    private void EndOfStream()
    {
        if (LivedForAWhile()) _failures = 0;
        Close();
        _state = State.Open;
        if (_failures++ > 0) _wait = _calls.Backoff(_failures, _calls.Options.MaxWatchDelay, null);
    }

    private void Recover(ApiError error, List<WatchEvent> told)
    {
        if (_state == State.Read && LivedForAWhile()) _failures = 0;
        Close();
        if (error.IsGone) (_seen, _continue, _paged) = (null, null, _state != State.List);
        _state = _state switch
        {
            State.Read when error is { IsAnswer: false, Reason: "Unreachable" or "Timeout" } => State.Open,
            State.Open when error is { IsTransient: true, Reason: not "Unreachable" } => State.Open,
            _ => State.List,
        };
        if (_failures++ == 0 && error.IsGone) return; // the ordinary end of a version

        _wait = _calls.Backoff(_failures, _calls.Options.MaxWatchDelay, error.RetryAfter);
        told.Add(new WatchEvent.Trouble(error, _wait));
    }

    private bool LivedForAWhile() => _calls.Options.Clock.GetElapsedTime(_openedAt) >= ShortLife;

    private void Close()
    {
        _lines?.Dispose();
        _response?.Dispose();
        _silence?.Dispose();
        (_lines, _response, _silence) = (null, null, null);
    }

    private ApiError Unreadable(string what) => new(
        System.Net.HttpStatusCode.OK, "Unreadable", $"{_request}: the watch sent {what}.");

    /// <summary>An object told of, and its metadata as UTF-8 JSON for the day it is found missing.</summary>
    private readonly record struct Known(string Uid, string Version, byte[] Metadata)
    {
        public static Known Of(KubernetesObject it)
        {
            var metadata = ApiJson.Write(writer =>
            {
                writer.WriteStartObject();
                foreach (var (name, value) in it.Json["metadata"] as JsonObject ?? [])
                {
                    if (name == "managedFields" || value is null) continue;
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }

                writer.WriteEndObject();
            });
            return new(it.Uid, it.ResourceVersion, metadata);
        }

        public KubernetesObject Remains(Kind kind) => new(new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion,
            ["kind"] = kind.Name,
            ["metadata"] = ApiJson.ReadObject(Metadata),
        });
    }
}
