using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A statement, or a form of one, that begins with a later release than the target.</summary>
internal sealed class NotBefore() : CheckRule(
    "SQL_NOT_BEFORE", "The target's Flink does not know a statement or a form of one.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var (form, at) in context.Script.Statements.SelectMany(SyntaxForms.Of))
        {
            if (SyntaxSince.Of(form) is not var (since, _) || context.Target.Flink.ToMinor() >= since) continue;
            context.Error(
                Code,
                $"{SyntaxForms.Words(form)} begins with Flink {since}; the target is {context.Target.Flink}.",
                at);
        }
    }
}
