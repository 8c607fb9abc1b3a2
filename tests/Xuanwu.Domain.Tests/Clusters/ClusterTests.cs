using FsCheck;
using FsCheck.Fluent;
using Xuanwu.Domain.Clusters;

namespace Xuanwu.Domain.Tests.Clusters;

public sealed class ClusterTests
{
    private static readonly Aggregate<Cluster, ClusterEvent> TheCluster = new(
        Cluster.Absent, Cluster.Evolve, (cluster, command) => command switch
        {
            RegisterCluster it => Cluster.Decide(cluster, it),
            ChangeCluster it => Cluster.Decide(cluster, it),
            OfferFlinkVersion it => Cluster.Decide(cluster, it),
            _ => throw new ArgumentException($"{command} is no command of a cluster."),
        });

    private static readonly ClusterSpec Spec = ClusterSpecRulesTests.Fine;
    private static readonly ClusterSpec Other = Spec with { Namespace = "other" };
    private static readonly ClusterRegistered Registered = new("laptop", Spec);

    private static Story<Cluster, ClusterEvent> Given(params ClusterEvent[] past) => TheCluster.Given(past);

    [Fact]
    public void A_cluster_is_registered_under_a_name_of_its_own()
    {
        Given().When(new RegisterCluster("laptop", Spec)).Then(Registered)
            .When(new RegisterCluster("laptop", Other)).ThenRejected("CLUSTER_NAME_TAKEN", "name");
    }

    [Fact]
    public void Name_and_specification_follow_the_rules()
    {
        Given().When(new RegisterCluster("-", Spec)).ThenRejected("CLUSTER_NAME_INVALID", "name");
        var wrong = Spec with { Namespace = "Flink" };
        Given().When(new RegisterCluster("laptop", wrong)).ThenRejected("NAMESPACE_INVALID", "namespace");
        Given(Registered).When(new ChangeCluster(wrong)).ThenRejected("NAMESPACE_INVALID", "namespace");
    }

    [Fact]
    public void A_cluster_changes_only_when_it_differs()
    {
        Given(Registered).When(new ChangeCluster(Spec with { })).ThenNothing();
        Given(Registered).When(new ChangeCluster(Other)).Then(new ClusterChanged(Other)).When(new ChangeCluster(Other))
            .ThenNothing();
    }

    [Fact]
    public void A_Flink_version_is_offered_changed_and_withdrawn()
    {
        Given(Registered)
            .When(new OfferFlinkVersion("1.20", "flink:1.20")).Then(new FlinkVersionOffered("1.20", "flink:1.20"))
            .When(new OfferFlinkVersion("1.20", "flink:1.20.1")).Then(new FlinkVersionOffered("1.20", "flink:1.20.1"))
            .When(new OfferFlinkVersion("1.20", null)).Then(new FlinkVersionWithdrawn("1.20"))
            .When(new OfferFlinkVersion("1.20", null)).ThenNothing();
        Given(Registered, new FlinkVersionOffered("1.20", "flink:1.20"))
            .When(new OfferFlinkVersion("1.20", "flink:1.20")).ThenNothing();
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1.20.1")]
    [InlineData("v1.20")]
    [InlineData("1.020")]
    [InlineData("")]
    [InlineData("1.20\n")]
    public void A_Flink_version_is_major_and_minor(string version) =>
        Given(Registered).When(new OfferFlinkVersion(version, "flink"))
            .ThenRejected("FLINK_VERSION_INVALID", "version");

    [Fact]
    public void An_image_is_an_image() =>
        Given(Registered).When(new OfferFlinkVersion("1.20", "no image")).ThenRejected("IMAGE_INVALID", "image");

    [Fact]
    public void A_cluster_that_does_not_exist_is_not_changed()
    {
        Given().When(new ChangeCluster(Spec)).ThenRejected("CLUSTER_UNKNOWN", "clusterId");
        Given().When(new OfferFlinkVersion("1.20", "flink")).ThenRejected("CLUSTER_UNKNOWN", "clusterId");
    }

    [Fact]
    public void The_offer_is_listed_for_people()
    {
        Assert.Equal("none", Cluster.Absent.OfferedText);
        var two = Given(Registered, new FlinkVersionOffered("2.0", "b"), new FlinkVersionOffered("1.20", "a"));
        Assert.Equal("1.20, 2.0", two.State.OfferedText);
    }

    private static readonly Gen<object> Commands = Gen.Frequency(
        (2, Gen.Elements<object>(new RegisterCluster("laptop", Spec), new RegisterCluster("", Spec))),
        (2, Gen.Elements(Spec, Other, Spec with { ApiServer = "x" }).Select(spec => (object)new ChangeCluster(spec))),
        (4, from version in Gen.Elements("1.19", "1.20", "x")
            from image in Gen.Elements("flink:a", "flink:b", "!", null)
            select (object)new OfferFlinkVersion(version, image)));

    [Fact]
    public void Whatever_is_asked_a_cluster_begins_once_and_withdraws_only_what_it_offered() =>
        Laws.Hold(TheCluster, Commands, events =>
        {
            var offered = new HashSet<string>();
            return events.Select((it, at) => it is ClusterRegistered == (at == 0)).All(it => it)
                && events.All(it => it switch
                {
                    FlinkVersionOffered one => offered.Add(one.Version) || true,
                    FlinkVersionWithdrawn one => offered.Remove(one.Version),
                    _ => true,
                });
        });

    private sealed record ClusterPainted : ClusterEvent;

    [Fact]
    public void An_event_of_a_later_release_is_an_error() =>
        Assert.Throws<UnknownEvent>(() => Given(Registered, new ClusterPainted()));
}
