using System.Collections.Immutable;
using Xuanwu.Domain;
using Xuanwu.Domain.Clusters;
using Xuanwu.EventStore;

namespace Xuanwu.Server.Clusters;

/// <summary>A Flink version that a cluster offers, as the image that runs it.</summary>
public sealed record FlinkVersionView(string Version, string Image);

/// <summary>Where jobs run: a namespace of a Kubernetes cluster.</summary>
public sealed record ClusterView(
    Guid Id, string Name, ClusterSpec Spec, ImmutableList<FlinkVersionView> FlinkVersions, DateTimeOffset ChangedAt)
{
    public static readonly StreamView<ClusterView, ClusterEvent> Stored = new("cluster", Evolve);

    public static ClusterView? Evolve(ClusterView? cluster, Recorded<ClusterEvent> recorded) =>
        (cluster, recorded.Event) switch
        {
            (_, ClusterRegistered it) => new(recorded.StreamId, it.Name, it.Spec, [], recorded.At),
            ({ } known, ClusterChanged it) => known with { Spec = it.Spec, ChangedAt = recorded.At },
            ({ } known, FlinkVersionOffered it) => known with
            {
                FlinkVersions = known.FlinkVersions
                    .RemoveAll(offered => offered.Version == it.Version)
                    .Add(new(it.Version, it.Image))
                    .Sort((one, other) => Version.Parse(one.Version).CompareTo(Version.Parse(other.Version))),
                ChangedAt = recorded.At,
            },
            ({ } known, FlinkVersionWithdrawn it) => known with
            {
                FlinkVersions = known.FlinkVersions.RemoveAll(offered => offered.Version == it.Version),
                ChangedAt = recorded.At,
            },
            _ => throw new UnknownEvent(recorded.Event),
        };
}
