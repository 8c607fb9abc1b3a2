using Xuanwu.Sandbox.Flink.Gateway;
using Xuanwu.Sandbox.Flink.Process;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Flink;

/// <summary>
/// The Flink stand-ins of one sandbox, as programs of its containers: JobManager, TaskManager and SQL gateway that
/// speak Flink's REST protocols and keep its HA ConfigMaps, but process no records. Which release they are is read from
/// the image's tag. Processes of one cluster find each other by namespace and kubernetes.cluster-id or, without HA, by
/// jobmanager.rpc.address.
/// </summary>
/// <param name="time">The clock; the system's when left out.</param>
/// <param name="directory">
/// Where job graphs and snapshots outlive the process, in flink.jsonl; without it they end with it, and a cluster whose
/// ConfigMaps outlive them cannot recover.
/// </param>
public sealed class FlinkPrograms(TimeProvider? time = null, string? directory = null) : IDisposable
{
    private readonly FlinkWorld world = new(time ?? TimeProvider.System, directory);

    /// <summary>
    /// The program that a container with this image and these arguments runs, or null when the image is not Flink's:
    /// its repository must end in <c>flink</c>, its tag begin with a version, and the first argument after the entry
    /// point name a process (<c>jobmanager</c>, <c>standalone-job</c>, <c>taskmanager</c>, <c>sql-gateway</c>, or
    /// bin/*.sh of the same names).
    /// </summary>
    public IContainerProgram? Find(string image, IReadOnlyList<string> arguments)
    {
        if (VersionOf(image) is not { } version) return null;
        var rest = arguments.SkipWhile(argument => Word(argument) is "docker-entrypoint").ToList();
        if (rest.Count == 0) return null;

        var own = rest.Skip(1).ToList();
        return Word(rest[0]) switch
        {
            "jobmanager" => new JobManagerProgram(world, version, WithHost(own), isApplication: false),
            "standalone-job" => new JobManagerProgram(world, version, own, isApplication: true),
            "taskmanager" => new TaskManagerProgram(world, version, own),
            "sql-gateway" when version.AtLeast(1, 16) => new SqlGatewayProgram(world, version, own),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => world.Dispose();

    private static FlinkVersion? VersionOf(string image)
    {
        var digest = image.IndexOf('@', StringComparison.Ordinal);
        if (digest >= 0) image = image[..digest];
        var name = image[(image.LastIndexOf('/') + 1)..];
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && name[..colon].EndsWith("flink", StringComparison.Ordinal)
            && FlinkVersion.TryParse(name[(colon + 1)..], out var version)
            ? version
            : null;
    }

    private static string Word(string argument)
    {
        var name = argument[(argument.LastIndexOf('/') + 1)..];
        return name.EndsWith(".sh", StringComparison.Ordinal) ? name[..^3] : name;
    }

    // "jobmanager <host>" binds the host, as jobmanager.sh does.
    private static List<string> WithHost(List<string> arguments)
    {
        var host =
            arguments.FirstOrDefault(argument => argument is not "start-foreground" && !argument.StartsWith('-'));
        if (host is null || arguments.IndexOf(host) is > 0 and var at && arguments[at - 1] == "-D") return arguments;
        return [.. arguments, "-Djobmanager.rpc.address=" + host];
    }
}
