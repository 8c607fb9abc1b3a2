using System.Globalization;
using System.Text;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Flink.Process;

/// <summary>A process's log: to the pod's log, and its last lines to the REST API's log file.</summary>
internal sealed class FlinkConsole(IContainer container, FlinkWorld world)
{
    private const int Kept = 200;

    private readonly Queue<string> lines = new();

    public void Started(string process, FlinkVersion version)
    {
        Line("org.apache.flink.runtime.entrypoint.ClusterEntrypoint",
            $" Starting {process} (Version: {version}, Scala: 2.12): a stand-in of the Xuanwu sandbox, which "
                + "processes no records");
    }

    public void Line(string logger, string message) => Write("INFO ", logger, message);

    public void Warning(string logger, string message) => Write("WARN ", logger, message);

    public void Error(string logger, string message, JavaThrowable throwable) =>
        Write("ERROR", logger, message + "\n" + throwable.StackTrace.TrimEnd());

    public string Text
    {
        get
        {
            var text = new StringBuilder();
            lock (lines)
            {
                foreach (var line in lines) text.Append(line).Append('\n');
            }

            return text.ToString();
        }
    }

    private void Write(string level, string logger, string message)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(world.Agenda.Now)
            .ToString("yyyy-MM-dd HH:mm:ss,fff", CultureInfo.InvariantCulture);
        var line = $"{at} {level} {logger,-60} [] - {message}";
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > Kept) lines.Dequeue();
        }

        foreach (var each in line.Split('\n')) container.WriteLine(each);
    }
}
