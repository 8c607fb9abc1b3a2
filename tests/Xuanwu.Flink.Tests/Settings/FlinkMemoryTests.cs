using Xuanwu.Domain.Jobs;
using Xuanwu.Flink.Settings;

namespace Xuanwu.Flink.Tests.Settings;

public sealed class FlinkMemoryTests
{
    private static readonly FlinkVersion Version = new(1, 20);
    private static readonly Dictionary<string, string> None = [];

    // The numbers that Flink prints when it starts a TaskManager of 1728m.
    [Fact]
    public void The_default_sizes_are_divided_as_flink_divides_them()
    {
        var (split, wrong) = FlinkMemory.Check(Of(1600, 1728), None, Version);

        Assert.Null(wrong);
        var (jm, tm) = (split!.JobManager, split.TaskManager);
        Assert.Equal(["1024m", "128m", "256m", "192m"], Texts(jm.Heap, jm.OffHeap, jm.Metaspace, jm.Overhead));
        Assert.Equal(
            ["128m", "128m", "0m", "256m", "192m"],
            Texts(tm.FrameworkHeap, tm.FrameworkOffHeap, tm.TaskOffHeap, tm.Metaspace, tm.Overhead));
        Assert.Equal((402653174, 536870920, 134217730), (tm.TaskHeap.Bytes, tm.Managed.Bytes, tm.Network.Bytes));
        Assert.Equal(MemorySize.OfMiB(1728), tm.Process);
        Assert.Equal(MemorySize.OfMiB(1600), jm.Process);
    }

    [Theory]
    [InlineData(1600, 500, "TaskManager")]
    [InlineData(1600, 1, "TaskManager")]
    [InlineData(500, 1728, "JobManager")]
    public void What_does_not_fit_is_told_with_the_least_that_does(int jobManager, int taskManager, string process)
    {
        var (_, wrong) = FlinkMemory.Check(Of(jobManager, taskManager), None, Version);

        Assert.Equal("MEMORY_DOES_NOT_FIT", wrong!.Code);
        Assert.Contains($"the {process}'s", wrong.Message, StringComparison.Ordinal);
        var least = int.Parse(
            wrong.Message.Split("at least ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Null(FlinkMemory.Check(With(least), None, Version).Wrong);
        Assert.NotNull(FlinkMemory.Check(With(least - 1), None, Version).Wrong);

        Resources With(int size) => process == "JobManager" ? Of(size, 1728) : Of(1600, size);
    }

    [Theory]
    [InlineData("taskmanager.memory.managed.fraction=0", null)]
    [InlineData("taskmanager.memory.managed.size=1g", "at least")]
    [InlineData("taskmanager.memory.task.heap.size=300m", null)]
    [InlineData("taskmanager.memory.task.heap.size=2g", "leaves nothing for the network")]
    [InlineData("taskmanager.memory.task.heap.size=512m,taskmanager.memory.managed.size=256m", null)]
    [InlineData("taskmanager.memory.task.heap.size=100m,taskmanager.memory.managed.size=0", "at most")]
    [InlineData("taskmanager.network.memory.max=32m,taskmanager.memory.network.min=16m", null)]
    [InlineData("jobmanager.memory.heap.size=1g", null)]
    [InlineData("jobmanager.memory.heap.size=100m", "at most")]
    [InlineData("jobmanager.memory.off-heap.size=2g", "leave nothing for the heap")]
    [InlineData("jobmanager.memory.jvm-metaspace.size=lots", "not an amount of memory")]
    [InlineData("taskmanager.memory.network.fraction=1", "not a fraction")]
    public void Parameters_change_the_division(string parameters, string? wrong)
    {
        var given = parameters.Split(',').Select(each => each.Split('=')).ToDictionary(
            pair => pair[0], pair => pair[1]);

        var (split, rejection) = FlinkMemory.Check(Of(1600, 1728), given, Version);

        if (wrong is null)
        {
            Assert.Null(rejection);
            Assert.Equal(MemorySize.OfMiB(1728), split!.TaskManager.Process);
            Assert.Equal(MemorySize.OfMiB(1600), split.JobManager.Process);
        }
        else
        {
            Assert.Contains(wrong, rejection!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Up_to_1_16_the_network_is_bounded()
    {
        var resources = Of(1600, 32_768);

        Assert.Equal(MemorySize.OfMiB(1024), Network(new(1, 16)));
        Assert.True(Network(new(1, 17)) > MemorySize.OfMiB(3000));

        MemorySize Network(FlinkVersion version) =>
            FlinkMemory.Check(resources, None, version).Split!.TaskManager.Network;
    }

    private static Resources Of(int jobManagerMiB, int taskManagerMiB) =>
        new(new(1, jobManagerMiB, 1), new(1, taskManagerMiB, 1));

    private static string[] Texts(params MemorySize[] sizes) => [.. sizes.Select(size => size.ToString())];
}
