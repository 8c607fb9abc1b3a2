using Xuanwu.Kubernetes;

namespace Xuanwu.Flink.Manifests;

/// <summary>
/// The Kubernetes objects of a run. Pure: the same plan always gives the same objects.
/// <para>
/// One delete has to remove all of them, so all name one owner, and an owner is named by its uid, which the API gives only when the owner
/// is applied. So the root comes first: a ConfigMap that costs nothing and runs nothing. Apply <see cref="Root"/>, then what
/// <see cref="Render"/> gives for the uid in the answer, in its order. A deployment that breaks off after the root leaves one
/// ConfigMap by which the rest is found and deleted. (The JobManager Deployment as root would start pods before their account exists.)
/// </para>
/// </summary>
public static class RunManifests
{
    /// <summary>The owner of all others.</summary>
    public static KubernetesObject Root(RunPlan plan) => throw new NotImplementedException();

    /// <summary>All but the root, in the order to apply them.</summary>
    /// <param name="plan">The run.</param>
    /// <param name="rootUid">metadata.uid of the applied root.</param>
    public static IReadOnlyList<KubernetesObject> Render(RunPlan plan, string rootUid) => throw new NotImplementedException();
}
