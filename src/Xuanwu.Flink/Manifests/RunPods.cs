using System.Globalization;
using System.Text.Json.Nodes;
using Xuanwu.Kubernetes;

namespace Xuanwu.Flink.Manifests;

/// <summary>
/// The two groups of pods (docs, deployment/resource-providers/standalone/kubernetes). A JobManager group of a leader
/// and standbys: for SQL a session cluster with a SQL gateway in each pod, for a jar an application cluster. A
/// TaskManager group with as many replicas as the parallelism needs, since standalone Flink starts none itself.
/// </summary>
internal static class RunPods
{
    // The user and group of the official images.
    private const int User = 9999;

    public static JsonObject Selector(RunPlan plan, string component) => new()
    {
        ["app.kubernetes.io/instance"] = plan.ClusterId,
        ["app.kubernetes.io/component"] = component,
    };

    public static JsonObject JobManager(RunPlan plan)
    {
        var resources = plan.Spec.Resources.JobManager;
        string[] settings = [.. Dynamic(RunSettings.OfCluster(plan)), "-D", "jobmanager.rpc.address=$(POD_IP)"];
        var arguments = plan.Spec.Jar is null
            ? ["jobmanager", .. settings]
            : RunArguments.StandaloneJob(plan, settings);
        var container = Container(plan, "jobmanager", arguments, resources.Cpu, resources.MemoryMiB);
        container["ports"] = Ports(("rest", RunNames.RestPort), ("rpc", RunNames.RpcPort), ("blob", RunNames.BlobPort));
        container["readinessProbe"] = Probe("rest", delaySeconds: 2, periodSeconds: 5, failures: 3);
        container["livenessProbe"] = Probe("rpc", delaySeconds: 30, periodSeconds: 60, failures: 3);
        var containers = plan.Spec.Jar is null ? new JsonArray(container, Gateway(plan)) : new JsonArray(container);
        var deployment = Deployment(
            plan, "jobmanager", RunNames.JobManager(plan.ClusterId), resources.Replicas, containers);

        // Standbys are of use on other nodes than the leader's.
        deployment["spec"]!["template"]!["spec"]!["affinity"] = new JsonObject
        {
            ["podAntiAffinity"] = new JsonObject
            {
                ["preferredDuringSchedulingIgnoredDuringExecution"] = new JsonArray(new JsonObject
                {
                    ["weight"] = 100,
                    ["podAffinityTerm"] = new JsonObject
                    {
                        ["labelSelector"] = new JsonObject { ["matchLabels"] = Selector(plan, "jobmanager") },
                        ["topologyKey"] = "kubernetes.io/hostname",
                    },
                }),
            },
        };
        return deployment;
    }

    public static JsonObject TaskManager(RunPlan plan)
    {
        var resources = plan.Spec.Resources.TaskManager;
        string[] arguments =
            ["taskmanager", .. Dynamic(RunSettings.OfCluster(plan)), "-D", "taskmanager.resource-id=$(POD_NAME)"];
        var container = Container(plan, "taskmanager", arguments, resources.Cpu, resources.MemoryMiB);
        container["ports"] = Ports(("rpc", RunNames.TaskManagerRpcPort), ("data", RunNames.TaskManagerDataPort));
        container["livenessProbe"] = Probe("rpc", delaySeconds: 30, periodSeconds: 60, failures: 3);
        return Deployment(
            plan,
            "taskmanager",
            RunNames.TaskManager(plan.ClusterId),
            resources.ReplicasFor(plan.Spec.Parallelism),
            new JsonArray(container));
    }

    // No readiness probe: a gateway that is down must not take its JobManager out of the Service.
    private static JsonObject Gateway(RunPlan plan)
    {
        string[] arguments =
        [
            "/opt/flink/bin/sql-gateway.sh",
            "start-foreground",
            .. Dynamic(RunSettings.OfClient(plan)),
            "-D",
            "sql-gateway.endpoint.rest.address=$(POD_IP)",
            "-D",
            $"sql-gateway.endpoint.rest.port={RunNames.GatewayPort.ToString(CultureInfo.InvariantCulture)}",
        ];
        var container = Container(plan, "sql-gateway", arguments, cpu: 0.5, memoryMiB: 1024);
        ((JsonArray)container["env"]!).Add((JsonNode)Variable("JVM_ARGS", "-Xmx640m -XX:MaxMetaspaceSize=256m"));
        container["ports"] = Ports(("sql", RunNames.GatewayPort));
        container["livenessProbe"] = Probe("sql", delaySeconds: 60, periodSeconds: 60, failures: 3);
        return container;
    }

