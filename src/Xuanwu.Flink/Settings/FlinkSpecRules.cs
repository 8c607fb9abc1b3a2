using System.Text.RegularExpressions;
using Xuanwu.Domain;
using Xuanwu.Domain.Jobs;
using Xuanwu.FlinkSql;

namespace Xuanwu.Flink.Settings;

/// <summary>
/// What a job's specification must keep for Flink to run it, asked before a version is published rather than when it
/// starts.
/// </summary>
public static partial class FlinkSpecRules
{
    /// <summary>
    /// The first thing that is wrong; null when Flink can be given the job. SQL is only split here, not parsed.
    /// </summary>
    public static Rejection? Check(JobSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (!FlinkVersion.TryParse(spec.FlinkVersion, out var version, out var wrong))
        {
            return new("FLINK_VERSION_UNKNOWN", wrong!, "flinkVersion");
        }

        return Parameters(spec.Parameters)
            ?? FlinkMemory.Check(spec.Resources, spec.Parameters, version).Wrong
            ?? (spec.Jar is { } jar ? Jar(jar, version) : null)
            ?? (spec.Sql is { } sql ? Sql(sql) : null);
    }

    /// <summary>What is wrong with Flink parameters that a user gave.</summary>
    public static Rejection? Parameters(IReadOnlyDictionary<string, string> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in parameters.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            if (Parameter(key, value) is { } wrong) return wrong;
            if (!seen.TryAdd(FlinkKeys.Newest(key), key))
            {
                var other = seen[FlinkKeys.Newest(key)];
                return new(
                    "PARAMETER_TWICE",
                    $"{other} and {key} are two spellings of one Flink key; give one of them.",
                    $"parameters.{key}");
            }
        }

        return null;
    }

    /// <summary>What is wrong with one Flink parameter that a user gave, here or by SET in a script.</summary>
    public static Rejection? Parameter(string key, string value)
    {
        if (key.Length > 256 || !Key().IsMatch(key))
        {
            return Wrong(
                "PARAMETER_INVALID", "A parameter's key has letters, digits, '.', '-', '_' and '$' only, 256 at most.");
        }

        if (OwnedKeys.WhyNot(key) is { } why) return Wrong("PARAMETER_OWNED", $"{key} cannot be set: {why}.");
        if (SecretKeys.IsSecret(key) || SecretKeys.HoldsSecret(value))
        {
            return Wrong(
                "SECRET_IN_CLEAR_TEXT",
                $"{key} looks like it holds a secret, and parameters are shown and logged in clear text; leave it "
                + "out.");
        }

        if (value.Any(char.IsControl))
        {
            return Wrong(
                "PARAMETER_INVALID", $"The value of {key} has a line break or control character; remove it.");
        }

        if (value.Length > 32_768)
        {
            return Wrong(
                "PARAMETER_INVALID", $"The value of {key} has {value.Length} characters; at most 32768 are taken.");
        }

        if (key == FlinkKeys.CheckpointInterval && !FlinkDuration.TryParse(value, out _))
        {
            return Wrong(
                "PARAMETER_INVALID", $"{key} is '{value}', which is not a duration; write it like 30 s or 5 min.");
        }

        return null;

        Rejection Wrong(string code, string message) => new(code, message, $"parameters.{key}");
    }

    private static Rejection? Jar(JarProgram jar, FlinkVersion version)
    {
        if (jar.Arguments.Any(SecretKeys.HoldsSecret))
        {
            return new(
                "SECRET_IN_CLEAR_TEXT",
                "An argument looks like it holds a secret, and arguments are shown in clear text; leave it out.",
                "jar.arguments");
        }

        if (SecretKeys.HoldsSecret(jar.Uri))
        {
            return new("SECRET_IN_CLEAR_TEXT", "The jar's uri holds a password; give one without.", "jar.uri");
        }

        var scheme = new Uri(jar.Uri).Scheme;
        return version.AtLeast(1, 19) || scheme is "local" or "http" or "https"
            ? null
            : new(
                "JAR_URI_NOT_SUPPORTED",
                $"Flink {version} cannot fetch a jar from {scheme}; give a local, http or https uri, or use Flink "
                + "1.19 or later.",
                "jar.uri");
    }

    private static Rejection? Sql(string sql)
    {
        var (job, error) = SqlJob.Read(sql);
        if (error is not null) return new(error.Code, $"{Sentence(error.At)}: {error.Message}", "sql");
        foreach (var statement in job!.Preparation)
        {
            if (ParameterOf(statement) is { } wrong)
            {
                return new(wrong.Code, $"{Sentence(statement.Start)}: {wrong.Message}", "sql");
            }
        }

        return null;
    }

    /// <summary>
    /// What is wrong with the parameter that a statement sets or resets; null when nothing is or it does neither.
    /// </summary>
    internal static Rejection? ParameterOf(StatementText statement) => statement.Kind switch
    {
        StatementKind.Set when SetOption.TryParse(statement, out var option, out _) && option is not null =>
            Parameter(option.Key, option.Value),
        StatementKind.Reset when SetOption.ResetKey(statement) is { } key => Parameter(key, ""),
        _ => null,
    };

    private static string Sentence(SqlPosition at) => $"Line {at.Line}, column {at.Column}";

    [GeneratedRegex(@"\A[A-Za-z0-9_$][A-Za-z0-9_.$-]*\z")]
    private static partial Regex Key();
}
