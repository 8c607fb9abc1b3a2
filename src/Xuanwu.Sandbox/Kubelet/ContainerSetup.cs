using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>A container cannot be started yet.</summary>
/// <param name="reason">state.waiting.reason.</param>
/// <param name="eventReason">The reason of the event.</param>
/// <param name="message">What is missing.</param>
internal sealed class NotReadyYet(string reason, string eventReason, string message) : Exception(message)
{
    public string Reason { get; } = reason;

    public string EventReason { get; } = eventReason;
}

/// <summary>
/// Works out a container's files, environment and arguments from its pod. Throws <see cref="NotReadyYet"/>.
/// </summary>
internal sealed partial class ContainerSetup(ObjectStore store, JsonObject pod, string ns, IPAddress address)
{
    public ContainerStart Prepare(JsonObject container)
    {
        var files = Files(container);
        var environment = Environment(container);
        var arguments = container.Texts("command").Concat(container.Texts("args")).Select(it => Expand(it, environment))
            .ToArray();
        return new ContainerStart(
            container.Text("name")!, container.Text("image")!, arguments, environment, files,
            pod.Metadata().Child("labels").TextMap(), pod.Child("spec").Text("serviceAccountName") ?? "default");
    }

    /// <summary>$(NAME) where the environment has it; $$ is an escaped dollar.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> environment) =>
        text.Contains('$', StringComparison.Ordinal)
            ? ReferencePattern().Replace(text, it =>
                it.Value == "$$" ? "$" : environment.GetValueOrDefault(it.Groups[1].Value, it.Value))
            : text;

    private Dictionary<string, string> Files(JsonObject container)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        var volumes = pod.Child("spec").Items("volumes").ToLookup(it => it.Text("name"));
        foreach (var mount in container.Items("volumeMounts"))
        {
            var path = mount.Text("mountPath")!.TrimEnd('/');
            var subPath = mount.Text("subPath");
            foreach (var (name, content) in volumes[mount.Text("name")].SelectMany(Content))
            {
                if (subPath is null) files[$"{path}/{name}"] = content;
                else if (name == subPath) files[path] = content;
                else if (name.StartsWith(subPath + "/", StringComparison.Ordinal))
                {
                    files[path + name[subPath.Length..]] = content;
                }
            }
        }

        return files;
    }

    private IEnumerable<KeyValuePair<string, string>> Content(JsonObject volume)
    {
        var sources = volume.Child("projected").Items("sources").Append(volume);
        return sources.SelectMany(source => source switch
        {
            _ when source.Child("configMap") is { } it => Pick(it, Kinds.ConfigMap, it.Text("name")),
            _ when source.Child("secret") is { } it => Pick(it, Kinds.Secret, it.Text("secretName") ?? it.Text("name")),
            _ => [],
        });

        Dictionary<string, string> Pick(JsonObject source, ResourceKind kind, string? name)
        {
            var data = Read(kind, name, source.Flag("optional"), missing => new NotReadyYet(
                "ContainerCreating", "FailedMount",
                $"MountVolume.SetUp failed for volume \"{volume.Text("name")}\" : {missing}"));
            return source["items"] is null ? data : source.Items("items")
                .Where(it => data.ContainsKey(it.Text("key") ?? ""))
                .ToDictionary(it => it.Text("path") ?? "", it => data[it.Text("key")!], StringComparer.Ordinal);
        }
    }

    private Dictionary<string, string> Environment(JsonObject container)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        environment["HOSTNAME"] = pod.Metadata().Text("name")!;
        foreach (var source in container.Items("envFrom"))
        {
            var (kind, reference) = source.Child("secretRef") is { } secret
                ? (Kinds.Secret, secret) : (Kinds.ConfigMap, source.Child("configMapRef"));
            foreach (var (name, value) in Read(kind, reference.Text("name"), reference.Flag("optional"), ConfigError))
            {
                environment[source.Text("prefix") + name] = value;
            }
        }

        foreach (var variable in container.Items("env"))
        {
            var value = variable.Child("valueFrom") is { } from
                ? From(from, container)
                : Expand(variable.Text("value") ?? "", environment);
            if (value is not null) environment[variable.Text("name")!] = value;
        }

        return environment;
    }

    private string? From(JsonObject source, JsonObject container)
    {
        if (source.Child("fieldRef") is { } field) return Field(field.Text("fieldPath") ?? "");
        if (source.Child("resourceFieldRef") is { } resource) return Resource(resource, container);
        var (kind, reference) = source.Child("secretKeyRef") is { } secret
            ? (Kinds.Secret, secret) : (Kinds.ConfigMap, source.Child("configMapKeyRef"));
        var (name, key, optional) = (reference.Text("name"), reference.Text("key") ?? "", reference.Flag("optional"));
        if (Read(kind, name, optional, ConfigError).TryGetValue(key, out var value)) return value;
        return optional ? null : throw ConfigError($"couldn't find key {key} in {kind.Name} {ns}/{name}");
    }

    private string? Field(string path)
    {
        if (FieldPattern().Match(path) is { Success: true } match)
        {
            return pod.Metadata().Child(match.Groups[1].Value).Text(match.Groups[2].Value) ?? "";
        }

        return path switch
        {
            "metadata.name" => pod.Metadata().Text("name"),
            "metadata.namespace" => ns,
            "metadata.uid" => pod.Metadata().Text("uid"),
            "spec.nodeName" => Node.NodeName,
            "spec.serviceAccountName" => pod.Child("spec").Text("serviceAccountName"),
            "status.hostIP" or "status.hostIPs" => "127.0.0.1",
            "status.podIP" or "status.podIPs" => address.ToString(),
            _ => throw ConfigError($"unsupported fieldPath: {path}"),
        };
    }

    private static string Resource(JsonObject reference, JsonObject container)
    {
        var parts = (reference.Text("resource") ?? "").Split('.');
        var text = container.Child("resources", parts[0])?[parts[^1]]?.ToString() ?? "0";
        _ = Quantity.TryParse(text, out var amount);
        if (!Quantity.TryParse(reference["divisor"]?.ToString() ?? "1", out var divisor) || divisor == 0) divisor = 1;
        return Math.Ceiling(amount / divisor).ToString(CultureInfo.InvariantCulture);
    }

    private Dictionary<string, string> Read(
        ResourceKind kind, string? name, bool optional, Func<string, NotReadyYet> missing)
    {
        if (store.Find(kind, ns, name ?? "") is not { } found)
        {
            return optional ? [] : throw missing($"{kind.Name.ToLowerInvariant()} \"{name}\" not found");
        }

        if (kind == Kinds.ConfigMap) return found.View(it => it.Child("data").TextMap());
        return found.Parse().Child("data").TextMap().ToDictionary(
            it => it.Key, it => Encoding.UTF8.GetString(Convert.FromBase64String(it.Value)), StringComparer.Ordinal);
    }

    private static NotReadyYet ConfigError(string message) =>
        new("CreateContainerConfigError", "Failed", $"Error: {message}");

    [GeneratedRegex(@"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")]
    private static partial Regex ReferencePattern();

    [GeneratedRegex(@"\Ametadata\.(labels|annotations)\['([^']+)'\]\z")]
    private static partial Regex FieldPattern();
}
