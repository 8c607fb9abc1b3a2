using Xuanwu.FlinkSql.Mapping;

namespace Xuanwu.FlinkSql.Tests.Mapping;

public sealed class ParameterMappingTests
{
    [Theory]
    [InlineData("1.19", "state.checkpoints.dir", "state.checkpoints.dir")]
    [InlineData("1.20", "state.checkpoints.dir", "execution.checkpointing.dir")]
    [InlineData("2.2", "state.checkpoints.dir", "execution.checkpointing.dir")]
    [InlineData("1.19", "execution.checkpointing.dir", "state.checkpoints.dir")]
    [InlineData("1.17", "pekko.ask.timeout", "akka.ask.timeout")]
    [InlineData("1.18", "akka.ask.timeout", "pekko.ask.timeout")]
    [InlineData("1.16", "state.backend.type", "state.backend")]
    [InlineData("2.0", "state.backend", "state.backend.type")]
    [InlineData("2.0", "restart-strategy", "restart-strategy.type")]
    [InlineData("1.19", "state.backend.fs.checkpointdir", "state.checkpoints.dir")]
    [InlineData("2.1", "state.backend.fs.checkpointdir", "execution.checkpointing.dir")]
    [InlineData("1.18", "execution.checkpointing.data-inline-threshold", "state.storage.fs.memory-threshold")]
    [InlineData("1.20", "execution.savepoint-restore-mode", "execution.state-recovery.claim-mode")]
    [InlineData("2.0", "table.exec.topn-cache-size", "table.exec.rank.topn-cache-size")]
    [InlineData("2.0", "parallelism.default", "parallelism.default")]
    public void A_key_is_spelt_as_the_target_reads_it(string flink, string before, string after)
    {
        var mapped = To(flink, (before, "x"));
        Assert.Equal([after], mapped.Parameters.Select(each => each.Key));
        Assert.Equal(before == after ? 0 : 1, mapped.Changes.Count);
        Assert.Empty(mapped.Problems);
    }

    [Fact]
    public void A_change_says_what_why_and_where_that_was_read()
    {
        var change = Assert.Single(To("2.0", ("state.savepoints.dir", "s3://b/s")).Changes);
        Assert.Equal("configuration: state.savepoints.dir", change.Rule);
        Assert.Equal("state.savepoints.dir: s3://b/s", change.Before);
        Assert.Equal("execution.checkpointing.savepoint-dir: s3://b/s", change.After);
        Assert.Equal("Flink 1.20 has the new spelling; the old one is deprecated.", change.Why);
        Assert.Equal("the option class of the new key", change.Source);
    }

    [Fact]
    public void One_key_becomes_two_and_two_become_one_again()
    {
        var up = To("1.20", ("state.backend.local-recovery", "true"));
        Assert.Equal(
            ["execution.checkpointing.local-backup.enabled", "execution.state-recovery.from-local"],
            up.Parameters.Select(each => each.Key));
        var down = SqlMapping.Parameters(up.Parameters, SqlTarget.Of("1.19"));
        Assert.Equal([new KeyValuePair<string, string>("state.backend.local-recovery", "true")], down.Parameters);
        Assert.Empty(down.Problems);
    }

    [Fact]
    public void Two_that_differ_cannot_become_one()
    {
        var down = To(
            "1.19",
            ("execution.checkpointing.local-backup.enabled", "true"),
            ("execution.state-recovery.from-local", "false"));
        Assert.Equal(2, down.Parameters.Count);
        Assert.All(down.Problems, problem => Assert.Equal("SQL_MAP_BY_HAND", problem.Code));
        Assert.NotEmpty(down.Problems);
    }

    [Fact]
    public void There_are_never_both_spellings()
    {
        var mapped = To("2.0", ("state.backend", "rocksdb"), ("state.backend.type", "hashmap"));
        Assert.Equal([new KeyValuePair<string, string>("state.backend.type", "hashmap")], mapped.Parameters);
        var problem = Assert.Single(mapped.Problems);
        Assert.Equal("SQL_MAP_TWICE", problem.Code);
        Assert.False(problem.IsError);

        var down = To("1.16", ("state.backend", "rocksdb"), ("state.backend.type", "rocksdb"));
        Assert.Equal([new KeyValuePair<string, string>("state.backend", "rocksdb")], down.Parameters);
        Assert.Empty(down.Problems);
    }

    [Fact]
    public void A_value_changes_where_its_key_did_more_than_change_its_name()
    {
        var mapped = To(
            "2.0",
            ("cluster.evenly-spread-out-slots", "true"),
            ("table.exec.shuffle-mode", "ALL_EDGES_BLOCKING"),
            ("state.backend", "filesystem"),
            ("metrics.reporter.prom.class", "org.apache.flink.metrics.prometheus.PrometheusReporter"));
        Assert.Equal(
            [
                "taskmanager.load-balance.mode=SLOTS", "execution.batch-shuffle-mode=ALL_EXCHANGES_BLOCKING",
                "state.backend.type=hashmap", "execution.checkpointing.storage=filesystem",
                "metrics.reporter.prom.factory.class=org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
            ],
            mapped.Parameters.Select(each => $"{each.Key}={each.Value}"));
    }

