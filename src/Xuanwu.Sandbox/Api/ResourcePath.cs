namespace Xuanwu.Sandbox.Api;

/// <summary>What a request's path names: /api/v1/… or /apis/GROUP/VERSION/…</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Namespace">The namespace, null for cluster-wide lists and kinds.</param>
/// <param name="Name">The object, null for the collection.</param>
/// <param name="Subresource">status, log, proxy; or null.</param>
/// <param name="Rest">What follows the proxy subresource, with its slash; empty without one.</param>
internal sealed record ResourcePath(
    ResourceKind Kind, string? Namespace, string? Name, string? Subresource, string Rest)
{
    public static ResourcePath Parse(string path)
    {
        var parts = path.Split('/');
        var at = parts is ["", "api", "v1", ..] ? 3 : parts is ["", "apis", _, _, ..] ? 4 : -1;
        if (at < 0 || at >= parts.Length) throw ApiFailure.NoSuchResource();
        var (group, version) = at == 3 ? ("", "v1") : (parts[2], parts[3]);
        string? ns = null;
        if (parts[at] == "namespaces" && parts.Length > at + 2
            && Kinds.Find(group, version, parts[at + 2]) is { Namespaced: true })
        {
            ns = parts[at + 1];
            at += 2;
        }

        var kind = Kinds.Find(group, version, parts[at]) ?? throw ApiFailure.NoSuchResource();
        var name = parts.Length > at + 1 && parts[at + 1].Length > 0 ? Uri.UnescapeDataString(parts[at + 1]) : null;
        var subresource = parts.Length > at + 2 ? parts[at + 2] : null;
        if (kind.Namespaced && ns is null && name is not null) throw ApiFailure.NoSuchResource();
        var rest = parts.Length > at + 3 ? "/" + string.Join('/', parts[(at + 3)..]) : "";
        if (rest.Length > 0 && subresource != "proxy") throw ApiFailure.NoSuchResource();
        return new ResourcePath(kind, ns, name, subresource, rest);
    }
}
