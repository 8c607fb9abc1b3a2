using System.Globalization;
using Xuanwu.Domain;
using Xuanwu.Domain.Jobs;

namespace Xuanwu.Flink.Settings;

/// <summary>How the memory of a JobManager's process is divided.</summary>
public sealed record JobManagerMemory(MemorySize Heap, MemorySize OffHeap, MemorySize Metaspace, MemorySize Overhead)
{
    public MemorySize Process => Heap + OffHeap + Metaspace + Overhead;
}

/// <summary>How the memory of a TaskManager's process is divided.</summary>
public sealed record TaskManagerMemory(
    MemorySize FrameworkHeap,
    MemorySize TaskHeap,
    MemorySize FrameworkOffHeap,
    MemorySize TaskOffHeap,
    MemorySize Managed,
    MemorySize Network,
    MemorySize Metaspace,
    MemorySize Overhead)
{
    public MemorySize Process =>
        FrameworkHeap + TaskHeap + FrameworkOffHeap + TaskOffHeap + Managed + Network + Metaspace + Overhead;
}

/// <summary>
/// Flink's memory model (docs, deployment/memory: mem_setup_tm, mem_setup_jobmanager; ProcessMemoryUtils,
/// TaskExecutorFlinkMemoryUtils). Flink computes the same when a process starts and ends the process when it does not
/// come out; asking here first turns a crash loop into a sentence.
/// <code>
///   process = overhead (10 %, 192m to 1g) + metaspace (256m) + Flink's memory
///   JobManager:  Flink's memory = off-heap (128m) + heap (the rest, at least 128m)
///   TaskManager: Flink's memory = framework heap (128m) + framework off-heap (128m) + task off-heap (0) + managed (40
/// %)
///                               + network (10 %, 64m or more) + task heap (the rest)
/// </code>
/// An explicit task heap makes the network the rest; an explicit task heap and managed size, or JobManager heap, makes
/// the overhead the rest.
/// </summary>
public static class FlinkMemory
{
    // TaskManagers above this size are beyond what the search for a size that fits tries.
    private const int LargestMiB = 1 << 20;

    /// <summary>Divides both processes' memory; exactly one of the division and the rejection is set.</summary>
    public static (FlinkMemorySplit? Split, Rejection? Wrong) Check(
        Resources resources, IReadOnlyDictionary<string, string> parameters, FlinkVersion version)
    {
        ArgumentNullException.ThrowIfNull(resources);
        var settings = new MemorySettings(parameters);
        try
        {
            if (!TryJobManager(resources.JobManager.MemoryMiB, settings, out var jobManager, out var problem))
            {
                return (null, Wrong(
                    "JobManager",
                    resources.JobManager.MemoryMiB,
                    "resources.jobManager.memoryMiB",
                    problem,
                    size => TryJobManager(size, settings, out _, out _)));
            }

            if (!TryTaskManager(resources.TaskManager.MemoryMiB, settings, version, out var taskManager, out problem))
            {
                return (null, Wrong(
                    "TaskManager",
                    resources.TaskManager.MemoryMiB,
                    "resources.taskManager.memoryMiB",
                    problem,
                    size => TryTaskManager(size, settings, version, out _, out _)));
            }

            return (new(jobManager!, taskManager!), null);
        }
        catch (MemorySettings.Unreadable wrong)
        {
            return (null, new("PARAMETER_INVALID", wrong.Message, $"parameters.{wrong.Key}"));
        }
    }

    private static bool TryJobManager(
        int sizeMiB, MemorySettings settings, out JobManagerMemory? memory, out string problem)
    {
        var process = MemorySize.OfMiB(sizeMiB);
        var metaspace = settings.Size("jobmanager.memory.jvm-metaspace.size", 256);
        var offHeap = settings.Size("jobmanager.memory.off-heap.size", 128);
        var least = settings.Size("jobmanager.memory.jvm-overhead.min", 192);
        var most = settings.Size("jobmanager.memory.jvm-overhead.max", 1024);
        var fraction = settings.Fraction("jobmanager.memory.jvm-overhead.fraction", 0.1f);
        memory = null;
        MemorySize heap, overhead;
        if (settings.Find("jobmanager.memory.heap.size") is { } explicitHeap)
        {
            heap = explicitHeap;
            overhead = process - metaspace - offHeap - heap;
            if (OutOfRange(overhead, least, most) is { } outside)
            {
                problem = $"the set heap of {heap}, off-heap of {offHeap} and metaspace of {metaspace} leave {outside}";
                return false;
            }
        }
        else
        {
            overhead = process.Times(fraction).Clamp(least, most);
            heap = process - metaspace - overhead - offHeap;
        }

        problem = $"overhead of {overhead}, metaspace of {metaspace} and off-heap of {offHeap} leave {Left(heap)} "
            + "for the heap, "
            + "which needs 128m";
        if (heap < MemorySize.OfMiB(128)) return false;
        memory = new(heap, offHeap, metaspace, overhead);
        return true;
    }

