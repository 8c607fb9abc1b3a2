using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>What the API server fills in, as kube-apiserver does (pkg/apis/*/v1/defaults.go).</summary>
internal static class Defaults
{
    public static void Namespace(JsonObject o)
    {
        o.Have("spec").Default("finalizers", new JsonArray("kubernetes"));
        o.Have("status").Default("phase", "Active");
    }

    public static void Secret(JsonObject o)
    {
        o.Default("type", "Opaque");
        if (o["stringData"] is not JsonObject texts) return;
        var data = o.Have("data");
        foreach (var (name, value) in texts)
        {
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Json.AsText(value) ?? ""));
        }
        o.Remove("stringData");
    }

    public static void Service(JsonObject o)
    {
        var spec = o.Have("spec");
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        spec.Default("internalTrafficPolicy", "Cluster");
        foreach (var port in spec.Items("ports"))
        {
            port.Default("protocol", "TCP");
            if (port["port"] is { } number) port.Default("targetPort", number.DeepClone());
        }

        o.Have("status").Default("loadBalancer", new JsonObject());
    }

    public static void RoleBinding(JsonObject o)
    {
        o.Child("roleRef")?.Default("apiGroup", "rbac.authorization.k8s.io");
    }

    public static void ReplicaSet(JsonObject o)
    {
        var spec = o.Have("spec");
        spec.Default("replicas", 1);
        if (spec.Child("template", "spec") is { } pod) PodSpec(pod);
    }

    public static void Deployment(JsonObject o)
    {
        ReplicaSet(o);
        var spec = o.Have("spec");
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
        var strategy = spec.Have("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate") return;
        var rolling = strategy.Have("rollingUpdate");
        rolling.Default("maxUnavailable", "25%");
        rolling.Default("maxSurge", "25%");
    }

    public static void PodSpec(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
        if (spec.Text("serviceAccountName") is { } account) spec.Default("serviceAccount", account);
        foreach (var container in spec.Items("initContainers").Concat(spec.Items("containers"))) Container(container);
        foreach (var volume in spec.Items("volumes"))
        {
            volume.Child("configMap")?.Default("defaultMode", 420);
            volume.Child("secret")?.Default("defaultMode", 420);
        }
    }

    private static void Container(JsonObject container)
    {
        var image = container.Text("image") ?? "";
        var latest = image.EndsWith(":latest", StringComparison.Ordinal)
            || image.LastIndexOf(':') <= image.LastIndexOf('/');
        container.Default("imagePullPolicy", latest ? "Always" : "IfNotPresent");
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("resources", new JsonObject());
        foreach (var port in container.Items("ports")) port.Default("protocol", "TCP");
        foreach (var variable in container.Items("env"))
        {
            variable.Child("valueFrom", "fieldRef")?.Default("apiVersion", "v1");
        }

        foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Child(probe) is not { } it) continue;
            it.Default("timeoutSeconds", 1);
            it.Default("periodSeconds", 10);
            it.Default("successThreshold", 1);
            it.Default("failureThreshold", 3);
            if (it.Child("httpGet") is not { } get) continue;
            get.Default("path", "/");
            get.Default("scheme", "HTTP");
        }
    }
}
