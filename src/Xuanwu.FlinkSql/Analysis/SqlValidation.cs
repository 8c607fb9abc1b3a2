using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

/// <summary>
/// What Flink's parser takes and Flink refuses right after, whatever tables there are. The rest of what it refuses so
/// (two primary keys, UNIQUE, two watermarks) already is a diagnostic of <see cref="SqlScript"/>.
/// </summary>
public static class SqlValidation
{
    /// <summary>Primary keys that are not said to be NOT ENFORCED, in the order of the text.</summary>
    public static IReadOnlyList<SqlDiagnostic> Of(SqlScript script)
    {
        ArgumentNullException.ThrowIfNull(script);
        var told = new List<SqlDiagnostic>();
        foreach (var statement in script.Statements)
        {
            var elements = statement switch
            {
                CreateTable table => table.Elements,
                AlterObject alter => alter.Elements,
                _ => [],
            };
            foreach (var element in elements)
            {
                var key = element as ConstraintDefinition ?? (element as ColumnDefinition)?.Constraint;
                if (key is { IsPrimaryKey: true, IsEnforced: not false }) told.Add(Enforced(script, key));
            }
        }

        return told;
    }

    private static SqlDiagnostic Enforced(SqlScript script, ConstraintDefinition key)
    {
        var at = script.PositionOf(key.Start);
        return new(
            "SQL_PRIMARY_KEY_ENFORCED",
            "Flink does not own the data, so it cannot enforce a primary key; write PRIMARY KEY … NOT ENFORCED.",
            key.Start,
            key.End - key.Start)
        {
            Line = at.Line,
            Column = at.Column,
            Fix = key.IsEnforced is null
                ? new("Write NOT ENFORCED", [new(new(key.End, 0), " NOT ENFORCED")])
                : null,
        };
    }
}
