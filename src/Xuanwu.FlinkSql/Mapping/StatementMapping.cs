using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>Forms of statements: those that were written differently, and those that a release does not have.</summary>
internal sealed class StatementMapping(
    SqlScript script,
    SqlTarget target,
    MappingRules rules,
    SqlEdits edits,
    List<MappingChange> changes,
    List<SqlDiagnostic> diagnostics)
{
    private readonly Dictionary<string, MappingRule> forms =
        rules.Of(RuleScope.Syntax).Rules.ToDictionary(rule => rule.Old.Key, StringComparer.Ordinal);

    public void Run()
    {
        ReservedWords();
        for (var at = 0; at < script.Statements.Count; at++)
        {
            var statement = script.Statements[at];
            switch (statement)
            {
                case Command { Kind: SqlKind.BeginStatementSet } when IsClosed(at)
                    && Up("BEGIN-STATEMENT-SET") is { } rule:
                    Replace(
                        rule,
                        SqlSpan.Between(statement.Start, ScriptText.AfterSemicolon(script, statement.End)),
                        "EXECUTE STATEMENT SET BEGIN");
                    break;
                case StatementSet set when Down("BEGIN-STATEMENT-SET") is { } rule: BeginSet(set, rule); break;
                case SetStatement { Key: not null } set: Quotes(set); break;
            }

            foreach (var node in statement.DescendantsAndSelf()) Node(node);
            foreach (var form in SyntaxForms.Of(statement)) NotBefore(form);
        }
    }

    // Only what has its END, and INSERTs alone before it, is a set that can be one statement.
    private bool IsClosed(int begin)
    {
        var at = begin + 1;
        while (at < script.Statements.Count && script.Statements[at].Kind == SqlKind.Insert) at++;
        return at > begin + 1 && at < script.Statements.Count
            && script.Statements[at].Kind == SqlKind.EndStatementSet;
    }

    private void Node(SqlNode node)
    {
        switch (node)
        {
            case Insert { IsUpsert: true } insert when Up("UPSERT-INTO") is { } rule:
                var word = script.Text.IndexOf("UPSERT", insert.Start, StringComparison.OrdinalIgnoreCase);
                Replace(rule, new(word, "UPSERT".Length), "INSERT");
                break;
            case ConstraintDefinition { IsPrimaryKey: true, IsEnforced: null } key
                when Up("PRIMARY-KEY") is { } rule && key.End > key.Start:
                Replace(rule, new(key.End, 0), " NOT ENFORCED");
                break;
            case FunctionTable { Call: { } call } function
                when function.Start == call.Start && Down("TABLE-OF-FUNCTION") is { } rule && IsWindow(call):
                Replace(rule, new(call.Start, 0), "TABLE(");
                edits.Insert(call.End, ")");
                break;
            case Select select when Up("GROUP-WINDOW") is { } rule:
                GroupWindow(select, rule);
                break;
        }
    }

    private static bool IsWindow(Call call) =>
        call.Is("TUMBLE") || call.Is("HOP") || call.Is("CUMULATE") || call.Is("SESSION");

    private void GroupWindow(Select select, MappingRule rule)
    {
        foreach (var each in select.GroupBy)
        {
            if (each is not Call call || !(call.Is("TUMBLE") || call.Is("HOP"))) continue;
            var columns = select.Items.SelectMany(item => item.DescendantsAndSelf()).OfType<Call>()
                .Select(it => rules.Of(RuleScope.Functions).From(it.Name.ToString().ToUpperInvariant()).FirstOrDefault())
                .OfType<MappingRule>().Distinct().Select(it => $" {it.Old} becomes {it.New[0]}.");
            diagnostics.Add(new(
                "SQL_MAP_ADVICE",
                $"This is a group window. {rule.Note}{string.Concat(columns)}",
                call.Start,
                call.End - call.Start)
            {
                Severity = SqlSeverity.Warning,
            });
        }
    }

    private void BeginSet(StatementSet set, MappingRule rule)
    {
        if (set.Inserts.Count == 0) return;
        var begin = script.Text.LastIndexOf("BEGIN", set.Inserts[0].Start, StringComparison.OrdinalIgnoreCase);
        if (begin < set.Start) return;
        Replace(rule, SqlSpan.Between(set.Start, begin + "BEGIN".Length), "BEGIN STATEMENT SET;");
    }

    private void Quotes(SetStatement set)
    {
        var up = Up("SET-UNQUOTED");
        var rule = up ?? Down("SET-UNQUOTED");
        if (rule is null || set.KeySpan.Length == 0) return;
        var isQuoted = script.Text[set.KeySpan.Start] == '\''
            && (set.Value is null || set.ValueSpan.Length == 0 || script.Text[set.ValueSpan.Start] == '\'');
        if (isQuoted == up is not null) return;

        foreach (var (span, text) in ((SqlSpan, string?)[])[(set.KeySpan, set.Key), (set.ValueSpan, set.Value)])
        {
            // What has been mapped already was written as the target wants it.
            if (text is null || span.Length == 0 || edits.All.Any(edit => edit.Span == span)) continue;
            edits.Replace(span, up is not null ? SqlQuote.Text(text) : text);
        }

        Changed(rule, set.Span, set.Span.Of(script.Text), up is not null ? "keys and values in quotes" : "no quotes");
    }

    /// <summary>Whether keys and values of SET and RESET stand in quotes.</summary>
    public static bool WantsQuotes(SqlTarget target, MappingRules rules) =>
        !rules.Of(RuleScope.Syntax).Rules.Any(rule =>
            rule.Old.Key == "SET-UNQUOTED" && target.Reached(rule.Since, null) == false);

    // The parser knows the words of the newest release; a script of an older one may use them as names.
    private void ReservedWords()
    {
        foreach (var told in script.Diagnostics)
        {
            if (told is not { Code: "SQL_RESERVED_WORD", Fix: { } fix }) continue;
            edits.Add(fix.Edits);
            changes.Add(new(
                "syntax: RESERVED-WORD",
                told.Span.Of(script.Text),
                string.Concat(fix.Edits.Select(edit => edit.Text)),
                told.Message,
                "Flink documentation, SQL, Reserved keywords")
            {
                Start = told.Start,
                Length = told.Length,
            });
        }
    }

    private void NotBefore((string Form, SqlSpan At) form)
    {
        if (SyntaxSince.Of(form.Form) is not var (since, source) || target.Flink.ToMinor() >= since) return;
        diagnostics.Add(new(
            "SQL_NOT_BEFORE",
            $"{SyntaxForms.Words(form.Form)} begins with Flink {since} ({source}); the target is {target.Flink}.",
            form.At.Start,
            form.At.Length));
    }

    private MappingRule? Up(string form) =>
        forms.TryGetValue(form, out var rule) && target.Reached(rule.Since, null) == true ? rule : null;

    private MappingRule? Down(string form) =>
        forms.TryGetValue(form, out var rule) && rule.BothWays && target.Reached(rule.Since, null) == false ? rule
            : null;

    private void Replace(MappingRule rule, SqlSpan span, string text)
    {
        edits.Replace(span, text);
        Changed(rule, span, span.Of(script.Text), text);
    }

    private void Changed(MappingRule rule, SqlSpan span, string before, string after) =>
        changes.Add(new(
            rule.Name, before, after, rule.Why(target.Reached(rule.Since, null) == true), rule.Source)
        {
            Start = span.Start,
            Length = span.Length,
        });
}
