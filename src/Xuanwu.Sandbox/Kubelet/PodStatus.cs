using System.Net;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>What controllers need of a pod, read once per version.</summary>
internal sealed record PodView(
    string Phase, bool Ready, IPAddress? Address, TimeSpan Grace, IReadOnlyList<(string Name, int Port)> Ports)
{
    public bool Ended => Phase is "Succeeded" or "Failed";

    public static PodView Of(JsonObject o)
    {
        var status = o.Child("status");
        return new PodView(
            status.Text("phase") ?? "Pending",
            status.Items("conditions").Any(it => it.Text("type") == "Ready" && it.Text("status") == "True"),
            IPAddress.TryParse(status.Text("podIP"), out var address) ? address : null,
            TimeSpan.FromSeconds(o.Metadata().Number("deletionGracePeriodSeconds") ?? 30),
            [.. o.Child("spec").Items("containers").SelectMany(it => it.Items("ports"))
                .Where(it => it.Text("name") is not null)
                .Select(it => (it.Text("name")!, (int)(it.Number("containerPort") ?? 0)))]);
    }
}

/// <summary>The status of a pod, written from what the kubelet knows.</summary>
internal static class PodStatus
{
    public static JsonObject Of(JsonObject pod, PodRun run, Node node)
    {
        var spec = pod.Child("spec");
        var before = pod.Child("status");
        var terminating = pod.Metadata()["deletionTimestamp"] is not null;
        var specs = spec.Items("initContainers").Concat(spec.Items("containers")).ToArray();
        var (inits, mains) = (new JsonArray(), new JsonArray());
        var allReady = true;
        for (var i = 0; i < run.Containers.Length; i++)
        {
            var slot = run.Containers[i];
            var ready = slot.Init ? slot.Done : IsReady(specs[i], slot, run, node);
            if (!slot.Init) allReady &= ready;
            (slot.Init ? inits : mains).Add(Container(slot, specs[i], ready));
        }

        var initialized = run.Containers.Where(it => it.Init).All(it => it.Done);
        var phase = Phase(run, spec.Text("restartPolicy") ?? "Always");
        var ended = phase is "Succeeded" or "Failed";
        var readiness = allReady && initialized && !run.Partitioned && !terminating && !ended;
        var notReady = ended ? "PodCompleted" : "ContainersNotReady";
        var status = new JsonObject
        {
            ["phase"] = phase,
            ["conditions"] = new JsonArray(
                Condition(before, "PodScheduled", true, null),
                Condition(before, "Initialized", initialized, "ContainersNotInitialized"),
                Condition(before, "ContainersReady", readiness, notReady),
                Condition(before, "Ready", readiness, run.Partitioned ? "NodeNotReady" : notReady)),
            ["hostIP"] = "127.0.0.1",
            ["podIP"] = run.Address.ToString(),
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = run.Address.ToString() }),
            ["startTime"] = before.Text("startTime") ?? Json.Now(),
            ["containerStatuses"] = mains,
            ["qosClass"] = before.Text("qosClass") ?? Quality(spec),
        };
        if (inits.Count > 0) status["initContainerStatuses"] = inits;
        return status;
    }

    public static JsonObject Terminated(ContainerRun run) => Terminated(
        run.ExitCode, run.ExitCode == 0 ? "Completed" : "Error",
        Json.Time(run.Started), Json.Time(run.Finished), run.Id);

    public static JsonObject Terminated(int exitCode, string reason, string? started, string finished, string? id)
    {
        var ended = new JsonObject
        {
            ["exitCode"] = exitCode,
            ["reason"] = reason,
            ["startedAt"] = started,
            ["finishedAt"] = finished,
        };
        if (id is not null) ended["containerID"] = id;
        return new JsonObject { ["terminated"] = ended };
    }

    /// <summary>A port by its number, or by its name among the container's ports.</summary>
    public static int? Port(JsonNode? port, JsonObject container) => Json.AsNumber(port) is { } number
        ? (int)number
        : (int?)container.Items("ports").FirstOrDefault(it => it.Text("name") == Json.AsText(port))
            .Number("containerPort");

    private static bool IsReady(JsonObject spec, ContainerSlot slot, PodRun run, Node node)
    {
        if (!slot.Running) return false;
        var probe = spec.Child("readinessProbe");
        if (probe.Child("httpGet") is not null) return slot.ProbeOk;
        return probe.Child("tcpSocket") is not { } tcp
            || (Port(tcp["port"], spec) is { } port && node.Network.Find(run.Address, port) is not null);
    }

    private static JsonObject Container(ContainerSlot slot, JsonObject spec, bool ready)
    {
        var image = spec.Text("image") ?? "";
        var state = slot switch
        {
            { Running: true, Run: { } run } =>
                new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Json.Time(run.Started) } },
            { Run: { } run } => Terminated(run),
            { Skipped: { } at } => Terminated(0, "Completed", Json.Time(at), Json.Time(at), null),
            _ => new JsonObject { ["waiting"] = Waiting(slot) },
        };
        var status = new JsonObject
        {
            ["name"] = slot.Name,
            ["state"] = state,
            ["lastState"] = slot.LastState?.DeepClone() ?? new JsonObject(),
            ["ready"] = ready,
            ["restartCount"] = slot.Restarts,
            ["image"] = image,
            ["imageID"] = "sandbox://" + image,
            ["started"] = slot.Running,
        };
        if (slot.Run is { } current) status["containerID"] = current.Id;
        return status;
    }

    private static JsonObject Waiting(ContainerSlot slot)
    {
        var waiting = new JsonObject { ["reason"] = slot.Waiting.Reason };
        if (slot.Waiting.Message is { } message) waiting["message"] = message;
        return waiting;
    }

    private static string Phase(PodRun run, string policy)
    {
        var mains = run.Containers.Where(it => !it.Init).ToArray();
        if (policy == "Never" && run.Containers.Any(it => it.Init && it.Run is { Ended: true, ExitCode: not 0 }))
        {
            return "Failed";
        }
        if (mains.All(it => it.Run is null && it.Restarts == 0)) return "Pending";
        if (policy == "Always" || !mains.All(it => it.Run is { Ended: true })) return "Running";
        if (mains.All(it => it.Run!.ExitCode == 0)) return "Succeeded";
        return policy == "Never" ? "Failed" : "Running";
    }

    private static JsonObject Condition(JsonObject? before, string type, bool holds, string? reason)
    {
        var status = holds ? "True" : "False";
        var was = before.Items("conditions").FirstOrDefault(it => it.Text("type") == type);
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastTransitionTime"] = was.Text("status") == status ? was.Text("lastTransitionTime") : Json.Now(),
        };
        if (!holds && reason is not null) condition["reason"] = reason;
        return condition;
    }

    private static string Quality(JsonObject? spec)
    {
        var resources = spec.Items("containers").Select(it => it.Child("resources")).ToArray();
        if (resources.All(it => it.Child("limits") is null && it.Child("requests") is null)) return "BestEffort";
        var guaranteed = resources.All(it => it.Child("limits") is { Count: >= 2 } limits
            && (it.Child("requests") is not { } requests || JsonNode.DeepEquals(limits, requests)));
        return guaranteed ? "Guaranteed" : "Burstable";
    }
}
