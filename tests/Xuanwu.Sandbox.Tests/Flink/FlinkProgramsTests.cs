using Xuanwu.Sandbox.Flink;

namespace Xuanwu.Sandbox.Tests.Flink;

public sealed class FlinkProgramsTests
{
    [Theory]
    [InlineData("flink:1.19", "jobmanager")]
    [InlineData("registry.example:5000/x/flink:1.20.1-scala_2.12-java11", "taskmanager")]
    [InlineData("registry.example/x/flink:2.0-java17", "standalone-job")]
    [InlineData("xuanwu-flink:1.18.1", "/docker-entrypoint.sh jobmanager $(POD_IP)")]
    [InlineData("flink:1.20", "/opt/flink/bin/sql-gateway.sh start-foreground "
        + "-Dsql-gateway.endpoint.rest.address=0.0.0.0")]
    [InlineData("flink:1.20@sha256:0123", "jobmanager")]
    public void An_image_of_flink_runs_the_process_that_its_arguments_name(string image, string arguments)
    {
        using var programs = new FlinkPrograms();
        Assert.NotNull(programs.Find(image, arguments.Split(' ')));
    }

    [Theory]
    [InlineData("nginx:1.19", "jobmanager")]
    [InlineData("flink:latest", "jobmanager")]
    [InlineData("flink", "jobmanager")]
    [InlineData("flink:1.20", "history-server")]
    [InlineData("flink:1.20", "")]
    [InlineData("flink:1.15.4", "sql-gateway")]
    public void Anything_else_is_not_for_flink(string image, string arguments)
    {
        using var programs = new FlinkPrograms();
        Assert.Null(programs.Find(image, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }
}