    private static JsonObject Deployment(
        RunPlan plan, string component, string name, int replicas, JsonArray containers)
    {
        var deployment = RunManifests.Of(plan, Kind.Deployment, name, component);
        deployment["spec"] = new JsonObject
        {
            ["replicas"] = replicas,
            ["revisionHistoryLimit"] = 1,
            ["selector"] = new JsonObject { ["matchLabels"] = Selector(plan, component) },

            // Two generations of one group must not run side by side.
            ["strategy"] = new JsonObject { ["type"] = "Recreate" },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = RunLabels.Labels(plan, component),
                    ["annotations"] = RunLabels.Annotations(plan),
                },
                ["spec"] = new JsonObject
                {
                    ["serviceAccountName"] = RunNames.Account(plan.ClusterId),
                    ["terminationGracePeriodSeconds"] = 30,
                    ["enableServiceLinks"] = false,
                    ["securityContext"] = new JsonObject
                    {
                        ["runAsNonRoot"] = true,
                        ["runAsUser"] = User,
                        ["runAsGroup"] = User,
                        ["fsGroup"] = User,
                        ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
                    },
                    ["initContainers"] = RunVolumes.InitContainers(plan),
                    ["containers"] = containers,
                    ["volumes"] = RunVolumes.Volumes(plan),
                },
            },
        };
        return deployment;
    }

    private static JsonObject Container(
        RunPlan plan, string name, IEnumerable<string> arguments, double cpu, int memoryMiB) => new()
        {
            ["name"] = name,
            ["image"] = plan.Image,
            ["args"] = new JsonArray([.. arguments.Select(argument => JsonValue.Create(argument))]),
            ["env"] = new JsonArray(Field("POD_IP", "status.podIP"), Field("POD_NAME", "metadata.name")),
            ["resources"] = Resources(cpu, memoryMiB),
            ["securityContext"] = RunVolumes.NoPrivileges(),
            ["volumeMounts"] = RunVolumes.Mounts(plan),
        };

    // Requests are the limits: Flink takes all of its memory, and a JobManager that is starved of CPU loses its
    // leadership.
    private static JsonObject Resources(double cpu, int memoryMiB)
    {
        var millis = (int)Math.Ceiling(cpu * 1000);
        var (cores, memory) = (
            millis % 1000 == 0
                ? (millis / 1000).ToString(CultureInfo.InvariantCulture)
                : $"{millis.ToString(CultureInfo.InvariantCulture)}m",
            $"{memoryMiB.ToString(CultureInfo.InvariantCulture)}Mi");
        return new()
        {
            ["limits"] = new JsonObject { ["cpu"] = cores, ["memory"] = memory },
            ["requests"] = new JsonObject { ["cpu"] = cores, ["memory"] = memory },
        };
    }

    // "-D" apart from its setting is the one form that every version's start scripts take (jobmanager.sh up to 1.18).
    private static IEnumerable<string> Dynamic(IReadOnlyDictionary<string, string> settings) =>
        settings.SelectMany(setting => (string[])["-D", RunArguments.Escaped($"{setting.Key}={setting.Value}")]);

    private static JsonArray Ports(params (string Name, int Port)[] ports) => new(
    [
        .. ports.Select(port =>
            new JsonObject { ["name"] = port.Name, ["containerPort"] = port.Port, ["protocol"] = "TCP" }),
    ]);

    private static JsonObject Probe(string port, int delaySeconds, int periodSeconds, int failures) => new()
    {
        ["tcpSocket"] = new JsonObject { ["port"] = port },
        ["initialDelaySeconds"] = delaySeconds,
        ["periodSeconds"] = periodSeconds,
        ["timeoutSeconds"] = 5,
        ["failureThreshold"] = failures,
    };

    private static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = value };

    private static JsonObject Field(string name, string path) => new()
    {
        ["name"] = name,
        ["valueFrom"] = new JsonObject
        {
            ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = path },
        },
    };
}
