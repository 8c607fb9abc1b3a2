using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Xuanwu.Domain.Jobs;

/// <summary>How a job is written.</summary>
public enum JobKind
{
    /// <summary>Flink SQL, run through the SQL gateway of the job's own cluster.</summary>
    Sql,

    /// <summary>A jar with an entry class.</summary>
    Jar,
}

/// <summary>What a version of a job says: all that decides what runs.</summary>
/// <param name="Sql">The SQL text; set for SQL jobs only.</param>
/// <param name="Jar">The jar; set for JAR jobs only.</param>
/// <param name="FlinkVersion">The Flink version, major and minor, such as 1.20.</param>
/// <param name="Parallelism">The default parallelism.</param>
/// <param name="Resources">
/// CPU and memory of the containers: the one source for their limits and for Flink's memory settings.
/// </param>
/// <param name="Parameters">Flink configuration keys and their values.</param>
/// <param name="Catalogs">Names of the registered catalogs that are injected before the SQL runs.</param>
public sealed record JobSpec(
    string? Sql,
    JarProgram? Jar,
    string FlinkVersion,
    int Parallelism,
    Resources Resources,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyList<string> Catalogs)
{
    /// <summary>
    /// The canonical text of the specification, one field a line with lengths before free text, so that two
    /// specifications have the same text exactly when they say the same. Parameters are in ordinal order of their keys.
    /// </summary>
    public string Canonical()
    {
        var text = new StringBuilder();
        Line("sql", Sql);
        Line("jar", Jar?.Uri);
        Line("entryClass", Jar?.EntryClass);
        foreach (var argument in Jar?.Arguments ?? []) Line("argument", argument);
        Line("flinkVersion", FlinkVersion);
        Line("parallelism", Parallelism.ToString(CultureInfo.InvariantCulture));
        Line("jobManager", Resources.JobManager.ToString());
        Line("taskManager", Resources.TaskManager.ToString());
        foreach (var (key, value) in Parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
        {
            // With a word in front: a parameter may be named like a field.
            Line($"parameter {key}", value);
        }

        foreach (var catalog in Catalogs) Line("catalog", catalog);
        return text.ToString();

        void Line(string name, string? value)
        {
            if (value is null) return;
            text.Append(CultureInfo.InvariantCulture, $"{name.Length}:{name} {value.Length}:{value}\n");
        }
    }

    /// <summary>SHA-256 of the canonical text, in lower-case hex.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical())));
}

/// <summary>A jar to run.</summary>
/// <param name="Uri">Where the jar lies: local (inside the image), http, https, s3, hdfs, oss …</param>
/// <param name="EntryClass">The class whose main method builds the job.</param>
/// <param name="Arguments">Arguments of the main method.</param>
public sealed record JarProgram(string Uri, string EntryClass, IReadOnlyList<string> Arguments);

/// <summary>What the two groups of containers get.</summary>
public sealed record Resources(JobManagerResources JobManager, TaskManagerResources TaskManager)
{
    /// <summary>Small enough for a laptop, large enough for Flink's own memory model.</summary>
    public static readonly Resources Default = new(new(1, 1600, 2), new(1, 2048, 2));
}

/// <summary>The JobManager group: one leader, the others standby.</summary>
/// <param name="Cpu">Cores of each container.</param>
/// <param name="MemoryMiB">Memory of each container in MiB; Flink's jobmanager.memory.process.size.</param>
/// <param name="Replicas">Pods of the group.</param>
public sealed record JobManagerResources(double Cpu, int MemoryMiB, int Replicas)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Cpu}/{MemoryMiB}/{Replicas}");
}

/// <summary>The TaskManager group; its replicas follow from the parallelism.</summary>
/// <param name="Cpu">Cores of each container.</param>
/// <param name="MemoryMiB">Memory of each container in MiB; Flink's taskmanager.memory.process.size.</param>
/// <param name="Slots">Task slots of each TaskManager.</param>
public sealed record TaskManagerResources(double Cpu, int MemoryMiB, int Slots)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Cpu}/{MemoryMiB}/{Slots}");

    /// <summary>Flink starts no TaskManager in standalone mode: the platform owns the count.</summary>
    public int ReplicasFor(int parallelism) => (parallelism + Slots - 1) / Slots;
}
