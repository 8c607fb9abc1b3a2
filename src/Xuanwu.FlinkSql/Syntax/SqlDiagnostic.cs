namespace Xuanwu.FlinkSql.Syntax;

/// <summary>How bad it is.</summary>
public enum SqlSeverity
{
    /// <summary>Flink refuses the text.</summary>
    Error,

    /// <summary>Flink takes the text, but its author should look at it.</summary>
    Warning,
}

/// <summary>What is wrong with a script, and where.</summary>
/// <param name="Code">A stable code, such as SQL_EXPECTED.</param>
/// <param name="Message">A sentence for the author of the text; it names no position.</param>
/// <param name="Start">Where it is wrong: UTF-16 code units before it.</param>
/// <param name="Length">How much of the text is wrong; 0 where something is missing.</param>
public sealed record SqlDiagnostic(string Code, string Message, int Start, int Length)
{
    internal const string NoDoubleQuotes =
        "Flink SQL has no double quotes: a text stands in single quotes, a name in backquotes.";

    public SqlSeverity Severity { get; init; }

    /// <summary>Line of <see cref="Start"/>, from 1; CR LF, LF and CR each end one.</summary>
    public int Line { get; init; }

    /// <summary>Column of <see cref="Start"/> in UTF-16 code units, from 1.</summary>
    public int Column { get; init; }

    /// <summary>What could stand here instead, as it is written; empty where that is not the question.</summary>
    public IReadOnlyList<string> Expected { get; init; } = [];

    /// <summary>An edit that puts it right; null when there is none that is surely meant.</summary>
    public SqlFix? Fix { get; init; }

    public SqlSpan Span => new(Start, Length);

    public override string ToString() => $"{Line}:{Column}: {Code}: {Message}";
}

/// <summary>An edit that puts something right.</summary>
/// <param name="Title">What it does, in a few words.</param>
/// <param name="Edits">Its replacements, none of which overlap.</param>
public sealed record SqlFix(string Title, IReadOnlyList<SqlEdit> Edits);

/// <summary>Puts another text in the place of a part of a text; a part of no length is an insertion.</summary>
public sealed record SqlEdit(SqlSpan Span, string Text);

/// <summary>Edits of one text. What no edit names stays as it is, byte for byte.</summary>
public sealed class SqlEdits
{
    private readonly List<SqlEdit> edits = [];

    /// <summary>The edits in the order in which they were added.</summary>
    public IReadOnlyList<SqlEdit> All => edits;

    public SqlEdits Replace(SqlSpan span, string text)
    {
        edits.Add(new(span, text));
        return this;
    }

    public SqlEdits Insert(int at, string text) => Replace(new(at, 0), text);

    public SqlEdits Remove(SqlSpan span) => Replace(span, "");

    public SqlEdits Add(IEnumerable<SqlEdit> more)
    {
        edits.AddRange(more);
        return this;
    }

    /// <summary>
    /// The text with all edits made. Insertions at one place stand in the order in which they were added, before what
    /// a replacement puts there.
    /// </summary>
    /// <exception cref="ArgumentException">Two edits overlap, or one is outside of the text.</exception>
    public string Apply(string text) => Apply(text, edits);

    /// <inheritdoc cref="Apply(string)"/>
    public static string Apply(string text, IEnumerable<SqlEdit> edits)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = 0;
        var result = new System.Text.StringBuilder(text.Length + 64);
        foreach (var edit in edits.OrderBy(edit => edit.Span.Start).ThenBy(edit => edit.Span.Length > 0))
        {
            if (edit.Span.Start < at || edit.Span.Length < 0 || edit.Span.End > text.Length)
            {
                throw new ArgumentException("The edits overlap or leave the text.", nameof(edits));
            }

            result.Append(text, at, edit.Span.Start - at).Append(edit.Text);
            at = edit.Span.End;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }
}
