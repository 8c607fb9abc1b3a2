using Xuanwu.Domain.Jobs;
using Xuanwu.Flink.Settings;
using Xuanwu.Flink.Tests.Manifests;

namespace Xuanwu.Flink.Tests.Settings;

public sealed class FlinkSpecRulesTests
{
    [Theory]
    [InlineData("kubernetes.cluster-id", "x", "PARAMETER_OWNED")]
    [InlineData("high-availability", "none", "PARAMETER_OWNED")]
    [InlineData("high-availability.storageDir", "s3://x", "PARAMETER_OWNED")]
    [InlineData("recovery.mode", "none", "PARAMETER_OWNED")]
    [InlineData("jobmanager.memory.process.size", "1g", "PARAMETER_OWNED")]
    [InlineData("taskmanager.memory.process.size", "1g", "PARAMETER_OWNED")]
    [InlineData("jobmanager.rpc.address", "x", "PARAMETER_OWNED")]
    [InlineData("rest.port", "1", "PARAMETER_OWNED")]
    [InlineData("$internal.pipeline.job-id", "x", "PARAMETER_OWNED")]
    [InlineData("taskmanager.numberOfTaskSlots", "1", "PARAMETER_OWNED")]
    [InlineData("parallelism.default", "1", "PARAMETER_OWNED")]
    [InlineData("execution.savepoint.path", "s3://x", "PARAMETER_OWNED")]
    [InlineData("s3.secret-key", "hunter2", "SECRET_IN_CLEAR_TEXT")]
    [InlineData("fs.s3a.access.key", "hunter2", "SECRET_IN_CLEAR_TEXT")]
    [InlineData("security.ssl.rest.keystore-PASSWORD", "hunter2", "SECRET_IN_CLEAR_TEXT")]
    [InlineData("env.java.opts.all", "-Xmx1g -Djavax.net.ssl.keyStorePassword=x", "SECRET_IN_CLEAR_TEXT")]
    [InlineData("metrics.reporter.x.url", "http://user:pass@host/", "SECRET_IN_CLEAR_TEXT")]
    [InlineData("execution.checkpointing.interval", "often", "PARAMETER_INVALID")]
    [InlineData("a=b", "x", "PARAMETER_INVALID")]
    [InlineData("a b", "x", "PARAMETER_INVALID")]
    [InlineData("-D", "x", "PARAMETER_INVALID")]
    [InlineData("", "x", "PARAMETER_INVALID")]
    [InlineData("a", "x\ny: z", "PARAMETER_INVALID")]
    public void A_parameter_that_cannot_be_given_is_refused_with_its_key_and_a_sentence(
        string key, string value, string code)
    {
        var wrong = FlinkSpecRules.Check(With(key, value));

        Assert.Equal((code, "parameters." + key), (wrong?.Code, wrong?.Path));
        Assert.EndsWith(".", wrong!.Message, StringComparison.Ordinal);
        if (code == "SECRET_IN_CLEAR_TEXT") Assert.DoesNotContain(
            value, wrong.Message[key.Length..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rest.flamegraph.enabled", "true")]
    [InlineData("fs.s3a.aws.credentials.provider", "com.amazonaws.auth.WebIdentityTokenCredentialsProvider")]
    [InlineData("security.delegation.tokens.enabled", "false")]
    [InlineData("state.checkpoints.dir", "s3://mine")]
    [InlineData("env.java.opts.all", "-XX:+UseG1GC -Dfile.encoding=UTF-8")]
    [InlineData("metrics.reporter.x.url", "http://host:9091/")]
    public void A_parameter_that_is_the_users_is_taken(string key, string value) =>
        Assert.Null(FlinkSpecRules.Check(With(key, value)));

    [Fact]
    public void Two_spellings_of_one_key_are_refused()
    {
        var spec = Plans.Sql().Spec with
        {
            Parameters = new Dictionary<string, string>
            {
                ["state.savepoints.dir"] = "s3://a",
                ["execution.checkpointing.savepoint-dir"] = "s3://b",
            },
        };

        Assert.Equal("PARAMETER_TWICE", FlinkSpecRules.Check(spec)?.Code);
    }

    [Theory]
    [InlineData(
        "SET 'taskmanager.numberOfTaskSlots' = '4'; INSERT INTO a SELECT 1", "PARAMETER_OWNED", "Line 1, column 1:")]
    [InlineData("\n RESET '$internal.pipeline.job-id'; INSERT INTO a SELECT 1", "PARAMETER_OWNED", "Line 2, column 2:")]
    [InlineData("SELECT 1", "SQL_QUERY_AT_TOP", "Line 1, column 1:")]
    public void A_script_is_read_before_it_is_run(string sql, string code, string place)
    {
        var wrong = FlinkSpecRules.Check(Plans.Sql().Spec with { Sql = sql });

        Assert.Equal((code, "sql"), (wrong?.Code, wrong?.Path));
        Assert.StartsWith(place, wrong!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.20", "--password", "SECRET_IN_CLEAR_TEXT")]
    [InlineData("1.20", "--db.password=x", "SECRET_IN_CLEAR_TEXT")]
    [InlineData("1.15", "--input", "FLINK_VERSION_UNKNOWN")]
    [InlineData("2.9", "--input", "FLINK_VERSION_UNKNOWN")]
    [InlineData("1.20.1", "--input", "FLINK_VERSION_UNKNOWN")]
    [InlineData("1.20", "--input", null)]
    public void A_jar_is_checked_as_well(string version, string argument, string? code)
    {
        var plan = Plans.Jar();
        var spec = plan.Spec with { FlinkVersion = version, Jar = plan.Spec.Jar! with { Arguments = [argument, "x"] } };

        Assert.Equal(code, FlinkSpecRules.Check(spec)?.Code);
    }

    [Fact]
    public void Up_to_1_18_a_jar_comes_from_the_image_or_over_http()
    {
        var spec = Plans.Jar("1.18").Spec;

        Assert.Null(FlinkSpecRules.Check(spec));
        Assert.Equal(
            "JAR_URI_NOT_SUPPORTED",
            FlinkSpecRules.Check(spec with { Jar = spec.Jar! with { Uri = "s3://jars/a.jar" } })?.Code);
        Assert.Null(FlinkSpecRules.Check(
            spec with { FlinkVersion = "1.19", Jar = spec.Jar! with { Uri = "s3://jars/a.jar" } }));
    }

    private static JobSpec With(string key, string value) =>
        Plans.Sql().Spec with { Parameters = new Dictionary<string, string> { [key] = value } };
}
