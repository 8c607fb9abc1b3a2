using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>The mistakes that users make, found and worded as kube-apiserver does (pkg/apis/*/validation).</summary>
internal static partial class Validation
{
    private const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must " +
        "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and " +
        "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " +
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string ServiceRule =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic " +
        "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for " +
        "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string ValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must " +
        "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for " +
        "validation is " +
        "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const string QuantityRule =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    public static void Metadata(ResourceKind kind, JsonObject o, List<Cause> causes)
    {
        var metadata = o.Metadata();
        var name = metadata.Text("name");
        if (string.IsNullOrEmpty(name)) causes.Add(Cause.Required("metadata.name", "name or generateName is required"));
        else Name(kind, name, causes);
        Labels(metadata.Child("labels"), "metadata.labels", causes);
        if (metadata.Child("annotations") is { } annotations
            && annotations.Sum(it => it.Key.Length + Length(it.Value)) > 256 * 1024)
        {
            causes.Add(new Cause("FieldValueTooLong", "Too long: may not be more than 262144 bytes",
                "metadata.annotations"));
        }

        var index = 0;
        foreach (var owner in metadata.Items("ownerReferences"))
        {
            foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (!string.IsNullOrEmpty(owner.Text(field))) continue;
                causes.Add(Cause.Invalid($"metadata.ownerReferences[{index}].{field}", "", "must not be empty"));
            }

            index++;
        }
    }

    public static void Pod(JsonObject o, JsonObject? before, List<Cause> causes)
    {
        if (before is null) PodSpec(o.Child("spec"), "spec", causes);
        else if (!JsonNode.DeepEquals(Fixed(o), Fixed(before)))
        {
            causes.Add(new Cause("FieldValueForbidden",
                "Forbidden: pod updates may not change fields other than `spec.containers[*].image`," +
                "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to " +
                "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was " +
                "previously negative)", "spec"));
        }

        static JsonNode? Fixed(JsonObject pod)
        {
            var spec = pod["spec"]?.DeepClone();
            foreach (var container in (spec as JsonObject).Items("containers")) container.Remove("image");
            (spec as JsonObject)?.Remove("tolerations");
            return spec;
        }
    }

    public static void Workload(JsonObject o, JsonObject? before, List<Cause> causes)
    {
        var spec = o.Child("spec");
        if (spec.Number("replicas") is < 0)
        {
            causes.Add(Cause.Invalid("spec.replicas", spec!["replicas"]!.ToString(),
                "must be greater than or equal to 0"));
        }

        var selector = spec.Child("selector");
        if (selector is null) causes.Add(Cause.Required("spec.selector"));
        else if (before is not null && !JsonNode.DeepEquals(selector, before.Child("spec", "selector")))
        {
            causes.Add(Cause.Invalid("spec.selector", selector.ToJsonString(), "field is immutable"));
        }

        if (spec.Child("template") is not { } template)
        {
            causes.Add(Cause.Required("spec.template"));
            return;
        }

        var labels = template.Child("metadata", "labels");
        Labels(labels, "spec.template.metadata.labels", causes);
        if (selector is not null && !LabelSelector.Of(selector).Matches(labels.TextMap()))
        {
            causes.Add(Cause.Invalid("spec.template.metadata.labels", labels?.ToJsonString() ?? "{}",
                "`selector` does not match template `labels`"));
        }

        PodSpec(template.Child("spec"), "spec.template.spec", causes);
        if (template.Child("spec").Text("restartPolicy") is { } policy and not "Always")
        {
            causes.Add(Cause.NotSupported("spec.template.spec.restartPolicy", policy, "Always"));
        }
    }

    public static void Service(JsonObject o, JsonObject? before, List<Cause> causes)
    {
        var spec = o.Child("spec");
        var headless = spec.Text("clusterIP") == "None";
        if (spec.Text("type") != "ExternalName" && !headless && !spec.Items("ports").Any())
        {
            causes.Add(Cause.Required("spec.ports"));
        }
        var ports = spec.Items("ports").ToArray();
        for (var i = 0; i < ports.Length; i++)
        {
            Port(ports[i].Number("port"), $"spec.ports[{i}].port", causes);
            if (ports.Length > 1 && string.IsNullOrEmpty(ports[i].Text("name")))
            {
                causes.Add(Cause.Required($"spec.ports[{i}].name"));
            }
        }

        if (before.Child("spec").Text("clusterIP") is { } old && spec.Text("clusterIP") is { } now && old != now)
        {
            causes.Add(Cause.Invalid("spec.clusterIPs[0]", now, "may not change once set"));
        }
    }

    public static void ConfigMap(JsonObject o, JsonObject? before, List<Cause> causes)
    {
        var size = o.Child("data")?.Sum(it => it.Key.Length + Length(it.Value)) ?? 0;
        if (size > 1024 * 1024)
        {
            causes.Add(new Cause("FieldValueTooLong", "Too long: may not be more than 1048576 bytes", ""));
        }
        foreach (var (name, value) in o.Child("data") ?? [])
        {
            if (!KeyPattern().IsMatch(name)) causes.Add(Cause.Invalid($"data[{name}]", name,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or " +
                "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
            if (Json.AsText(value) is null)
            {
                causes.Add(Cause.Invalid($"data[{name}]", value?.ToJsonString(), "must be a string"));
            }
        }

        if (!before.Flag("immutable")) return;
        if (!JsonNode.DeepEquals(o["data"], before?["data"]) || !o.Flag("immutable"))
        {
            causes.Add(new Cause("FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set",
                "data"));
        }
    }

    public static void Secret(JsonObject o, JsonObject? before, List<Cause> causes)
    {
        foreach (var (name, value) in o.Child("data") ?? [])
        {
            var text = Json.AsText(value);
            if (text is null || !Convert.TryFromBase64String(text, new byte[text.Length], out _))
            {
                causes.Add(Cause.Invalid($"data[{name}]", "<redacted>", "must be base64"));
            }
        }

        if (before?.Text("type") is { } type && o.Text("type") != type)
        {
            causes.Add(Cause.Invalid("type", o.Text("type"), "field is immutable"));
        }
    }

    public static void Ingress(JsonObject o, JsonObject? before, List<Cause> causes)
    {
        var spec = o.Child("spec");
        var rules = spec.Items("rules").ToArray();
        if (rules.Length == 0 && spec.Child("defaultBackend") is null)
        {
            causes.Add(Cause.Invalid("spec", spec?.ToJsonString() ?? "{}",
                "either `defaultBackend` or `rules` must be specified"));
        }

        for (var i = 0; i < rules.Length; i++)
        {
            if (rules[i].Text("host") is { Length: > 0 } host
                && !SubdomainPattern().IsMatch(host.TrimStart('*').TrimStart('.')))
            {
                causes.Add(Cause.Invalid($"spec.rules[{i}].host", host, SubdomainRule));
            }

            var paths = rules[i].Child("http").Items("paths").ToArray();
            if (rules[i].Child("http") is not null && paths.Length == 0)
            {
                causes.Add(Cause.Required($"spec.rules[{i}].http.paths"));
            }
            for (var j = 0; j < paths.Length; j++) IngressPath(paths[j], $"spec.rules[{i}].http.paths[{j}]", causes);
        }
    }

    public static void Role(JsonObject o, JsonObject? before, List<Cause> causes)
    {
        var index = 0;
        foreach (var rule in o.Items("rules"))
        {
            if (!rule.Texts("verbs").Any())
            {
                causes.Add(Cause.Required($"rules[{index}].verbs", "verbs must contain at least one value"));
            }
            index++;
        }
    }

    public static void RoleBinding(JsonObject o, JsonObject? before, List<Cause> causes)
    {
        var roleRef = o.Child("roleRef");
        if (string.IsNullOrEmpty(roleRef.Text("name"))) causes.Add(Cause.Required("roleRef.name"));
        if (roleRef.Text("kind") is not ("Role" or "ClusterRole"))
        {
            causes.Add(Cause.NotSupported("roleRef.kind", roleRef.Text("kind") ?? "", "Role", "ClusterRole"));
        }

        if (before is not null && !JsonNode.DeepEquals(roleRef, before["roleRef"]))
        {
            causes.Add(Cause.Invalid("roleRef", roleRef?.ToJsonString(), "cannot change roleRef"));
        }
    }

    private static void IngressPath(JsonObject path, string field, List<Cause> causes)
    {
        if (path.Text("pathType") is not { } type)
        {
            causes.Add(Cause.Required($"{field}.pathType", "pathType must be specified"));
        }
        else if (type is not ("Exact" or "Prefix" or "ImplementationSpecific"))
        {
            causes.Add(Cause.NotSupported($"{field}.pathType", type, "Exact", "ImplementationSpecific", "Prefix"));
        }

        var service = path.Child("backend", "service");
        if (string.IsNullOrEmpty(service.Text("name"))) causes.Add(Cause.Required($"{field}.backend.service.name"));
        else if (service.Child("port") is null) causes.Add(Cause.Required($"{field}.backend.service.port"));
    }

    private static void PodSpec(JsonObject? spec, string field, List<Cause> causes)
    {
        var containers = spec.Items("containers").ToArray();
        if (containers.Length == 0) causes.Add(Cause.Required($"{field}.containers"));
        var names = new HashSet<string>(StringComparer.Ordinal);
        var volumes = spec.Items("volumes").Select(it => it.Text("name")).ToHashSet();
        for (var i = 0; i < containers.Length; i++)
        {
            Container(containers[i], $"{field}.containers[{i}]", names, volumes, causes);
        }

        var inits = spec.Items("initContainers").ToArray();
        for (var i = 0; i < inits.Length; i++)
        {
            Container(inits[i], $"{field}.initContainers[{i}]", names, volumes, causes);
        }

        if (spec.Text("restartPolicy") is { } policy and not ("Always" or "OnFailure" or "Never"))
        {
            causes.Add(Cause.NotSupported($"{field}.restartPolicy", policy, "Always", "OnFailure", "Never"));
        }
    }

    private static void Container(
        JsonObject container, string field, HashSet<string> names, HashSet<string?> volumes, List<Cause> causes)
    {
        var name = container.Text("name");
        if (string.IsNullOrEmpty(name)) causes.Add(Cause.Required($"{field}.name"));
        else if (name.Length > 63 || !LabelPattern().IsMatch(name))
        {
            causes.Add(Cause.Invalid($"{field}.name", name, LabelRule));
        }
        else if (!names.Add(name)) causes.Add(Cause.Duplicate($"{field}.name", name));
        if (string.IsNullOrWhiteSpace(container.Text("image"))) causes.Add(Cause.Required($"{field}.image"));
        var ports = container.Items("ports").ToArray();
        for (var i = 0; i < ports.Length; i++)
        {
            Port(ports[i].Number("containerPort"), $"{field}.ports[{i}].containerPort", causes);
        }

        var mounts = container.Items("volumeMounts").ToArray();
        for (var i = 0; i < mounts.Length; i++)
        {
            if (string.IsNullOrEmpty(mounts[i].Text("mountPath")))
            {
                causes.Add(Cause.Required($"{field}.volumeMounts[{i}].mountPath"));
            }
            if (volumes.Contains(mounts[i].Text("name"))) continue;
            causes.Add(Cause.NotFound($"{field}.volumeMounts[{i}].name", mounts[i].Text("name")));
        }

        foreach (var side in (ReadOnlySpan<string>)["limits", "requests"])
        {
            foreach (var (resource, quantity) in container.Child("resources", side) ?? [])
            {
                var text = quantity?.ToString() ?? "";
                if (!Quantity.TryParse(text, out _))
                {
                    causes.Add(Cause.Invalid($"{field}.resources.{side}[{resource}]", text, QuantityRule));
                }
            }
        }
    }

    private static void Name(ResourceKind kind, string name, List<Cause> causes)
    {
        if (kind == Kinds.Service)
        {
            if (name.Length > 63 || !ServicePattern().IsMatch(name))
            {
                causes.Add(Cause.Invalid("metadata.name", name, ServiceRule));
            }
        }
        else if (kind == Kinds.Namespace)
        {
            if (name.Length > 63 || !LabelPattern().IsMatch(name))
            {
                causes.Add(Cause.Invalid("metadata.name", name, LabelRule));
            }
        }
        else if (kind == Kinds.Role || kind == Kinds.RoleBinding)
        {
            if (name is "." or ".." || name.AsSpan().ContainsAny('/', '%')) causes.Add(
                Cause.Invalid("metadata.name", name,
                "may not contain '/' or '%'"));
        }
        else if (name.Length > 253)
        {
            causes.Add(Cause.Invalid("metadata.name", name, "must be no more than 253 characters"));
        }
        else if (!SubdomainPattern().IsMatch(name))
        {
            causes.Add(Cause.Invalid("metadata.name", name, SubdomainRule));
        }
    }

    private static void Labels(JsonObject? labels, string field, List<Cause> causes)
    {
        foreach (var (name, value) in labels ?? [])
        {
            if (!LabelKeyPattern().IsMatch(name))
            {
                causes.Add(Cause.Invalid(field, name, "name part must be a valid label key"));
            }
            if (Json.AsText(value) is not { } text || text.Length > 63 || !LabelValuePattern().IsMatch(text))
            {
                causes.Add(Cause.Invalid(field, value?.ToString(), ValueRule));
            }
        }
    }

    private static void Port(long? port, string field, List<Cause> causes)
    {
        if (port is null or 0) causes.Add(Cause.Required(field));
        else if (port is < 1 or > 65535) causes.Add(Cause.Invalid(
            field, port.Value.ToString(CultureInfo.InvariantCulture), "must be between 1 and 65535, inclusive"));
    }

    private static int Length(JsonNode? value) => Json.AsText(value)?.Length ?? 0;

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex ServicePattern();

    [GeneratedRegex(@"\A([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex LabelKeyPattern();

    [GeneratedRegex(@"\A(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValuePattern();

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]+\z")]
    private static partial Regex KeyPattern();
}
