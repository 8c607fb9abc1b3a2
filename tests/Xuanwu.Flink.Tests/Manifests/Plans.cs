using Xuanwu.Domain.Clusters;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Manifests;

namespace Xuanwu.Flink.Tests.Manifests;

/// <summary>Runs to render.</summary>
internal static class Plans
{
    public static readonly Guid RunId = Guid.Parse("0197c2a4-5b6d-7e8f-9a0b-1c2d3e4f5061");

    public static RunPlan Sql(string version = "1.20") => Of(version, "INSERT INTO b SELECT * FROM a", null);

    public static RunPlan Jar(string version = "1.20") =>
        Of(
            version,
            null,
            new("https://repo.example.com/jobs/clicks-1.4.jar", "com.example.Clicks", ["--input", "clicks $(date)"]));

    private static RunPlan Of(string version, string? sql, JarProgram? jar) => new(
        RunId,
        Attempt: 3,
        Project: "广告",
        JobName: "ad-click-windows",
        Version: 7,
        FlinkJobId: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        RunNames.ClusterId(RunId),
        new ClusterSpec(
            "https://kubernetes.example.com:6443",
            "in-cluster",
            "flink",
            "https://{run}.flink.example.com:8443",
            "s3://flink/ha/",
            "s3://flink/checkpoints",
            "s3://flink/savepoints"),
        Image: $"registry.example.com/flink:{version}-java17",
        new JobSpec(
            sql,
            jar,
            version,
            Parallelism: 5,
            new Resources(new(1, 1600, 2), new(1.5, 2048, 2)),
            new Dictionary<string, string>
            {
                ["state.backend"] = "rocksdb",
                ["execution.checkpointing.interval"] = "30 s",
                ["restart-strategy.type"] = "exponential-delay",
                ["env.java.opts.all"] = "-XX:+UseG1GC -Dfile.encoding=UTF-8",
                ["pipeline.name"] = "my job: \"v1\" $(POD_IP) #1",
            },
            []),
        new RestorePoint("s3://flink/savepoints/savepoint-0f1e2d-1", version, AllowNonRestoredState: true),
        Owner: "alice");
}
