using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xuanwu.Domain.Jobs;

namespace Xuanwu.Flink.Manifests;

/// <summary>
/// The files of a run's ConfigMap. Flink's settings are in a file and again on each process's command line, where they
/// win: the file is for what only the start scripts read (env.java.opts) and for people; the command line is the one
/// way that keeps every character in every version (the images' own means, FLINK_PROPERTIES, drops blanks and expands
/// globs).
/// </summary>
internal static class RunFiles
{
    private const string Header =
        "# The settings of this run. Each process has them on its command line too, where they win over these.\n";

    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public const string LoggingFile = "log4j-console.properties";

    /// <summary>
    /// Flink 1.19 reads the new file, but a present old one wins there; up to 1.18 there is only the old one.
    /// </summary>
    public static string SettingsFile(FlinkVersion version) =>
        version.AtLeast(1, 19) ? "config.yaml" : "flink-conf.yaml";

    /// <summary>
    /// Up to 1.18 lines of <c>key: value</c>, whatever the value; later YAML 1.2, with flat keys so that a key may be
    /// the beginning of another.
    /// </summary>
    public static string Settings(FlinkVersion version, IReadOnlyDictionary<string, string> settings)
    {
        var text = new StringBuilder(Header);
        foreach (var (key, value) in settings)
        {
            text.Append(key).Append(": ").Append(version.AtLeast(1, 19) ? Quoted(value) : value).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What runs here, for people and for finding it again.</summary>
    public static string Definition(RunPlan plan) => new JsonObject
    {
        ["run"] = plan.RunId.ToString(),
        ["attempt"] = plan.Attempt,
        ["project"] = plan.Project,
        ["job"] = plan.JobName,
        ["version"] = plan.Version,
        ["kind"] = plan.Spec.Jar is null ? nameof(JobKind.Sql) : nameof(JobKind.Jar),
        ["owner"] = plan.Owner,
        ["flinkVersion"] = plan.Spec.FlinkVersion,
        ["flinkJobId"] = plan.FlinkJobId,
        ["image"] = plan.Image,
        ["parallelism"] = plan.Spec.Parallelism,
        ["restoredFrom"] = plan.Restore.Path,
    }.ToJsonString(Readable) + "\n";

    /// <summary>
    /// Logging as in Flink's distribution: to the console, which is the pod's log, and to the file that the REST API
    /// serves.
    /// </summary>
    public const string Logging = """
        monitorInterval=30
        rootLogger.level = INFO
        rootLogger.appenderRef.console.ref = ConsoleAppender
        rootLogger.appenderRef.rolling.ref = RollingFileAppender
        logger.pekko.name = org.apache.pekko
        logger.pekko.level = INFO
        logger.akka.name = akka
        logger.akka.level = INFO
        logger.kafka.name = org.apache.kafka
        logger.kafka.level = INFO
        logger.hadoop.name = org.apache.hadoop
        logger.hadoop.level = INFO
        logger.zookeeper.name = org.apache.zookeeper
        logger.zookeeper.level = INFO
        logger.netty.name = org.jboss.netty.channel.DefaultChannelPipeline
        logger.netty.level = OFF
        appender.console.name = ConsoleAppender
        appender.console.type = CONSOLE
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n
        appender.rolling.name = RollingFileAppender
        appender.rolling.type = RollingFile
        appender.rolling.append = true
        appender.rolling.fileName = ${sys:log.file}
        appender.rolling.filePattern = ${sys:log.file}.%i
        appender.rolling.layout.type = PatternLayout
        appender.rolling.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n
        appender.rolling.policies.type = Policies
        appender.rolling.policies.size.type = SizeBasedTriggeringPolicy
        appender.rolling.policies.size.size = 50MB
        appender.rolling.policies.startup.type = OnStartupTriggeringPolicy
        appender.rolling.strategy.type = DefaultRolloverStrategy
        appender.rolling.strategy.max = ${env:MAX_LOG_FILE_NUMBER:-5}

        """;

    // A JSON string is a double-quoted YAML scalar.
    private static string Quoted(string value) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value)}\"";
}
