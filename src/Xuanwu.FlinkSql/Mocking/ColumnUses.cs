using System.Globalization;
using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mocking;

/// <summary>What the queries do with a column, so that its generated values let rows through.</summary>
internal sealed class ColumnUse
{
    /// <summary>Joined, grouped or compared with another column: few values, so that they meet.</summary>
    public bool IsKey { get; set; }

    /// <summary>A window's time.</summary>
    public bool IsTime { get; set; }

    /// <summary>Added, summed, compared with numbers.</summary>
    public bool IsNumber { get; set; }

    /// <summary>The type of a column that it is equal to somewhere; null when none is known.</summary>
    public DataType? Like { get; set; }

    /// <summary>Texts that it is compared with.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>Numbers that it is compared with.</summary>
    public List<decimal> Numbers { get; } = [];

    public void Add(Literal literal)
    {
        if (literal.Kind == LiteralKind.Text)
        {
            var text = literal.Value.Replace("%", "", StringComparison.Ordinal);
            if (text.Length > 0 && Texts.Count < 12 && !Texts.Contains(text)) Texts.Add(text);
        }
        else if (literal.Kind == LiteralKind.Number
            && decimal.TryParse(literal.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            IsNumber = true;
            Numbers.Add(number);
        }
    }
}

/// <summary>
/// Finds for each column of each base table what the queries do with it, through views, WITH and subqueries. Of tables
/// whose columns nobody knows it collects the names that are used. Where a name cannot be told it is left out: then a
/// column gets values as any other.
/// </summary>
internal sealed class ColumnUses
{
    private readonly SqlAnalysis analysis;
    private readonly Dictionary<TableSymbol, Dictionary<string, ColumnUse>> uses = [];
    private readonly HashSet<SqlQuery> visited = new(ReferenceEqualityComparer.Instance);

    // What stands in FROM under one name: its columns with what they come from, or a table that nobody knows.
    private sealed record Relation(string? Name, IReadOnlyList<OutputColumn> Columns, TableSymbol? Open);

    private sealed record Scope(List<Relation> Relations, Scope? Outer);

    public ColumnUses(SqlAnalysis analysis)
    {
        this.analysis = analysis;
        foreach (var flow in analysis.Flows) Query(flow.Query, null);
        foreach (var table in analysis.Tables)
        {
            if (table.Query is { } query) Query(query, null);
        }
    }

    /// <summary>What is done with a column; null when nothing is.</summary>
    public ColumnUse? Of(TableSymbol table, string column) => uses.GetValueOrDefault(table)?.GetValueOrDefault(column);

    /// <summary>The columns that queries name of a table, in the order in which they do.</summary>
    public IReadOnlyDictionary<string, ColumnUse> Named(TableSymbol table) =>
        uses.TryGetValue(table, out var found) ? found : new Dictionary<string, ColumnUse>();

    private void Query(SqlQuery query, Scope? outer)
    {
        if (!visited.Add(query)) return;
        switch (query)
        {
            case OrderedQuery ordered:
                foreach (var common in ordered.With) Query(common.Query, outer);
                Query(ordered.Body, outer);
                break;
            case SetOperation set:
                SqlQuery left = set;
                while (left is SetOperation deeper)
                {
                    Query(deeper.Right, outer);
                    left = deeper.Left;
                }

                Query(left, outer);
                break;
            case Select select:
                One(select, outer);
                break;
        }
    }

    private void One(Select select, Scope? outer)
    {
        var scope = new Scope([], outer);
        var conditions = new List<SqlExpression>();
        if (select.From is { } from) From(from, scope, conditions);
        foreach (var item in select.Items) Look(item.Expression, scope);
        foreach (var condition in conditions) Look(condition, scope);
        Look(select.Where, scope);
        Look(select.Having, scope);
        Look(select.Qualify, scope);
        foreach (var key in select.GroupBy)
        {
            Look(key, scope);
            MarkAll(key.DescendantsAndSelf().OfType<SqlIdentifier>(), scope, use => use.IsKey = true);
        }

        foreach (var window in select.Windows) Look(window, scope);
    }

