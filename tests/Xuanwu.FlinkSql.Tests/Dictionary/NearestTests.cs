using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Tests.Dictionary;

public sealed class NearestTests
{
    [Theory]
    [InlineData("scan.startup-mode", "scan.startup.mode")]
    [InlineData("scan.startup.mod", "scan.startup.mode")]
    [InlineData("propertes.bootstrap.servers", "properties.bootstrap.servers")]
    [InlineData("tpoic", "topic")]
    [InlineData("Topic", "topic")]
    [InlineData("completely.different", null)]
    public void The_least_edited_name_is_meant(string written, string? meant) =>
        Assert.Equal(meant, Nearest.To(
            written, ["topic", "topic-pattern", "scan.startup.mode", "properties.bootstrap.servers", "format"]));
}
