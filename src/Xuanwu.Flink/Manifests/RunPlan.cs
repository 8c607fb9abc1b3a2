using Xuanwu.Domain.Clusters;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;

namespace Xuanwu.Flink.Manifests;

/// <summary>All that decides the Kubernetes objects of one run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Attempt">The job's attempt; an annotation of every object tells a late apply from a current
/// one.</param>
/// <param name="Project">Project of the job.</param>
/// <param name="JobName">Name of the job, any script; it becomes Flink's pipeline.name.</param>
/// <param name="Version">Version of the job that runs.</param>
/// <param name="FlinkJobId">Flink's job id, chosen by us: 32 lower-case hex digits.</param>
/// <param name="ClusterId">See <see cref="RunNames.ClusterId"/>.</param>
/// <param name="Cluster">Where it runs.</param>
/// <param name="Image">Container image of the Flink version.</param>
/// <param name="Spec">What runs.</param>
/// <param name="Restore">Where the state comes from.</param>
/// <param name="Owner">Who owns the job.</param>
public sealed record RunPlan(
    Guid RunId,
    int Attempt,
    string Project,
    string JobName,
    int Version,
    string FlinkJobId,
    string ClusterId,
    ClusterSpec Cluster,
    string Image,
    JobSpec Spec,
    RestorePoint Restore,
    string Owner);
