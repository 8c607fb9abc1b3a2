namespace Xuanwu.Flink;

/// <summary>The innermost cause of a Java stack trace.</summary>
/// <param name="Class">The exception's class; null when the text names none.</param>
/// <param name="Message">Its message, of several lines at times.</param>
public sealed record RootCause(string? Class, string Message)
{
    public override string ToString() => Class is null ? Message : Message.Length == 0 ? Class : $"{Class}: {Message}";
}
