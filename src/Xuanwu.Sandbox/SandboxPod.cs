using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox;

/// <summary>What tests ask of a pod.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Phase">status.phase.</param>
/// <param name="Ready">Whether the condition Ready is True.</param>
/// <param name="Terminating">Whether it is being deleted.</param>
/// <param name="Address">status.podIP.</param>
/// <param name="Restarts">Restarts of all its containers.</param>
/// <param name="Waiting">Why the first waiting container waits (state.waiting.reason), if one does.</param>
public sealed record SandboxPod(
    string Namespace, string Name, string Uid, IReadOnlyDictionary<string, string> Labels, string Phase, bool Ready,
    bool Terminating,
    string? Address, int Restarts, string? Waiting)
{
    internal static SandboxPod Of(JsonObject o)
    {
        var (metadata, status) = (o.Metadata(), o.Child("status"));
        var containers = status.Items("containerStatuses").ToArray();
        return new SandboxPod(
            metadata.Text("namespace")!, metadata.Text("name")!, metadata.Text("uid")!, metadata.Child("labels")
            .TextMap(),
            status.Text("phase") ?? "Pending",
            status.Items("conditions").Any(it => it.Text("type") == "Ready" && it.Text("status") == "True"),
            metadata["deletionTimestamp"] is not null,
            status.Text("podIP"),
            (int)containers.Sum(it => it.Number("restartCount") ?? 0),
            containers.Select(it => it.Child("state", "waiting").Text("reason")).FirstOrDefault(it => it is not null));
    }
}
