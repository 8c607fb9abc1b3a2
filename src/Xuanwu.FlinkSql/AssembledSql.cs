using System.Text;

namespace Xuanwu.FlinkSql;

/// <summary>
/// A statement made of parts of a script. Flink tells errors by line and column of what it was sent; this leads them
/// back to where their author wrote them.
/// </summary>
public sealed class AssembledSql
{
    private readonly List<(int At, StatementText From)> parts = [];

    private AssembledSql(string text, List<(int At, StatementText From)> parts) => (Text, this.parts) = (text, parts);

    /// <summary>What to send.</summary>
    public string Text { get; }

    /// <summary>
    /// One INSERT as it is; several as EXECUTE STATEMENT SET BEGIN … END, so that they become one job.
    /// </summary>
    public static AssembledSql OfInserts(IReadOnlyList<StatementText> inserts)
    {
        ArgumentNullException.ThrowIfNull(inserts);
        if (inserts.Count == 0) throw new ArgumentException("There is no INSERT to run.", nameof(inserts));
        if (inserts.Count == 1) return Of(inserts[0]);

        var text = new StringBuilder("EXECUTE STATEMENT SET BEGIN\n");
        var parts = new List<(int, StatementText)>(inserts.Count);
        foreach (var insert in inserts)
        {
            parts.Add((text.Length, insert));
            text.Append(insert.Text).Append(";\n");
        }

        return new(text.Append("END;").ToString(), parts);
    }

    /// <summary>One statement as it is.</summary>
    public static AssembledSql Of(StatementText statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        return new(statement.Text, [(0, statement)]);
    }

    /// <summary>
    /// The position in the script of a line and column of <see cref="Text"/>; null when nobody wrote what is there.
    /// </summary>
    public SqlPosition? Origin(int line, int column)
    {
        if (line < 1 || column < 1) return null;
        var offset = 0;
        for (var at = 1; at < line; at++)
        {
            var end = Text.AsSpan(offset).IndexOfAny('\r', '\n');
            if (end < 0) return null;
            offset += end + (Text.AsSpan(offset + end).StartsWith("\r\n") ? 2 : 1);
        }

        offset += column - 1;
        foreach (var (at, from) in parts)
        {
            if (offset < at || offset > at + from.Text.Length) continue;
            var place = new SqlLines(from.Text).Of(offset - at);
            return new(
                from.Start.Offset + place.Offset,
                from.Start.Line + place.Line - 1,
                place.Line == 1 ? from.Start.Column + place.Column - 1 : place.Column);
        }

        return null;
    }
}
