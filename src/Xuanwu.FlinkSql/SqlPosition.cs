namespace Xuanwu.FlinkSql;

/// <summary>A place in a text.</summary>
/// <param name="Offset">UTF-16 code units before it.</param>
/// <param name="Line">Line, from 1; CR LF, LF and CR each end one, as Flink's parser counts.</param>
/// <param name="Column">Column in UTF-16 code units, from 1.</param>
public readonly record struct SqlPosition(int Offset, int Line, int Column)
{
    public static readonly SqlPosition Start = new(0, 1, 1);

    public override string ToString() => $"line {Line}, column {Column}";
}
