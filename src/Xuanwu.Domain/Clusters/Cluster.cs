using System.Collections.Immutable;
using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Domain.Clusters;

public abstract record ClusterEvent;

public sealed record ClusterRegistered(string Name, ClusterSpec Spec) : ClusterEvent;

public sealed record ClusterChanged(ClusterSpec Spec) : ClusterEvent;

public sealed record FlinkVersionOffered(string Version, string Image) : ClusterEvent;

public sealed record FlinkVersionWithdrawn(string Version) : ClusterEvent;

public sealed record RegisterCluster(string Name, ClusterSpec Spec);

public sealed record ChangeCluster(ClusterSpec Spec);

/// <summary>Image null withdraws the offer.</summary>
public sealed record OfferFlinkVersion(string Version, string? Image);

// What is true now: only what a decision needs. What people look at is ClusterView.
public sealed record Cluster(ClusterSpec? Spec, ImmutableSortedDictionary<string, string> Offered)
{
    public static readonly Cluster Absent = new(Spec: null, ImmutableSortedDictionary<string, string>.Empty);

    public static Guid IdOf(string name) => Names.StreamId("cluster", name);

    public bool Exists => Spec is not null;

    public string OfferedText => Offered.IsEmpty ? "none" : string.Join(", ", Offered.Keys);

    public static Cluster Evolve(Cluster cluster, ClusterEvent happened) => happened switch
    {
        ClusterRegistered it => cluster with { Spec = it.Spec },
        ClusterChanged it => cluster with { Spec = it.Spec },
        FlinkVersionOffered it => cluster with { Offered = cluster.Offered.SetItem(it.Version, it.Image) },
        FlinkVersionWithdrawn it => cluster with { Offered = cluster.Offered.Remove(it.Version) },
        _ => throw new UnknownEvent(happened),
    };

    public static Decision<ClusterEvent> Decide(Cluster cluster, RegisterCluster command)
    {
        if (Names.Check("cluster", command.Name, "name") is { } badName) return badName;
        if (ClusterSpecRules.Check(command.Spec) is { } wrong) return wrong;
        if (cluster.Exists)
        {
            return Reject(
                "CLUSTER_NAME_TAKEN", $"There is a cluster named {command.Name} already; choose another name.", "name");
        }

        return new ClusterRegistered(command.Name, command.Spec);
    }

    public static Decision<ClusterEvent> Decide(Cluster cluster, ChangeCluster command)
    {
        if (!cluster.Exists) return Unknown();
        if (ClusterSpecRules.Check(command.Spec) is { } wrong) return wrong;
        if (cluster.Spec == command.Spec) return Nothing;
        return new ClusterChanged(command.Spec);
    }

    public static Decision<ClusterEvent> Decide(Cluster cluster, OfferFlinkVersion command)
    {
        if (!cluster.Exists) return Unknown();
        if (!ClusterSpecRules.IsVersion(command.Version))
        {
            return Reject(
                "FLINK_VERSION_INVALID",
                $"'{command.Version}' is not a Flink version; give major and minor, such as 1.20.",
                "version");
        }

        var offered = cluster.Offered.GetValueOrDefault(command.Version);
        if (offered == command.Image) return Nothing;
        if (command.Image is null) return new FlinkVersionWithdrawn(command.Version);
        if (ClusterSpecRules.CheckImage(command.Image) is { } wrong) return wrong;
        return new FlinkVersionOffered(command.Version, command.Image);
    }

    private static Rejection Unknown() => Reject("CLUSTER_UNKNOWN", "There is no cluster with this id.", "clusterId");
}
