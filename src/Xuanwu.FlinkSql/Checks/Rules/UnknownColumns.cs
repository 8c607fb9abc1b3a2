using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// A column that none of the tables in FROM has. Judged only where all columns of all of them are known and nothing
/// else can give names: no function tables, no enclosing query, no MATCH_RECOGNIZE. Better to miss one than to be
/// wrong.
/// </summary>
internal sealed class UnknownColumns() : CheckRule("SQL_COLUMN_UNKNOWN", "A column is not in any table of FROM.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var statement in context.Statements)
        {
            if (!statement.IsWhole) continue;
            var query = statement switch
            {
                Insert insert => insert.Query,
                CreateView view => view.Query,
                CreateTable table => table.Query,
                QueryStatement it => it.Query,
                _ => null,
            };
            foreach (var select in Outermost(query)) Look(context, select);
        }
    }

    // The SELECTs that no other query stands around, so that every name in them is theirs.
    private static IEnumerable<Select> Outermost(SqlQuery? query)
    {
        var open = new Stack<SqlQuery>();
        if (query is not null) open.Push(query);
        while (open.TryPop(out var next))
        {
            switch (next)
            {
                case Select select: yield return select; break;
                case OrderedQuery { Body: { } body } ordered:
                    open.Push(body);
                    foreach (var common in ordered.With) open.Push(common.Query);
                    break;
                case SetOperation set:
                    open.Push(set.Right);
                    open.Push(set.Left);
                    break;
            }
        }
    }

    private void Look(CheckContext context, Select select)
    {
        if (select.From is null || Relations(context, select.From) is not { } relations) return;
        var columns = relations.SelectMany(each => each.Columns).ToHashSet(StringComparer.Ordinal);
        var aliases = select.Items.Where(item => item.Alias is not null).Select(item => item.Alias!.Value.Text)
            .ToHashSet(StringComparer.Ordinal);
        var places = select.Items.Select(item => (item.Expression, Aliases: false))
            .Append((select.Where!, false)).Append((select.Having!, true)).Append((select.Qualify!, true))
            .Concat(select.GroupBy.Select(key => (key, true)));
        foreach (var (place, takesAliases) in places)
        {
            if (place is null) continue;
            foreach (var name in Names(place))
            {
                if (takesAliases && name.Parts.Count == 1 && aliases.Contains(name.Parts[0].Text)) continue;
                Name(context, name, relations, columns);
            }
        }
    }

    private void Name(
        CheckContext context,
        SqlIdentifier name,
        List<(string Name, IReadOnlyList<string> Columns)> relations,
        HashSet<string> columns)
    {
        var first = name.Parts[0].Text;
        if (columns.Contains(first)) return; // a column, or a field of one
        var candidates = (IEnumerable<string>)columns;
        var part = name.Parts[0];
        if (name.Parts.Count > 1)
        {
            var relation = relations.FirstOrDefault(each => each.Name == first);
            if (relation.Columns is null || relation.Columns.Contains(name.Parts[1].Text)) return;
            (candidates, part) = (relation.Columns, name.Parts[1]);
        }
        else if (!name.Parts[0].IsQuoted && SqlWords.IsReserved(first))
        {
            return; // CURRENT_DATE and its like
        }

        var meant = Nearest.To(part.Text, candidates);
        context.Error(
            Code,
            $"There is no column {name}." + (meant is null ? "" : $" Did you mean {meant}?"),
            name.Span,
            meant is null ? null : new($"Write {meant}", [new(part.Span, SqlWords.Quoted(meant))]));
    }

    // Null when a name could come from where nobody can look.
    private static List<(string Name, IReadOnlyList<string> Columns)>? Relations(CheckContext context, SqlTable from)
    {
        var found = new List<(string, IReadOnlyList<string>)>();
        var open = new Stack<SqlTable>();
        open.Push(from);
        while (open.TryPop(out var table))
        {
            if (table.Match is not null) return null;
            switch (table)
            {
                case Join { Alias: null } join:
                    open.Push(join.Right);
                    open.Push(join.Left);
                    break;
                case NamedTable named when context.Analysis.TableOf(named) is { } symbol
                    && symbol.Kind != TableKind.Unknown && context.Analysis.ColumnsOf(symbol) is { Count: > 0 } columns
                    && !columns.Any(column => column.IsWild)
                    && context.Tables.FirstOrDefault(each => each.Symbol == symbol) is null or { IsWhole: true }:
                    found.Add((
                        named.Alias?.Text ?? named.Name.Last.Text,
                        named.Columns.Count > 0
                            ? [.. named.Columns.Select(column => column.Text)]
                            : [.. columns.Select(column => column.Name)]));
                    break;
                default: return null;
            }
        }

        return found;
    }

    // Names of columns in an expression: not those of functions, of lambdas, of what inner queries read.
    private static IEnumerable<SqlIdentifier> Names(SqlNode node)
    {
        var open = new Stack<SqlNode>();
        open.Push(node);
        while (open.TryPop(out var next))
        {
            switch (next)
            {
                case SqlIdentifier { Parts.Count: > 0 } name: yield return name; break;
                case QueryExpression or In { Query: not null } or Lambda or SqlType or Star: break;
                case Call call when call.HasBrackets && !call.Is("DESCRIPTOR"):
                    foreach (var argument in call.Arguments.Where(it => it is not (NamedArgument or TableArgument)))
                        open.Push(argument);
                    if (call.Filter is not null) open.Push(call.Filter);
                    break;
                case Call: break;
                default: next.ForEachChild(open.Push); break;
            }
        }
    }
}
