using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>The forms in a statement that not every release reads; their names are those of syntax.since.</summary>
internal static class SyntaxForms
{
    /// <summary>Each form with where it stands.</summary>
    public static IEnumerable<(string Form, SqlSpan At)> Of(SqlStatement statement)
    {
        var head = new SqlSpan(statement.Start, Math.Min(24, statement.End - statement.Start));
        yield return (statement.Kind.Name(), head);
        switch (statement)
        {
            case CreateTable { Distribution: { } distribution }:
                yield return ("DISTRIBUTED", distribution.Span);
                break;
            case AlterObject
            {
                Object: ObjectKind.Table, Action: AlterAction.Add or AlterAction.Modify
                or AlterAction.DropColumns or AlterAction.DropPrimaryKey or AlterAction.DropWatermark
            }:
                yield return ("ALTER_TABLE_COLUMNS", head);
                break;
            case WrapperStatement { Kind: SqlKind.Explain, Details: { } details } when details.Contains("PLAN_ADVICE"):
                yield return ("EXPLAIN_PLAN_ADVICE", head);
                break;
        }

        foreach (var node in statement.DescendantsAndSelf())
        {
            switch (node)
            {
                case Hint hint:
                    yield return ("HINT_" + hint.Name.Text.ToUpperInvariant(), hint.Span);
                    break;
                case Select { Qualify: { } qualify }:
                    yield return ("QUALIFY", qualify.Span);
                    break;
                case NamedArgument argument:
                    yield return ("NAMED_ARGUMENTS", argument.Span);
                    break;
                case ModelArgument model:
                    yield return ("MODEL_ARGUMENT", model.Span);
                    break;
                case FunctionTable { Call: { } call } when call.Is("SESSION"):
                    yield return ("SESSION_TVF", call.Span);
                    break;
            }
        }
    }

    /// <summary>A form as people call it.</summary>
    public static string Words(string form) => form switch
    {
        "HINT_LOOKUP" or "HINT_STATE_TTL" or "HINT_BROADCAST" or "HINT_SHUFFLE_HASH" or "HINT_SHUFFLE_MERGE"
            or "HINT_NEST_LOOP" => $"The hint {form["HINT_".Length..]}",
        "NAMED_ARGUMENTS" => "name => value in a call",
        "MODEL_ARGUMENT" => "MODEL in a call",
        "SESSION_TVF" => "The window table function SESSION",
        "DISTRIBUTED" => "DISTRIBUTED BY",
        "ALTER_TABLE_COLUMNS" => "Changing columns by ALTER TABLE",
        _ => form.Replace('_', ' '),
    };
}
