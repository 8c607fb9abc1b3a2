using Xuanwu.Domain.Clusters;
using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Domain.Jobs;

/// <summary>What every draft must keep, whatever Flink says of it later.</summary>
public static class JobSpecRules
{
    /// <summary>The longest SQL text, in characters: a version is kept for ever and read often.</summary>
    public const int MaxSqlLength = 1_000_000;

    /// <summary>Flink parameters of one job, and characters of one value.</summary>
    public const int MaxParameters = 1000;

    private const int MaxParameterLength = 32_768;

    public static Rejection? Check(JobKind kind, JobSpec spec)
    {
        if (kind is JobKind.Sql)
        {
            if (spec.Jar is not null)
            {
                return Reject("SPEC_KIND_MISMATCH", "The job is of kind SQL; leave out the jar.", "jar");
            }

            if (string.IsNullOrWhiteSpace(spec.Sql)) return Reject("SQL_MISSING", "Give the SQL text.", "sql");
            if (spec.Sql.Length > MaxSqlLength)
            {
                return Reject(
                    "SQL_TOO_LARGE",
                    $"The SQL has {spec.Sql.Length:N0} characters; at most {MaxSqlLength:N0} are kept.",
                    "sql");
            }

            if (spec.Sql.Contains('\0')) return Reject("SQL_INVALID", "The SQL has a NUL character; remove it.", "sql");
        }

        else
        {
            if (spec.Sql is not null)
            {
                return Reject("SPEC_KIND_MISMATCH", "The job is of kind JAR; leave out the SQL.", "sql");
            }

            if (spec.Jar is null) return Reject("JAR_MISSING", "Give the jar: its uri and entry class.", "jar");
            // A bare path counts as absolute on Unix alone; a scheme is what says where the jar lies.
            if (!Uri.TryCreate(spec.Jar.Uri, UriKind.Absolute, out _)
                || !spec.Jar.Uri.Contains(":/", StringComparison.Ordinal))
            {
                return Reject(
                    "JAR_URI_INVALID",
                    "The jar's uri is not absolute; give one such as local:///opt/flink/usrlib/job.jar.",
                    "jar.uri");
            }

            if (string.IsNullOrWhiteSpace(spec.Jar.EntryClass))
            {
                return Reject("JAR_ENTRY_CLASS_MISSING", "Give the entry class.", "jar.entryClass");
            }

            if (Check(spec.Jar) is { } wrongJar) return wrongJar;
        }

        if (!ClusterSpecRules.IsVersion(spec.FlinkVersion))
        {
            return Reject(
                "FLINK_VERSION_INVALID",
                $"'{spec.FlinkVersion}' is not a Flink version; give major and minor, such as 1.20.",
                "flinkVersion");
        }

        if (spec.Parallelism is < 1 or > 32768)
        {
            return Reject(
                "PARALLELISM_INVALID",
                $"Parallelism {spec.Parallelism} is not possible; give 1 to 32768.",
                "parallelism");
        }

        if (Check(spec.Parameters) is { } wrongParameter) return wrongParameter;
        foreach (var catalog in spec.Catalogs)
        {
            if (Names.Check("catalog", catalog, "catalogs") is { } wrongName) return wrongName;
        }

        if (spec.Catalogs.Distinct(StringComparer.Ordinal).Count() != spec.Catalogs.Count)
        {
            return Reject("CATALOG_REPEATED", "A catalog is named twice; name each once.", "catalogs");
        }

        return Check(spec.Resources);
    }

    private static Rejection? Check(JarProgram jar)
    {
        var wrong = Texts.CheckLine("JAR_URI_INVALID", "jar's uri", jar.Uri, "jar.uri", most: 4096)
            ?? Texts.CheckLine("JAR_ENTRY_CLASS_INVALID", "entry class", jar.EntryClass, "jar.entryClass", most: 1024);
        if (wrong is not null) return wrong;
        if (jar.Arguments.Sum(argument => (long)argument.Length) > MaxSqlLength)
        {
            return Reject(
                "JAR_ARGUMENTS_INVALID",
                $"The arguments have more than {MaxSqlLength:N0} characters together; give a file's address in "
                + "their place.",
                "jar.arguments");
        }

        return jar.Arguments.Any(argument => argument.Contains('\0'))
            ? Reject("JAR_ARGUMENTS_INVALID", "An argument has a NUL character; remove it.", "jar.arguments")
            : null;
    }

    private static Rejection? Check(IReadOnlyDictionary<string, string> parameters)
    {
        if (parameters.Count > MaxParameters)
        {
            return Reject(
                "PARAMETER_INVALID",
                $"The job has {parameters.Count:N0} parameters; at most {MaxParameters:N0} are kept.",
                "parameters");
        }

        foreach (var (key, value) in parameters)
        {
            if (string.IsNullOrWhiteSpace(key))
            {
                return Reject(
                    "PARAMETER_INVALID", "A parameter has no key; give Flink's name of the setting.", "parameters");
            }

            var wrong = Texts.CheckLine("PARAMETER_INVALID", "key of a parameter", key, "parameters")
                ?? Texts.Check("PARAMETER_INVALID", $"value of {key}", value, $"parameters.{key}", MaxParameterLength);
            if (wrong is not null) return wrong;
        }

        return null;
    }

    private static Rejection? Check(Resources resources)
    {
        if (resources.JobManager.Replicas is < 1 or > 10) return Range("jobManager.replicas", "1 to 10");
        if (resources.TaskManager.Slots is < 1 or > 128) return Range("taskManager.slots", "1 to 128");
        if (resources.JobManager.Cpu is < 0.1 or > 128 or double.NaN)
        {
            return Range("jobManager.cpu", "0.1 to 128 cores");
        }

        if (resources.TaskManager.Cpu is < 0.1 or > 128 or double.NaN)
        {
            return Range("taskManager.cpu", "0.1 to 128 cores");
        }

        if (resources.JobManager.MemoryMiB is < 1 or > 1_048_576)
        {
            return Range("jobManager.memoryMiB", "1 to 1048576 MiB");
        }

        if (resources.TaskManager.MemoryMiB is < 1 or > 1_048_576)
        {
            return Range("taskManager.memoryMiB", "1 to 1048576 MiB");
        }

        return null;

        static Rejection Range(string field, string range) =>
            Reject("RESOURCES_INVALID", $"{field} is out of range; give {range}.", $"resources.{field}");
    }
}