    private void From(SqlTable from, Scope scope, List<SqlExpression> conditions)
    {
        var open = new Stack<SqlTable>();
        open.Push(from);
        while (open.TryPop(out var table))
        {
            switch (table)
            {
                case Join join:
                    open.Push(join.Right);
                    open.Push(join.Left);
                    if (join.On is not null) conditions.Add(join.On);
                    break;
                case NamedTable named:
                    scope.Relations.Add(Named(named, named.Alias?.Text ?? named.Name.Last.Text, named.Columns));
                    break;
                case DerivedTable derived:
                    Query(derived.Query, scope);
                    scope.Relations.Add(new(
                        derived.Alias?.Text, Renamed(analysis.ColumnsOf(derived.Query), derived.Columns), null));
                    break;
                case FunctionTable function:
                    Function(function, scope);
                    break;
            }

            if (table.Match is { } match) Look(match, scope);
        }

        foreach (var join in from.DescendantsAndSelf().OfType<Join>())
        {
            foreach (var name in join.Using)
            {
                foreach (var source in scope.Relations.SelectMany(relation => In(relation, name.Text)))
                    Use(source.Table, source.Column).IsKey = true;
            }
        }
    }

    private Relation Named(SqlNode node, string? name, IReadOnlyList<SqlName> renamed)
    {
        if (!analysis.Bindings.TryGetValue(node, out var reference)) return new(name, [], null);
        if (reference.Common is { } common) return new(name, Renamed(analysis.ColumnsOf(common.Query), renamed), null);
        if (reference.Table is not { } table) return new(name, [], null);
        return analysis.ColumnsOf(table) is { Count: > 0 } columns && !columns.Any(column => column.IsWild)
            ? new(name, Renamed(columns, renamed), null)
            : new(name, [], table.Kind == TableKind.View ? null : table);
    }

    private static IReadOnlyList<OutputColumn> Renamed(IReadOnlyList<OutputColumn> columns,
        IReadOnlyList<SqlName> names) =>
        names.Count == 0
            ? columns
            : [.. columns.Take(names.Count).Select((column, at) => column with { Name = names[at].Text })];

    // A window's rows are those of its table.
    private void Function(FunctionTable function, Scope scope)
    {
        var inner = new Scope([], scope);
        foreach (var argument in function.Call.Arguments.Select(it => it is NamedArgument named ? named.Value : it))
        {
            switch (argument)
            {
                case TableArgument { Name: { } name } table:
                    inner.Relations.Add(Named(table, name.Last.Text, []));
                    MarkAll(table.PartitionBy.OfType<SqlIdentifier>(), inner, use => use.IsKey = true);
                    break;
                case TableArgument { Query: { } query }:
                    Query(query, scope);
                    inner.Relations.Add(new(null, analysis.ColumnsOf(query), null));
                    break;
                case Call call when call.Is("DESCRIPTOR"):
                    MarkAll(call.Arguments.OfType<SqlIdentifier>(), inner, use => use.IsTime = true);
                    break;
                default:
                    Look(argument, scope);
                    break;
            }
        }

        foreach (var relation in inner.Relations) scope.Relations.Add(relation with { Name = function.Alias?.Text });
    }

    private void Look(SqlNode? node, Scope scope)
    {
        switch (node)
        {
            case null: return;
            case SqlIdentifier name:
                Mark(name, scope, _ => { });
                return;
            case QueryExpression { Query: { } query }:
                Query(query, scope);
                return;
            case In it:
                foreach (var literal in it.Values.OfType<Literal>()) Compare(it.Operand, literal, scope);
                if (it.Query is not null) Keys(it.Operand, scope);
                break;
            case Between between:
                if (between.Low is Literal low) Compare(between.Operand, low, scope);
                if (between.High is Literal high) Compare(between.Operand, high, scope);
                break;
            case Case { Operand: { } operand } it:
                for (var at = 0; at < it.Branches.Count; at += 2)
                {
                    if (it.Branches[at] is Literal literal) Compare(operand, literal, scope);
                }

                break;
            case Binary binary:
                Both(binary, scope);
                break;
            case Call call:
                if (call.Is("SUM") || call.Is("AVG"))
                {
                    MarkAll(call.Arguments.OfType<SqlIdentifier>(), scope, use => use.IsNumber = true);
                }

                if (call.Is("TUMBLE") || call.Is("HOP") || call.Is("SESSION"))
                {
                    MarkAll(call.Arguments.OfType<SqlIdentifier>(), scope, use => use.IsTime = true);
                }

                foreach (var argument in call.Arguments) Look(argument, scope);
                foreach (var item in call.OrderBy) Look(item, scope);
                Look(call.Filter, scope);
                Look(call.Over, scope);
                return;
            case WindowSpecification window:
                foreach (var key in window.PartitionBy) Keys(key, scope);
                break;
        }

        node.ForEachChild(child => Look(child, scope));
    }

