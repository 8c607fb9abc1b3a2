using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>Where things end in the text of a script.</summary>
internal static class ScriptText
{
    /// <summary>The end of the semicolon that follows an offset; the offset itself when none follows.</summary>
    public static int AfterSemicolon(SqlScript script, int at)
    {
        var next = script.Tokens[script.TokenAt(at)];
        return next.Start < script.Text.Length && script.Text[next.Start] == ';' ? next.End : at;
    }

    /// <summary>A statement with its semicolon, and with the whole line when nothing else stands on it.</summary>
    public static SqlSpan WithSemicolon(SqlScript script, SqlStatement statement)
    {
        var text = script.Text;
        var end = AfterSemicolon(script, statement.End);
        var (start, after) = (statement.Start, end);
        while (start > 0 && text[start - 1] is ' ' or '\t') start--;
        while (after < text.Length && text[after] is ' ' or '\t') after++;
        var alone = (start == 0 || text[start - 1] == '\n') && (after == text.Length || text[after] is '\r' or '\n');
        if (!alone) return SqlSpan.Between(statement.Start, end);
        if (after < text.Length && text[after] == '\r') after++;
        if (after < text.Length && text[after] == '\n') after++;
        return SqlSpan.Between(start, after);
    }
}
