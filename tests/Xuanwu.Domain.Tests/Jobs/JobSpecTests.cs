using FsCheck;
using FsCheck.Fluent;
using Xuanwu.Domain.Jobs;
using static Xuanwu.Domain.Tests.Jobs.JobStory;

namespace Xuanwu.Domain.Tests.Jobs;

public sealed class JobSpecTests
{
    [Fact]
    public void The_canonical_text_stays_as_it_is_for_versions_are_known_by_its_hash()
    {
        var spec = Sql("SELECT 1;\n-- 好", flink: "1.20") with
        {
            Parameters = new Dictionary<string, string> { ["state.backend"] = "rocksdb", ["pipeline.name"] = "clicks" },
            Catalogs = ["hive"],
        };
        Assert.Equal(
            """
            3:sql 14:SELECT 1;
            -- 好
            12:flinkVersion 4:1.20
            11:parallelism 1:2
            10:jobManager 8:1/1600/2
            11:taskManager 8:1/2048/2
            23:parameter pipeline.name 6:clicks
            23:parameter state.backend 7:rocksdb
            7:catalog 4:hive

            """,
            spec.Canonical());
        Assert.Matches("^[0-9a-f]{64}$", spec.Hash());
    }

    [Fact]
    public void The_order_of_parameters_says_nothing_and_the_order_of_catalogs_does()
    {
        var one = Sql() with
        {
            Parameters = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" },
            Catalogs = ["x", "y"],
        };
        var other = one with { Parameters = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" } };
        Assert.Equal(one.Hash(), other.Hash());
        Assert.NotEqual(one.Hash(), (one with { Catalogs = ["y", "x"] }).Hash());
    }

    [Fact]
    public void Two_specifications_have_the_same_text_exactly_when_they_say_the_same() =>
        Prop.ForAll(
                Specs.Two().ToArbitrary(),
                it => Printed.Of(it.One) == Printed.Of(it.Other) == (it.One.Canonical() == it.Other.Canonical()))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(2, 2, 1)]
    [InlineData(3, 2, 2)]
    [InlineData(8, 1, 8)]
    [InlineData(32768, 128, 256)]
    public void There_are_TaskManagers_for_every_slot_that_is_needed(int parallelism, int slots, int replicas) =>
        Assert.Equal(replicas, new TaskManagerResources(1, 2048, slots).ReplicasFor(parallelism));

    /// <summary>
    /// Specifications out of words that look like the canonical text itself, and often two that are nearly the same.
    /// </summary>
    private static class Specs
    {
        private static readonly Gen<string> Word = Gen.Elements(
            "", "x", "catalog", "argument", "sql", "7:catalog 1:x\n", "x\n7:catalog", "parameter x", "1:x", "\n");

        private static readonly Gen<JarProgram?> JarOrNone = Gen.OneOf(
            Gen.Constant((JarProgram?)null),
            from uri in Word
            from main in Word
            from arguments in Word.ListOf(2)
            from count in Gen.Choose(0, 2)
            select (JarProgram?)new JarProgram(uri, main, [.. arguments.Take(count)]));

        private static readonly Gen<JobSpec> One =
            from sql in Gen.OneOf(Gen.Constant((string?)null), Word.Select(word => (string?)word))
            from jar in JarOrNone
            from flink in Gen.Elements("1.19", "1.20")
            from parallelism in Gen.Choose(1, 2)
            from parameters in Pairs()
            from catalogs in Word.ListOf(2)
            from count in Gen.Choose(0, 2)
            select new JobSpec(sql, jar, flink, parallelism, Resources.Default, parameters, [.. catalogs.Take(count)]);

        public static Gen<(JobSpec One, JobSpec Other)> Two() => Gen.OneOf(
            from one in One
            from other in One
            select (one, other),
            // One field of the one in the other: the nearest that two can come.
            from one in One
            from other in One
            from field in Gen.Choose(0, 3)
            select (one, field switch
            {
                0 => one with { Sql = other.Sql },
                1 => one with { Parameters = other.Parameters },
                2 => one with { Catalogs = other.Catalogs },
                _ => one with { Parameters = other.Parameters, Catalogs = other.Catalogs },
            }));

        private static Gen<IReadOnlyDictionary<string, string>> Pairs() =>
            from keys in Word.ListOf(2)
            from values in Word.ListOf(2)
            from count in Gen.Choose(0, 2)
            select (IReadOnlyDictionary<string, string>)new SortedDictionary<string, string>(
                keys.Zip(values).Take(count).DistinctBy(it => it.First).ToDictionary(it => it.First, it => it.Second),
                StringComparer.Ordinal);
    }
}
