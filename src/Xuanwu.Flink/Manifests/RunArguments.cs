namespace Xuanwu.Flink.Manifests;

/// <summary>Command lines of the Flink processes.</summary>
internal static class RunArguments
{
    /// <summary>Where a jar that Flink cannot fetch itself is put for its class loader to find.</summary>
    public const string UserLibraries = "/opt/flink/usrlib";

    /// <summary>
    /// <c>standalone-job</c> for a jar. Its own arguments stand after <c>--</c>: Flink's parser takes abbreviations, so
    /// a program's
    /// <c>--job</c> would be taken for an ambiguous <c>--job-id</c>.
    /// </summary>
    public static IEnumerable<string> StandaloneJob(RunPlan plan, IEnumerable<string> settings)
    {
        var jar = plan.Spec.Jar!;
        yield return "standalone-job";
        if (FlinkFetches(plan))
        {
            yield return "--jars";
            yield return Escaped(jar.Uri);
        }

        yield return "--job-classname";
        yield return Escaped(jar.EntryClass);

        // The default id is the same for all jobs, and with it their checkpoint directories.
        yield return "--job-id";
        yield return plan.FlinkJobId;
        if (plan.Restore.Path is { } path)
        {
            yield return "--fromSavepoint";
            yield return Escaped(path);
            if (plan.Restore.AllowNonRestoredState) yield return "--allowNonRestoredState";
        }

        foreach (var setting in settings) yield return setting;
        if (jar.Arguments.Count == 0) yield break;

        yield return "--";
        foreach (var argument in jar.Arguments) yield return Escaped(argument);
    }

    /// <summary>From 1.19 on Flink takes <c>--jars</c> and fetches what it names.</summary>
    public static bool FlinkFetches(RunPlan plan) => FlinkVersion.Parse(plan.Spec.FlinkVersion).AtLeast(1, 19);

    /// <summary>
    /// The address that an init container fetches the jar from; null when none has to: it is in the image, or Flink
    /// fetches it.
    /// </summary>
    public static string? FetchedJar(RunPlan plan) =>
        plan.Spec.Jar is { } jar && !FlinkFetches(plan) && new Uri(jar.Uri).Scheme is "http" or "https"
            ? jar.Uri
            : null;

    /// <summary>Kubernetes expands <c>$(NAME)</c> in arguments, and reads <c>$$(</c> as <c>$(</c>.</summary>
    public static string Escaped(string argument) => argument.Replace("$(", "$$(", StringComparison.Ordinal);
}
