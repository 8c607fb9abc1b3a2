using Xuanwu.Domain.Clusters;

namespace Xuanwu.Domain.Tests.Clusters;

public sealed class ClusterSpecRulesTests
{
    public static readonly ClusterSpec Fine = new(
        "https://127.0.0.1:6443",
        "kubeconfig:conf/kubeconfig#laptop",
        "flink",
        "https://{run}.flink.example.com",
        "s3://bucket/ha",
        "hdfs://name/checkpoints",
        "file:///data/savepoints");

    [Fact]
    public void Common_specifications_are_fine()
    {
        Assert.Null(ClusterSpecRules.Check(Fine));
        Assert.Null(ClusterSpecRules.Check(Fine with { Credential = "in-cluster" }));
        Assert.Null(ClusterSpecRules.Check(Fine with { IngressHost = "http://{run}.localhost:8081" }));
    }

    public static TheoryData<ClusterSpec, string, string> Wrong => new()
    {
        { Fine with { ApiServer = "127.0.0.1:6443" }, "API_SERVER_INVALID", "apiServer" },
        { Fine with { ApiServer = "ftp://host" }, "API_SERVER_INVALID", "apiServer" },
        { Fine with { ApiServer = "https://me:secret@host" }, "API_SERVER_INVALID", "apiServer" },
        { Fine with { Credential = "eyJhbGciOi" }, "CREDENTIAL_INVALID", "credential" },
        { Fine with { Credential = "" }, "CREDENTIAL_INVALID", "credential" },
        { Fine with { Namespace = "Flink" }, "NAMESPACE_INVALID", "namespace" },
        { Fine with { Namespace = "-flink" }, "NAMESPACE_INVALID", "namespace" },
        { Fine with { Namespace = "flink\n" }, "NAMESPACE_INVALID", "namespace" },
        { Fine with { Namespace = new string('a', 64) }, "NAMESPACE_INVALID", "namespace" },
        { Fine with { IngressHost = "https://flink.example.com" }, "INGRESS_HOST_INVALID", "ingressHost" },
        { Fine with { IngressHost = "{run}.flink.example.com" }, "INGRESS_HOST_INVALID", "ingressHost" },
        { Fine with { HighAvailabilityDirectory = "ha" }, "DIRECTORY_INVALID", "highAvailabilityDirectory" },
        { Fine with { CheckpointDirectory = "/data/checkpoints" }, "DIRECTORY_INVALID", "checkpointDirectory" },
        { Fine with { SavepointDirectory = "s3://key:secret@bucket/sp" }, "DIRECTORY_INVALID", "savepointDirectory" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Each_rule_names_its_field(ClusterSpec spec, string code, string path)
    {
        var why = ClusterSpecRules.Check(spec);
        Assert.Equal((code, path), (why?.Code, why?.Path));
        Assert.DoesNotContain("secret", why!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flink", true)]
    [InlineData("flink:1.20-scala_2.12-java17", true)]
    [InlineData("registry.example.com:5000/team/flink:1.20", true)]
    [InlineData("flink@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", true)]
    [InlineData("", false)]
    [InlineData("Flink", false)]
    [InlineData("flink:", false)]
    [InlineData("flink 1.20", false)]
    [InlineData("flink@sha256:123", false)]
    public void Images_are_container_image_references(string image, bool fine) =>
        Assert.Equal(fine, ClusterSpecRules.CheckImage(image) is null);
}
