namespace Xuanwu.FlinkSql;

/// <summary>What is wrong with a text: a value, not an exception.</summary>
/// <param name="Code">A stable code, such as SQL_TEXT_OPEN.</param>
/// <param name="Message">A sentence for the author of the text; it names no position.</param>
/// <param name="At">Where it is wrong.</param>
public sealed record SqlError(string Code, string Message, SqlPosition At)
{
    public override string ToString() => $"{At}: {Message}";
}
