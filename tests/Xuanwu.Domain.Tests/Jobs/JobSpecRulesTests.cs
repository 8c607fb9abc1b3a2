using Xuanwu.Domain.Jobs;
using static Xuanwu.Domain.Tests.Jobs.JobStory;

namespace Xuanwu.Domain.Tests.Jobs;

public sealed class JobSpecRulesTests
{
    [Fact]
    public void Common_specifications_are_fine()
    {
        Assert.Null(JobSpecRules.Check(JobKind.Sql, Sql()));
        Assert.Null(JobSpecRules.Check(JobKind.Sql, Sql(new string('x', JobSpecRules.MaxSqlLength))));
        Assert.Null(JobSpecRules.Check(JobKind.Jar, Jar()));
        Assert.Null(JobSpecRules.Check(JobKind.Jar, Jar("s3://bucket/job.jar")));
    }

    private static Dictionary<string, string> Blank => new() { [" "] = "1" };

    public static TheoryData<JobSpec, string, string> WrongSql => new()
    {
        { Sql() with { Jar = Jar().Jar }, "SPEC_KIND_MISMATCH", "jar" },
        { Sql() with { Sql = null }, "SQL_MISSING", "sql" },
        { Sql(" \n"), "SQL_MISSING", "sql" },
        { Sql(new string('x', JobSpecRules.MaxSqlLength + 1)), "SQL_TOO_LARGE", "sql" },
        { Sql("SELECT '\0'"), "SQL_INVALID", "sql" },
        { Sql(flink: ""), "FLINK_VERSION_INVALID", "flinkVersion" },
        { Sql(flink: "1.20.1"), "FLINK_VERSION_INVALID", "flinkVersion" },
        { Sql() with { Parallelism = 0 }, "PARALLELISM_INVALID", "parallelism" },
        { Sql() with { Parallelism = 32769 }, "PARALLELISM_INVALID", "parallelism" },
        { Sql() with { Parameters = Blank }, "PARAMETER_INVALID", "parameters" },
        { Sql() with { Catalogs = ["hive", "hive"] }, "CATALOG_REPEATED", "catalogs" },
        { With(jm: new(1, 1600, 0)), "RESOURCES_INVALID", "resources.jobManager.replicas" },
        { With(jm: new(1, 1600, 11)), "RESOURCES_INVALID", "resources.jobManager.replicas" },
        { With(jm: new(0.05, 1600, 1)), "RESOURCES_INVALID", "resources.jobManager.cpu" },
        { With(jm: new(double.NaN, 1600, 1)), "RESOURCES_INVALID", "resources.jobManager.cpu" },
        { With(jm: new(1, 0, 1)), "RESOURCES_INVALID", "resources.jobManager.memoryMiB" },
        { With(tm: new(1, 2048, 0)), "RESOURCES_INVALID", "resources.taskManager.slots" },
        { With(tm: new(1, 2048, 129)), "RESOURCES_INVALID", "resources.taskManager.slots" },
        { With(tm: new(129, 2048, 1)), "RESOURCES_INVALID", "resources.taskManager.cpu" },
        { With(tm: new(1, 1_048_577, 1)), "RESOURCES_INVALID", "resources.taskManager.memoryMiB" },
    };

    [Theory]
    [MemberData(nameof(WrongSql))]
    public void Each_rule_of_a_SQL_job_names_its_field(JobSpec spec, string code, string path) =>
        Refused(JobKind.Sql, spec, code, path);

    public static TheoryData<JobSpec, string, string> WrongJar => new()
    {
        { Jar() with { Sql = "SELECT 1" }, "SPEC_KIND_MISMATCH", "sql" },
        { Jar() with { Jar = null }, "JAR_MISSING", "jar" },
        { Jar("job.jar"), "JAR_URI_INVALID", "jar.uri" },
        { Jar("/opt/flink/job.jar"), "JAR_URI_INVALID", "jar.uri" },
        { Jar() with { Jar = new("local:///job.jar", "", []) }, "JAR_ENTRY_CLASS_MISSING", "jar.entryClass" },
    };

    [Theory]
    [MemberData(nameof(WrongJar))]
    public void Each_rule_of_a_JAR_job_names_its_field(JobSpec spec, string code, string path) =>
        Refused(JobKind.Jar, spec, code, path);

    private static JobSpec With(JobManagerResources? jm = null, TaskManagerResources? tm = null) =>
        Sql() with { Resources = new(jm ?? Resources.Default.JobManager, tm ?? Resources.Default.TaskManager) };

    private static void Refused(JobKind kind, JobSpec spec, string code, string path)
    {
        var why = JobSpecRules.Check(kind, spec);
        Assert.Equal((code, path), (why?.Code, why?.Path));
    }
}
