using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>What the API says about itself.</summary>
internal static class Discovery
{
    /// <summary>A version that nobody takes for a real cluster's.</summary>
    public const string GitVersion = "v1.31.0+xuanwu-sandbox";

    /// <summary>The answer for a discovery path, or null when the path is none.</summary>
    public static JsonObject? Find(string path)
    {
        var parts = path.Trim('/').Split('/');
        return parts switch
        {
            ["version"] => Version(),
            ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
            ["api", "v1"] => Resources("", "v1"),
            ["apis"] => new JsonObject
            {
                ["kind"] = "APIGroupList",
                ["apiVersion"] = "v1",
                ["groups"] = Json.Array(Kinds.All.Where(it => it.Group.Length > 0).Select(it => it.Group).Distinct()
                    .Select(Group)),
            },
            ["apis", var group] when Kinds.All.Any(it => it.Group == group && group.Length > 0) => Group(group),
            ["apis", var group, var version] when Kinds.All.Any(it => it.Group == group && it.Version == version) =>
                Resources(group, version),
            _ => null,
        };
    }

    private static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "31",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "",
        ["gitTreeState"] = "sandbox",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "dotnet",
        ["platform"] = "sandbox/" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
    };

    private static JsonObject Group(string group)
    {
        var versions = Kinds.All.Where(it => it.Group == group).Select(it => it.Version).Distinct().ToArray();
        return new JsonObject
        {
            ["kind"] = "APIGroup",
            ["apiVersion"] = "v1",
            ["name"] = group,
            ["versions"] = Json.Array(versions.Select(it => Versioned(group, it))),
            ["preferredVersion"] = Versioned(group, versions[0]),
        };
    }

    private static JsonObject Versioned(string group, string version) =>
        new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private static JsonObject Resources(string group, string version)
    {
        var resources = new JsonArray();
        foreach (var kind in Kinds.All.Where(it => it.Group == group && it.Version == version))
        {
            var plain = Resource(kind, kind.Plural,
                "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
            plain["singularName"] = kind.Name.ToLowerInvariant();
            if (kind.ShortNames.Length > 0)
            {
                plain["shortNames"] = Json.Array(kind.ShortNames.Select(it => (JsonNode)it));
            }
            resources.Add(plain);
            if (kind.HasStatus) resources.Add(Resource(kind, $"{kind.Plural}/status", "get", "patch", "update"));
            if (kind == Kinds.Pod) resources.Add(Resource(kind, "pods/log", "get"));
            if (kind != Kinds.Pod && kind != Kinds.Service) continue;
            resources.Add(Resource(kind, $"{kind.Plural}/proxy", "create", "delete", "get", "patch", "update"));
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }

    private static JsonObject Resource(ResourceKind kind, string name, params string[] verbs) => new()
    {
        ["name"] = name,
        ["singularName"] = "",
        ["namespaced"] = kind.Namespaced,
        ["kind"] = kind.Name,
        ["verbs"] = Json.Array(verbs.Select(it => (JsonNode)it)),
    };
}