    private void Both(Binary binary, Scope scope)
    {
        switch (binary.Operator)
        {
            case "=" or "<>" or "!=" or "<" or "<=" or ">" or ">=" or "LIKE" or "NOT LIKE" or "IS NOT DISTINCT FROM":
                if (binary.Right is Literal right) Compare(binary.Left, right, scope);
                else if (binary.Left is Literal left) Compare(binary.Right, left, scope);
                else if (binary.Operator is "=" or "IS NOT DISTINCT FROM")
                {
                    Keys(binary.Left, scope);
                    Keys(binary.Right, scope);
                    Alike(binary.Left as SqlIdentifier, binary.Right as SqlIdentifier, scope);
                }

                break;
            case "+" or "-" or "*" or "/" or "%":
                if (binary.Right is IntervalLiteral || binary.Left is IntervalLiteral) break;
                foreach (var name in ((SqlExpression[])[binary.Left, binary.Right]).OfType<SqlIdentifier>())
                    Mark(name, scope, use => use.IsNumber = true);
                break;
        }
    }

    // A column that nobody knows is most likely of the type that it is equal to.
    private void Alike(SqlIdentifier? left, SqlIdentifier? right, Scope scope)
    {
        if (left is null || right is null) return;
        var (ones, others) = (Resolve(left, scope).ToArray(), Resolve(right, scope).ToArray());
        foreach (var one in ones)
        {
            foreach (var other in others)
            {
                Use(one.Table, one.Column).Like ??= Declared(other);
                Use(other.Table, other.Column).Like ??= Declared(one);
            }
        }

        static DataType? Declared(ColumnSource source) =>
            source.Table.DeclaredColumns?.FirstOrDefault(column => column.Name == source.Column)?.Type;
    }

    private void Keys(SqlExpression expression, Scope scope)
    {
        MarkAll(expression.DescendantsAndSelf().OfType<SqlIdentifier>(), scope, use => use.IsKey = true);
    }

    // A column as it is, or behind CAST, UPPER and the like: then the literal is near enough.
    private void Compare(SqlExpression side, Literal literal, Scope scope)
    {
        while (true)
        {
            switch (side)
            {
                case Cast cast: side = cast.Operand; continue;
                case Call { Arguments: [{ } only] }: side = only; continue;
                case SqlIdentifier name:
                    Mark(name, scope, use => use.Add(literal));
                    return;
                default: return;
            }
        }
    }

    private void Mark(SqlIdentifier name, Scope? scope, Action<ColumnUse> mark)
    {
        for (; scope is not null && name.Parts.Count > 0; scope = scope.Outer)
        {
            var found = Resolve(name, scope).ToArray();
            foreach (var source in found) mark(Use(source.Table, source.Column));
            if (found.Length > 0) return;
        }
    }

    private void MarkAll(IEnumerable<SqlIdentifier> names, Scope scope, Action<ColumnUse> mark)
    {
        foreach (var name in names) Mark(name, scope, mark);
    }

    private static IEnumerable<ColumnSource> Resolve(SqlIdentifier name, Scope scope)
    {
        var first = name.Parts[0].Text;
        if (name.Parts.Count > 1 && scope.Relations.FirstOrDefault(each => each.Name == first) is { } relation)
            return In(relation, name.Parts[1].Text);
        if (name.Parts.Count == 1 && first.StartsWith("window_", StringComparison.Ordinal)) return [];
        var known = scope.Relations.FirstOrDefault(each => each.Columns.Any(column => column.Name == first));
        if (known is not null) return In(known, first);
        if (!name.Parts[0].IsQuoted && SqlWords.IsReserved(first)) return [];
        return scope.Relations is [{ Open: { } only }] ? [new(only, first)] : [];
    }

    private static IEnumerable<ColumnSource> In(Relation relation, string column) => relation.Open is { } open
        ? [new(open, column)]
        : relation.Columns.FirstOrDefault(each => each.Name == column)?.Inputs ?? [];

    private ColumnUse Use(TableSymbol table, string column)
    {
        if (!uses.TryGetValue(table, out var columns)) uses[table] = columns = new(StringComparer.Ordinal);
        if (!columns.TryGetValue(column, out var use)) columns[column] = use = new();
        return use;
    }
}
