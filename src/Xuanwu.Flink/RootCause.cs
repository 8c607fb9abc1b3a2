namespace Xuanwu.Flink;

/// <summary>The innermost cause of a Java stack trace.</summary>
/// <param name="Class">The exception's class; null when the text names none.</param>
/// <param name="Message">Its message, of several lines at times.</param>
public sealed record RootCause(string? Class, string Message)
{
    private const string CausedBy = "Caused by: ";
    private const int MaxMessage = 8192;

    /// <summary>
    /// Reads the last "Caused by:" of a stack trace, or its first line when there is none. A message ends where the
    /// frames begin (a line of white space and "at "), or with "... n more".
    /// </summary>
    public static RootCause Of(string trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var lines = trace.Split('\n');
        var first = Array.FindLastIndex(lines, line => line.TrimStart().StartsWith(CausedBy, StringComparison.Ordinal));
        if (first < 0)
        {
            first = Math.Max(
                0, Array.FindIndex(lines, line => line.Trim().Length > 0 && !IsFrameOfRest(line)));
        }

        var message = new List<string> { lines[first].Trim() };
        for (var at = first + 1; at < lines.Length && !IsFrame(lines[at]); at++) message.Add(lines[at].TrimEnd());
        return Split(
            string.Join('\n', message).Replace("<Exception on server side:", "", StringComparison.Ordinal).Trim());
    }

    public override string ToString() => Class is null ? Message : Message.Length == 0 ? Class : $"{Class}: {Message}";

    private static RootCause Split(string text)
    {
        if (text.StartsWith(CausedBy, StringComparison.Ordinal)) text = text[CausedBy.Length..];
        if (text.Length > MaxMessage) text = text[..MaxMessage] + " …";
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? text : text[..colon];
        var isClass = name.Contains('.', StringComparison.Ordinal)
            && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '$');
        return isClass ? new(name, colon < 0 ? "" : text[(colon + 1)..].Trim()) : new(Class: null, text);
    }

    // "Internal server error." and "<Exception on server side:" stand before every stack trace that the REST API sends.
    private static bool IsFrameOfRest(string line) =>
        line.Trim() is "Internal server error." or "<Exception on server side:";

    // A frame is indented and has an opening parenthesis; a line of a message may well begin with "at ".
    private static bool IsFrame(string line)
    {
        var text = line.Trim();
        return text.StartsWith("End of exception on server side", StringComparison.Ordinal)
            || text.StartsWith("Suppressed: ", StringComparison.Ordinal)
            || (text.StartsWith("... ", StringComparison.Ordinal) && text.EndsWith(" more", StringComparison.Ordinal))
            || (text.StartsWith("at ", StringComparison.Ordinal) && text.Contains('(') && char.IsWhiteSpace(line[0]));
    }
}
