using System.Text;
using System.Text.Json.Serialization;

namespace Xuanwu.Sandbox.Flink;

/// <summary>
/// A Java exception as its printed stack trace shows it: what Flink's clients get to read, and have to parse.
/// </summary>
internal sealed record JavaThrowable(string Class, string? Message, JavaThrowable? Cause = null, params string[] Frames)
{
    private static readonly string[] TaskFrames =
    [
        "org.apache.flink.streaming.runtime.tasks.StreamTask.processInput(StreamTask.java:579)",
        "org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop(MailboxProcessor.java:231)",
        "org.apache.flink.streaming.runtime.tasks.StreamTask.runMailboxLoop(StreamTask.java:909)",
        "org.apache.flink.streaming.runtime.tasks.StreamTask.invoke(StreamTask.java:858)",
        "org.apache.flink.runtime.taskmanager.Task.runWithSystemExitMonitoring(Task.java:958)",
        "org.apache.flink.runtime.taskmanager.Task.doRun(Task.java:751)",
        "org.apache.flink.runtime.taskmanager.Task.run(Task.java:566)",
        "java.base/java.lang.Thread.run(Unknown Source)",
    ];

    private static readonly string[] DispatcherFrames =
    [
        "org.apache.flink.runtime.rpc.pekko.PekkoRpcActor.handleRpcInvocation(PekkoRpcActor.java:309)",
        "org.apache.flink.runtime.rpc.pekko.PekkoRpcActor.handleRpcMessage(PekkoRpcActor.java:222)",
        "org.apache.pekko.actor.Actor.aroundReceive(Actor.scala:547)",
        "org.apache.pekko.dispatch.Mailbox.run(Mailbox.scala:231)",
        "java.base/java.util.concurrent.ForkJoinWorkerThread.run(Unknown Source)",
    ];

    /// <summary>A throwable from <c>some.Class: message</c>; without a class it is a RuntimeException.</summary>
    public static JavaThrowable Parse(string text, params string[] frames)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var head = colon < 0 ? text : text[..colon];
        var isClass = head.Length > 0 && head.Contains('.', StringComparison.Ordinal) && !head.Any(char.IsWhiteSpace);
        return isClass
            ? new JavaThrowable(head, colon < 0 ? null : text[(colon + 1)..].Trim(), null, frames)
            : new JavaThrowable("java.lang.RuntimeException", text, null, frames);
    }

    /// <summary>The failure of a record's processing in a task, down to the given root cause.</summary>
    public static JavaThrowable InTask(string rootCause)
    {
        var root = Parse(rootCause, RootFrames(rootCause));
        return root.Class.Contains("kafka", StringComparison.OrdinalIgnoreCase)
            ? new JavaThrowable("java.lang.RuntimeException", "One or more fetchers have encountered exception",
                new JavaThrowable(
                    "java.lang.RuntimeException",
                    "SplitFetcher thread 0 received unexpected exception while polling the records", root,
                    "org.apache.flink.connector.base.source.reader.fetcher.SplitFetcher.runOnce(SplitFetcher.java:165)",
                    "org.apache.flink.connector.base.source.reader.fetcher.SplitFetcher.run(SplitFetcher.java:114)"),
                [
                    "org.apache.flink.connector.base.source.reader.fetcher."
                    + "SplitFetcherManager.checkErrors(SplitFetcherManager.java:333)",
                    .. TaskFrames,
                ])
            : new JavaThrowable(
                "org.apache.flink.streaming.runtime.tasks.ExceptionInChainedOperatorException",
                "Could not forward element to next operator", root,
                [
                    "org.apache.flink.streaming.runtime.tasks."
                    + "CopyingChainingOutput.pushToOperator(CopyingChainingOutput.java:92)",
                    "org.apache.flink.streaming.runtime.tasks.ChainingOutput.collect(ChainingOutput.java:50)",
                    .. TaskFrames,
                ]);
    }

    public static JavaThrowable InJobManager(string type, string? message, JavaThrowable? cause = null) =>
        new(type, message, cause, DispatcherFrames);

    [JsonIgnore]
    public JavaThrowable Root => Cause?.Root ?? this;

    /// <summary>Class and message, as Throwable.toString gives them.</summary>
    [JsonIgnore]
    public string Headline => Message is null ? Class : $"{Class}: {Message}";

    [JsonIgnore]
    public string StackTrace
    {
        get
        {
            var text = new StringBuilder();
            for (var each = this; each is not null; each = each.Cause)
            {
                if (each != this) text.Append("Caused by: ");
                text.Append(each.Headline).Append('\n');
                foreach (var frame in each.Frames) text.Append("\tat ").Append(frame).Append('\n');
                if (each != this) text.Append("\t... ").Append(Frames.Length).Append(" more\n");
            }

            return text.ToString();
        }
    }

    private static string[] RootFrames(string cause) =>
        cause.Contains("sql", StringComparison.OrdinalIgnoreCase)
            ?
            [
                "org.apache.flink.connector.jdbc.internal.JdbcOutputFormat.flush(JdbcOutputFormat.java:220)",
                "org.apache.flink.connector.jdbc.internal.JdbcOutputFormat.writeRecord(JdbcOutputFormat.java:176)",
            ]
            :
            [
                "StreamExecCalc$42.processElement(Unknown Source)",
                "org.apache.flink.streaming.runtime.tasks."
                + "CopyingChainingOutput.pushToOperator(CopyingChainingOutput.java:75)",
            ];
}

/// <summary>A call to Flink that ended with a Java exception.</summary>
internal sealed class FlinkFailure(JavaThrowable throwable) : Exception(throwable.Headline)
{
    public FlinkFailure(string type, string? message)
        : this(JavaThrowable.InJobManager(type, message))
    {
    }

    public JavaThrowable Throwable { get; } = throwable;
}