    [Fact]
    public void What_is_gone_is_left_out_and_told()
    {
        var mapped = To("2.0", ("state.backend.async", "true"));
        Assert.Empty(mapped.Parameters);
        Assert.Equal("SQL_MAP_LOST", Assert.Single(mapped.Problems).Code);
        Assert.Equal("state.backend.async: true", Assert.Single(mapped.Changes).Before);
        Assert.Single(To("1.20", ("state.backend.async", "true")).Parameters);
    }

    [Fact]
    public void What_only_a_person_can_map_stays_and_is_told()
    {
        var mapped = To("2.0", ("pipeline.registered-kryo-types", "com.example.A"));
        Assert.Single(mapped.Parameters);
        var problem = Assert.Single(mapped.Problems);
        Assert.Equal("SQL_MAP_BY_HAND", problem.Code);
        Assert.True(problem.IsError);
    }

    [Fact]
    public void A_key_is_followed_through_all_its_names()
    {
        var mapped = To("2.0", ("taskmanager.refused-registration-pause", "10 s"));
        Assert.Empty(mapped.Parameters);
        Assert.Contains("taskmanager.registration.refused-backoff", Assert.Single(mapped.Changes).Rule);
    }

    [Fact]
    public void A_secret_is_not_repeated_in_the_changes()
    {
        var (rules, _) = MappingRules.Shipped.With(new Dictionary<string, string>
        {
            ["own.rules"] = "rules configuration\ns3.old-secret-key -> s3.secret-key since=1.18\n",
        });
        var mapped = SqlMapping.Parameters(
            [new("s3.old-secret-key", "hush")], SqlTarget.Of("1.20"), rules);
        Assert.Equal("hush", Assert.Single(mapped.Parameters).Value);
        Assert.DoesNotContain("hush", Assert.Single(mapped.Changes).ToString());
    }

    // There and back again: whatever the release between, the settings mean the same, so their spellings for the
    // newest release are the same.
    [Fact]
    public void There_and_back_again_means_the_same()
    {
        var both = MappingRules.Shipped.All.Where(rule => rule.File == "configuration" && rule.BothWays).ToArray();
        Assert.True(both.Length > 80);
        string[] releases = ["1.16", "1.17", "1.18", "1.19", "1.20", "2.0", "2.1", "2.2"];
        var random = new Random(4711);
        for (var run = 0; run < 300; run++)
        {
            var keys = Enumerable.Range(0, 6).Select(_ => both[random.Next(both.Length)])
                .Select(rule => random.Next(2) == 0 ? rule.Old.Key : rule.New[0].Key).Distinct().ToArray();
            var written = keys.Select((key, at) => new KeyValuePair<string, string>(key, $"v{at % 2}")).ToArray();
            var home = SqlTarget.Of(releases[random.Next(releases.Length)]);
            var away = SqlTarget.Of(releases[random.Next(releases.Length)]);
            var start = SqlMapping.Parameters(written, home);
            if (start.Problems.Count > 0) continue;
            var there = SqlMapping.Parameters(start.Parameters, away);
            if (there.Problems.Count > 0) continue;
            var back = SqlMapping.Parameters(there.Parameters, home);
            Assert.Equal(Meaning(start.Parameters), Meaning(back.Parameters));
            Assert.Empty(back.Problems);
        }

        static IEnumerable<string> Meaning(IEnumerable<KeyValuePair<string, string>> parameters) =>
            SqlMapping.Parameters(parameters, SqlTarget.Of("2.2")).Parameters
                .Select(each => $"{each.Key}={each.Value}").Order();
    }

    [Fact]
    public void Mapping_again_changes_nothing_more()
    {
        foreach (var rule in MappingRules.Shipped.All.Where(rule => rule.File == "configuration"))
        {
            foreach (var flink in (string[])["1.16", "1.19", "1.20", "2.2"])
            {
                var once = To(flink, (rule.Old.Key.Replace("#", "x"), rule.Old.Value ?? "1"));
                var twice = SqlMapping.Parameters(once.Parameters, SqlTarget.Of(flink));
                Assert.Equal(once.Parameters, twice.Parameters);
            }
        }
    }

    private static MappedParameters To(string flink, params (string Key, string Value)[] parameters) =>
        SqlMapping.Parameters(
            parameters.Select(each => new KeyValuePair<string, string>(each.Key, each.Value)), SqlTarget.Of(flink));
}
