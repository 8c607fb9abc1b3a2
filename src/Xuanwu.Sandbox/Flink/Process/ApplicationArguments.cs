using Xuanwu.Sandbox.Flink.Gateway;
using Xuanwu.Sandbox.Flink.Jobs;

namespace Xuanwu.Sandbox.Flink.Process;

/// <summary>
/// The arguments of <c>standalone-job</c>: which program makes the job, from which state, and the program's own
/// arguments.
/// </summary>
internal sealed record ApplicationArguments(
    string? ClassName, string JobId, string? FromSavepoint, bool AllowNonRestoredState,
    IReadOnlyList<string> ProgramArguments)
{
    private const string SqlDriver = "org.apache.flink.table.runtime.application.SqlDriver";

    public static ApplicationArguments Parse(IReadOnlyList<string> arguments)
    {
        string? className = null, savepoint = null;
        var jobId = JobGraph.ZeroJobId;
        var allow = false;
        var own = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            string Next() => i + 1 < arguments.Count ? arguments[++i] : "";
            switch (arguments[i])
            {
                case "--job-classname" or "-j":
                    className = Next();
                    break;
                case "--job-id" or "-jid":
                    jobId = Next();
                    break;
                case "--fromSavepoint" or "-s":
                    savepoint = Next();
                    break;
                case "--allowNonRestoredState" or "-n":
                    allow = true;
                    break;
                case "--host" or "-h" or "--jars" or "--configDir" or "-c" or "-D" or "--webui-port" or "-r":
                case "--restoreMode" or "-rm":
                    Next();
                    break;
                case "--": // what follows is the program's, whatever it looks like
                    own.AddRange(arguments.Skip(i + 1));
                    i = arguments.Count;
                    break;
                case var dynamic when dynamic.StartsWith("-D", StringComparison.Ordinal):
                    break;
                case var other:
                    own.Add(other);
                    break;
            }
        }

        return new ApplicationArguments(className, jobId, savepoint, allow, own);
    }

    /// <exception cref="FlinkFailure">The program cannot be run.</exception>
    public JobGraph Graph(FlinkSettings settings, FlinkVersion version, IReadOnlyDictionary<string, string> files)
    {
        if (!JobGraph.IsJobId(JobId))
        {
            throw new FlinkFailure(
                "java.lang.IllegalArgumentException", $"Cannot parse JobID from \"{JobId}\". The expected format is "
                + "[0-9a-fA-F]{32}, e.g. fd72014d4c864993a2e5a9287b4a9c5d.");
        }

        var restore = FromSavepoint is null
            ? RestoreSettings.From(settings, version)
            : new RestoreSettings(FromSavepoint, AllowNonRestoredState, false);
        if (ClassName == SqlDriver)
        {
            if (!version.AtLeast(2, 0)) throw new FlinkFailure("java.lang.ClassNotFoundException", SqlDriver);
            var job = SqlScript.Run(Script(files), settings, version);
            return job with { JobId = JobId, Restore = restore };
        }

        var name = settings.Find("pipeline.name") ?? ClassName?.Split('.')[^1] ?? "Flink Streaming Job";
        return PlainGraph(name, JobId, settings, restore);
    }

    /// <summary>The graph of a program whose plan the sandbox cannot know: one source, one sink.</summary>
    public static JobGraph PlainGraph(string name, string jobId, FlinkSettings settings, RestoreSettings? restore)
    {
        var parallelism = Math.Max(1, settings.Number(1, "parallelism.default"));
        var source = JobVertex.Named("Source: Custom Source -> Map", parallelism);
        var sink = JobVertex.Named("Sink: Unnamed", parallelism, source.Id);
        return new JobGraph(jobId, name, [source, sink], settings, restore, null);
    }

    private string Script(IReadOnlyDictionary<string, string> files)
    {
        string? Argument(string name)
        {
            var at = ProgramArguments.ToList().IndexOf(name);
            return at >= 0 && at + 1 < ProgramArguments.Count ? ProgramArguments[at + 1] : null;
        }

        var (script, uri) = (Argument("--script"), Argument("--scriptUri"));
        if ((script is null) == (uri is null))
        {
            throw new FlinkFailure("java.lang.IllegalArgumentException", "Please set either --script or --scriptUri.");
        }

        if (script is not null) return script;
        var path = uri!.StartsWith("file:", StringComparison.Ordinal)
            ? "/" + uri["file:".Length..].TrimStart('/')
            : uri;
        return files.TryGetValue(path, out var text)
            ? text
            : throw new FlinkFailure("java.io.FileNotFoundException", $"{uri} (No such file or directory)");
    }
}
