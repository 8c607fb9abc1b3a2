namespace Xuanwu.FlinkSql.Syntax;

/// <summary>
/// A script as a tree. Text is never lost: tokens, nodes and diagnostics are slices of <see cref="Text"/>, and what is
/// to be changed is changed by edits of it (<see cref="SqlEdits"/>), so that all else stays byte for byte.
/// </summary>
public sealed class SqlScript
{
    private readonly SqlToken[] tokens;
    private readonly int count;
    private int[]? lines;

    private SqlScript(string text, SqlToken[] tokens, int count) => (Text, this.tokens, this.count) = (text, tokens, count);

    public string Text { get; }

    /// <summary>The statements in their order; those with errors too, as far as they could be read.</summary>
    public IReadOnlyList<SqlStatement> Statements { get; private set; } = [];

    /// <summary>What is wrong, in the order of the text.</summary>
    public IReadOnlyList<SqlDiagnostic> Diagnostics { get; private set; } = [];

    /// <summary>Whether Flink's parser would take every statement.</summary>
    public bool IsValid => Diagnostics.All(told => told.Severity != SqlSeverity.Error);

    /// <summary>All tokens; the last one is the end of the text.</summary>
    public ReadOnlySpan<SqlToken> Tokens => tokens.AsSpan(0, count);

    internal int Steps { get; private set; }

    /// <summary>
    /// Reads a script. Takes any text: what is wrong becomes a diagnostic. Time and memory are linear in the text.
    /// </summary>
    public static SqlScript Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var diagnostics = new List<SqlDiagnostic>();
        var tokens = new SqlLexer(text, diagnostics).Run(out var count);
        var broken = diagnostics.Count;
        var script = new SqlScript(text, tokens, count);
        var parser = new SqlParser(text, tokens, diagnostics);
        script.Statements = parser.Script();
        script.Steps = parser.Steps;
        if (diagnostics.Count > 0) script.Take(diagnostics, broken);
        return script;
    }

    /// <summary>Line and column of an offset.</summary>
    public SqlPosition PositionOf(int offset)
    {
        lines ??= LineStarts(Text);
        var line = Array.BinarySearch(lines, offset);
        if (line < 0) line = ~line - 1;
        return new(offset, line + 1, offset - lines[line] + 1);
    }

    /// <summary>The index in <see cref="Tokens"/> of the first token that does not end before or at the offset.</summary>
    public int TokenAt(int offset)
    {
        var (low, high) = (0, count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (tokens[middle].End <= offset) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>What the author wrote for a node.</summary>
    public string TextOf(SqlNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Span.Of(Text);
    }

    // The lexer's own diagnostics come first, and break the statements that they stand in.
    private void Take(List<SqlDiagnostic> diagnostics, int broken)
    {
        for (var i = 0; i < broken; i++)
        {
            var at = diagnostics[i].Start;
            if (Statements.LastOrDefault(each => each.Start <= at) is { } statement) statement.IsWhole = false;
        }

        Diagnostics = [.. diagnostics.OrderBy(told => told.Start).Select(told =>
        {
            var position = PositionOf(told.Start);
            return told with { Line = position.Line, Column = position.Column };
        })];
    }

    private static int[] LineStarts(string text)
    {
        var starts = new List<int> { 0 };
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n'))) starts.Add(i + 1);
        }

        return [.. starts];
    }
}
