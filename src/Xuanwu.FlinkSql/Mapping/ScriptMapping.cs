using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>One mapping of one script: gathers edits, changes and diagnostics over all its statements.</summary>
internal sealed class ScriptMapping(SqlScript script, SqlTarget target, MappingRules rules)
{
    private readonly SqlEdits edits = new();
    private readonly List<MappingChange> changes = [];
    private readonly List<SqlDiagnostic> diagnostics = [];

    // By the name as it is written: which connector a table had before, has now, and its formats.
    private readonly Dictionary<string, (string Connector, IReadOnlyList<string> Formats)> tables =
        new(StringComparer.Ordinal);

    public MappedSql Run()
    {
        Settings();
        foreach (var statement in script.Statements) Statement(statement);
        var forms = new StatementMapping(script, target, rules, edits, changes, diagnostics);
        forms.Run();
        return new(edits.Apply(script.Text), Placed(), Told());
    }

    private MappingChange[] Placed() =>
    [
        .. changes.OrderBy(change => change.Start).Select(change =>
        {
            var at = script.PositionOf(change.Start);
            return change with { Line = at.Line, Column = at.Column };
        }),
    ];

    private SqlDiagnostic[] Told() =>
    [
        .. diagnostics.OrderBy(told => told.Start).Select(told =>
        {
            var at = script.PositionOf(told.Start);
            return told with { Line = at.Line, Column = at.Column };
        }),
    ];

    private void Statement(SqlStatement statement)
    {
        switch (statement)
        {
            case CreateTable { Options: { } options } table:
                Table(table.Name.ToString(), options.Options, table.Like?.Name.ToString());
                break;
            case CreateTable { Like: { } like } table when tables.TryGetValue(like.Name.ToString(), out var base_):
                tables[table.Name.ToString()] = base_;
                break;
            case AlterObject { Object: ObjectKind.Table, Options: { } options } alter:
                Table(alter.Name.ToString(), options.Options, alter.Name.ToString());
                break;
        }

        foreach (var node in statement.DescendantsAndSelf())
        {
            switch (node)
            {
                case NamedTable { Hints: { } hints } table: Hints(table.Name, hints); break;
                case Insert { Hints: { } hints } insert: Hints(insert.Target, hints); break;
                case Update { Hints: { } hints } update: Hints(update.Target, hints); break;
                case Delete { Hints: { } hints } delete: Hints(delete.Target, hints); break;
            }
        }
    }

    private void Table(string name, IReadOnlyList<SqlOption> written, string? like)
    {
        if (written.Count == 0) return;
        var options = OptionEdits.Read(written);
        var (connector, formats) = like is null ? default : tables.GetValueOrDefault(like);
        var (named, problems) = TableMapping.Map(options, connector, formats ?? [], target, rules);
        Told(problems, written);
        OptionEdits.Write(script.Text, written, options, edits, changes);
        if (named is null) return;
        var own = options.Where(option => option.Key is "format" or "key.format" or "value.format")
            .Select(option => option.Value).ToArray();
        tables[name] = (named, own.Length > 0 ? own : formats ?? []);
    }

    private void Hints(SqlIdentifier table, HintList list)
    {
        if (!tables.TryGetValue(table.ToString(), out var known)) return;
        foreach (var hint in list.Hints)
        {
            if (!hint.Name.Text.Equals("OPTIONS", StringComparison.OrdinalIgnoreCase)
                || hint.Options.Count == 0) continue;
            var options = OptionEdits.Read(hint.Options);
            var (_, problems) = TableMapping.Map(options, known.Connector, known.Formats, target, rules);
            Told(problems, hint.Options);
            if (options.TrueForAll(option => option.IsRemoved) && list.Hints.Count == 1)
            {
                var gone = new SqlEdits();
                OptionEdits.Write(script.Text, hint.Options, options, gone, changes);
                edits.Remove(list.Span); // a hint of no options is no hint
                continue;
            }

            OptionEdits.Write(script.Text, hint.Options, options, edits, changes);
        }
    }

    // All SET statements together are one configuration: two spellings of one key are one key, wherever they stand.
    private void Settings()
    {
        var sets = script.Statements.OfType<SetStatement>()
            .Where(set => set is { Kind: SqlKind.Set, Key: not null, Value: not null }).ToArray();
        var given = sets.Select(set => new KeyValuePair<string, string>(set.Key!, set.Value!)).ToArray();
        var mapping = ParameterMapping.Map(given, target, rules);
        foreach (var option in mapping.Options)
        {
            if (option.Trail.Count == 0 || (option.IsNew && option.IsRemoved)) continue;
            var set = sets[option.Index];
            var before = option.IsNew ? "" : OptionEdits.Shown(set.Key!, set.Value!);
            var after = option.IsRemoved ? "" : OptionEdits.Shown(option.Key, option.Value);
            changes.Add(
                MappingChange.Of(option, before, after) with { Start = set.Start, Length = set.End - set.Start });
            if (option.IsNew)
            {
                edits.Insert(
                    set.End, $";\nSET {Quoted(option.Key)} = {Quoted(option.Value)}");
            }
            else if (option.IsRemoved)
            {
                edits.Remove(ScriptText.WithSemicolon(script, set));
            }
            else
            {
                if (option.Key != set.Key) edits.Replace(set.KeySpan, Quoted(option.Key));
                if (option.Value != set.Value) edits.Replace(set.ValueSpan, Quoted(option.Value));
            }
        }

        foreach (var problem in mapping.Problems)
        {
            Tell(problem, sets[problem.Index].KeySpan);
        }

        foreach (var reset in script.Statements.OfType<SetStatement>())
        {
            if (reset is { Kind: SqlKind.Reset, Key: { } key }) Reset(reset, key);
        }
    }

    // What a key became is reset in its place, each part of it.
    private void Reset(SetStatement reset, string key)
    {
        var mapping = ParameterMapping.Map([new(key, "")], target, rules);
        var now = mapping.Options.Where(option => !option.IsRemoved).Select(option => option.Key).Distinct().ToArray();
        if (now.Length == 0 || (now.Length == 1 && now[0] == key)) return;
        changes.Add(MappingChange.Of(mapping.Options[0], key, string.Join(", ", now)) with
        {
            Start = reset.Start,
            Length = reset.End - reset.Start,
        });
        edits.Replace(reset.KeySpan, Quoted(now[0]));
        foreach (var more in now.Skip(1)) edits.Insert(reset.End, $";\nRESET {Quoted(more)}");
    }

    // In quotes where the target wants them.
    private string Quoted(string text) => StatementMapping.WantsQuotes(target, rules) ? SqlQuote.Text(text) : text;

    private void Told(IReadOnlyList<MappingProblem> problems, IReadOnlyList<SqlOption> written)
    {
        foreach (var problem in problems) Tell(problem, written[problem.Index].Span);
    }

    private void Tell(MappingProblem problem, SqlSpan at) =>
        diagnostics.Add(new(problem.Code, problem.Message, at.Start, at.Length)
        {
            Severity = problem.IsError ? SqlSeverity.Error : SqlSeverity.Warning,
        });
}
