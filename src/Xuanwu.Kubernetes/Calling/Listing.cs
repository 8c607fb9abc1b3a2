using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes;

/// <summary>Reads collections in pages (reference/using-api/api-concepts, large result sets in chunks).</summary>
internal static class Listing
{
    /// <summary>One page of a collection. Items of a list name no kind of their own, so it is given to them.</summary>
    public sealed record Page(IReadOnlyList<KubernetesObject> Items, string ResourceVersion, string? Continue);

    public static ApiRequest Request(string path, string? labelSelector, int? limit, string? at) =>
        ApiRequest.Get(path).With("labelSelector", labelSelector).With("limit", limit).With("continue", at);

    public static Page Read(ApiRequest request, Kind kind, JsonObject json)
    {
        var list = new KubernetesObject(json);
        var isList = list.KindName == kind.Name + "List" && json["items"] is JsonArray or null;
        if (!isList || list.ResourceVersion.Length == 0)
        {
            throw new ApiError(
                System.Net.HttpStatusCode.OK,
                "Unreadable",
                $"{request}: the answer is JSON, but no {kind.Name}List; it says nothing about what there is.");
        }

        var items = new List<KubernetesObject>();
        foreach (var item in (json["items"] as JsonArray ?? []).OfType<JsonObject>())
        {
            item["apiVersion"] = kind.ApiVersion;
            item["kind"] = kind.Name;
            items.Add(new(item));
        }

        return new(items, list.ResourceVersion, list.TextAt("metadata", "continue") is { Length: > 0 } at ? at : null);
    }

    public static async IAsyncEnumerable<KubernetesObject> AllAsync(
        ApiCalls calls, Kind kind, string path, string? labelSelector, [EnumeratorCancellation] CancellationToken ct)
    {
        var given = new HashSet<string>();
        string? at = null;
        int? limit = calls.Options.PageSize;
        do
        {
            var request = Request(path, labelSelector, limit, at is "" ? null : at);
            Page page;
            try
            {
                page = Read(request, kind, await calls.AskAsync(request, ct));
            }
            catch (ApiError e) when (e.IsGone && at is not null)
            {
                (limit, at) = (null, ""); // in one piece there is nothing left to forget
                continue;
            }

            foreach (var item in page.Items)
            {
                if (given.Add(item.Uid)) yield return item;
            }

            at = page.Continue;
        }
        while (at is not null);
    }
}