    private static bool TryTaskManager(
        int sizeMiB, MemorySettings settings, FlinkVersion version, out TaskManagerMemory? memory, out string problem)
    {
        const string key = "taskmanager.memory.";
        var process = MemorySize.OfMiB(sizeMiB);
        var metaspace = settings.Size(key + "jvm-metaspace.size", 256);
        var frameworkHeap = settings.Size(key + "framework.heap.size", 128);
        var frameworkOffHeap = settings.Size(key + "framework.off-heap.size", 128);
        var taskOffHeap = settings.Size(key + "task.off-heap.size", 0);
        var least = settings.Size(key + "jvm-overhead.min", 192);
        var most = settings.Size(key + "jvm-overhead.max", 1024);
        var networkLeast = settings.Size(key + "network.min", 64);

        // Unbounded from 1.17 on (FLINK-29642 in its release notes): the network's share grows with the process.
        var networkMost = settings.Find(key + "network.max")
            ?? (version.AtLeast(1, 17) ? new(long.MaxValue) : MemorySize.OfMiB(1024));
        var networkFraction = settings.Fraction(key + "network.fraction", 0.1f);
        var taskHeap = settings.Find(key + "task.heap.size");
        var managed = settings.Find(key + "managed.size");
        var fixedParts = frameworkHeap + frameworkOffHeap + taskOffHeap;
        memory = null;

        if (taskHeap is { } heap && managed is { } size)
        {
            var withoutNetwork = fixedParts + heap + size;
            var network = withoutNetwork.Times(networkFraction / (1 - networkFraction)).Clamp(
                networkLeast, networkMost);
            var rest = process - metaspace - withoutNetwork - network;
            memory = new(frameworkHeap, heap, frameworkOffHeap, taskOffHeap, size, network, metaspace, rest);
            problem = $"the set task heap of {heap} and managed memory of {size} leave {OutOfRange(rest, least, most)}";
            return OutOfRange(rest, least, most) is null;
        }

        var overhead = process.Times(settings.Fraction(key + "jvm-overhead.fraction", 0.1f)).Clamp(least, most);
        var flink = process - metaspace - overhead;
        var managedSize = managed ?? flink.Times(settings.Fraction(key + "managed.fraction", 0.4f));
        problem = $"overhead of {overhead} and metaspace of {metaspace} leave {Left(flink)} for Flink itself";
        if (flink.Bytes <= 0) return false;

        if (taskHeap is { } setHeap)
        {
            var network = flink - fixedParts - setHeap - managedSize;
            memory = new(
                frameworkHeap, setHeap, frameworkOffHeap, taskOffHeap, managedSize, network, metaspace, overhead);
            problem = $"the set task heap of {setHeap} leaves {Left(network)} for the network, which needs "
                + $"{networkLeast}";
            if (network <= networkMost) return network >= networkLeast;
            problem = $"the set task heap of {setHeap} leaves {network} for the network, which may have "
                + $"{networkMost} at most";
            return false;
        }

        var networkSize = flink.Times(networkFraction).Clamp(networkLeast, networkMost);
        var left = flink - fixedParts - managedSize - networkSize;
        memory = new(frameworkHeap, left, frameworkOffHeap, taskOffHeap, managedSize, networkSize, metaspace, overhead);
        problem = $"overhead of {overhead}, metaspace of {metaspace}, the framework's {fixedParts}, managed memory "
            + $"of {managedSize} and "
            + $"network memory of {networkSize} leave {Left(left)} for the task heap";
        return left.Bytes > 0;
    }

    private static string? OutOfRange(MemorySize overhead, MemorySize least, MemorySize most) => overhead < least
        ? $"{Left(overhead)} for the JVM's overhead, which needs {least}"
        : overhead > most ? $"{overhead} for the JVM's overhead, which may have {most} at most" : null;

    private static string Left(MemorySize size) => size.Bytes <= 0 ? "nothing" : size.ToString();

    private static Rejection Wrong(string process, int sizeMiB, string path, string problem, Func<int, bool> fits)
    {
        var advice = Least(fits) is { } least && least > sizeMiB
            ? string.Create(CultureInfo.InvariantCulture, $"give it at least {least} MiB")
            : "change the memory parameters or its memory";
        return new(
            "MEMORY_DOES_NOT_FIT",
            string.Create(
                CultureInfo.InvariantCulture,
                $"Flink cannot divide the {process}'s {sizeMiB} MiB: {problem}; {advice}."),
            path);
    }

    // More memory fits at least as well, but for an upper limit of the overhead; then there may be no answer.
    private static int? Least(Func<int, bool> fits)
    {
        var (tooSmall, enough) = (0, 1);
        while (enough < LargestMiB && !fits(enough)) (tooSmall, enough) = (enough, enough * 2);
        if (!fits(enough)) return null;
        while (enough - tooSmall > 1)
        {
            var middle = (enough + tooSmall) / 2;
            if (fits(middle)) enough = middle;
            else tooSmall = middle;
        }

        return enough;
    }
}

/// <summary>The memory of both kinds of processes.</summary>
public sealed record FlinkMemorySplit(JobManagerMemory JobManager, TaskManagerMemory TaskManager);
