using System.Globalization;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

/// <summary>A column of a base table.</summary>
public sealed record ColumnSource(TableSymbol Table, string Column)
{
    public override string ToString() => $"{Table.WrittenName}.{Column}";
}

/// <summary>A column that a query gives.</summary>
/// <param name="Name">Its name; EXPR$n for an expression without one, as Flink names it; * for the columns, which are
/// not known, of a table that is not declared.</param>
/// <param name="Type">Its type, where it can be told.</param>
/// <param name="Inputs">The columns of base tables that its value is computed from.</param>
public sealed record OutputColumn(string Name, DataType? Type, IReadOnlyList<ColumnSource> Inputs)
{
    internal bool IsWild => Name == "*";
}

/// <summary>A column that is written, and what it is written from.</summary>
public sealed record ColumnFlow(string Sink, OutputColumn From);

public sealed partial class SqlAnalysis
{
    private ColumnReader? reader;

    /// <summary>The columns of a table or view, in order; null when nothing of them is known.</summary>
    public IReadOnlyList<OutputColumn>? ColumnsOf(TableSymbol table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Reader.Table(table);
    }

    /// <summary>The columns that a query of this script gives.</summary>
    public IReadOnlyList<OutputColumn> ColumnsOf(SqlQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Reader.Query(query, null);
    }

    /// <summary>
    /// Column lineage of a statement: what each column of its sink is written from. A query at the top writes what it
    /// gives.
    /// </summary>
    public IReadOnlyList<ColumnFlow> ColumnsOf(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var given = Reader.Query(flow.Query, null);
        List<string> names = flow.Statement is Insert insert ? SinkColumns(insert, flow.Sink) : [];
        var known = names.Count > 0 && !given.Any(column => column.IsWild);
        return [.. given.Select((column, i) => new ColumnFlow(known && i < names.Count ? names[i] : column.Name, column))];
    }

    private ColumnReader Reader => reader ??= new(this);

    // The columns that an INSERT names, or those of the table that can be written, less those that PARTITION sets.
    private static List<string> SinkColumns(Insert insert, TableSymbol? sink)
    {
        if (insert.Columns.Count > 0) return [.. insert.Columns.Select(column => column.ToString())];
        var set = insert.Partition?.Values.Where(value => value.Value is not null).Select(value => value.Column.Text);
        return [.. (sink?.DeclaredColumns ?? [])
            .Where(column => !column.IsVirtual).Select(column => column.Name).Except(set ?? [])];
    }
}

// Columns of queries, on demand: names are bound to tables already (SqlAnalysis.Bindings), here their columns are found.
internal sealed class ColumnReader(SqlAnalysis analysis)
{
    private static readonly IReadOnlyList<OutputColumn> Nothing = [];

    private readonly Dictionary<SqlNode, IReadOnlyList<OutputColumn>> known = new(ReferenceEqualityComparer.Instance);

    // What stands in FROM under one name.
    private sealed record Relation(string? Name, IReadOnlyList<OutputColumn> Columns)
    {
        // Columns that USING or NATURAL has merged into those of the left side: a star does not show them again.
        public HashSet<string>? Merged { get; set; }
    }

    private sealed record Scope(List<Relation> Relations, Scope? Outer)
    {
        private readonly Dictionary<string, Relation> byName = [];
        private readonly Dictionary<string, OutputColumn> byColumn = [];
        private int indexed;

        // The one relation whose columns are not known; null when there is none or more than one.
        public Relation? OnlyWild { get; private set; }

        private int wild;

        public Relation? Named(string name) => Index().byName.GetValueOrDefault(name);

        public OutputColumn? Column(string name) => Index().byColumn.GetValueOrDefault(name);

        // A scope grows while FROM is read, because what is LATERAL sees what stands before it.
        private Scope Index()
        {
            for (; indexed < Relations.Count; indexed++)
            {
                var relation = Relations[indexed];
                if (relation.Name is not null) byName.TryAdd(relation.Name, relation);
                var isWild = false;
                foreach (var column in relation.Columns)
                {
                    if (column.IsWild) isWild = true;
                    else byColumn.TryAdd(column.Name, column);
                }

                if (isWild) OnlyWild = wild++ == 0 ? relation : null;
            }

            return this;
        }
    }

    public IReadOnlyList<OutputColumn>? Table(TableSymbol table)
    {
        if (table.IsOutputKnown) return table.Output;
        table.IsOutputKnown = true; // a view that reads itself ends here
        if (table.Kind == TableKind.View && table.Query is { } query)
        {
            table.Output = Renamed(Query(query, null), (table.Definition as CreateView)?.Columns ?? []);
        }
        else if (table.DeclaredColumns is { } declared)
        {
            table.Output = [.. declared.Select(column => new OutputColumn(column.Name, column.Type, [new(table, column.Name)]))];
        }
        else if (table.Query is { } made)
        {
            table.Output = [.. Query(made, null).Select(column => column with { Inputs = [new(table, column.Name)] })];
        }

        return table.Output;
    }

    public IReadOnlyList<OutputColumn> Query(SqlQuery query, object? outer)
    {
        if (outer is null && known.TryGetValue(query, out var columns)) return columns;
        if (outer is null) known[query] = Nothing;
        columns = query switch
        {
            OrderedQuery { Body: { } body } => Query(body, outer),
            SetOperation operation => Union(operation, outer),
            Values values => Rows(values),
            TableQuery table => Named(table) ?? Nothing,
            Select select => Items(select, outer as Scope),
            _ => Nothing,
        };
        if (outer is null) known[query] = columns;
        return columns;
    }

    private static IReadOnlyList<OutputColumn> Renamed(IReadOnlyList<OutputColumn> columns, IReadOnlyList<SqlName> names)
    {
        if (names.Count == 0) return columns;
        if (columns.Any(column => column.IsWild)) return [.. names.Select(name => new OutputColumn(name.Text, null, []))];
        return [.. columns.Select((column, i) => i < names.Count ? column with { Name = names[i].Text } : column)];
    }

    private IReadOnlyList<OutputColumn> Union(SetOperation operation, object? outer)
    {
        var right = new Stack<SqlQuery>();
        SqlQuery left = operation;
        while (left is SetOperation next)
        {
            right.Push(next.Right);
            left = next.Left;
        }

        var columns = Query(left, outer);
        while (right.TryPop(out var next) && next is not null)
        {
            var others = Query(next, outer);
            if (others.Count != columns.Count) continue;
            columns = [.. columns.Select((column, i) => new OutputColumn(
                column.Name,
                DataType.Common(column.Type, others[i].Type),
                [.. column.Inputs.Union(others[i].Inputs)]))];
        }

        return columns;
    }

    private static OutputColumn[] Rows(Values values)
    {
        var typing = new Typing(_ => null);
        var rows = values.Rows.Select(row => row is Row { Items: var items } ? items : [row]).ToList();
        if (rows.Count == 0) return [];
        return [.. rows[0].Select((_, i) => new OutputColumn(
            string.Create(CultureInfo.InvariantCulture, $"EXPR${i}"),
            rows.Where(row => i < row.Count).Select(row => typing.TypeOf(row[i])).Aggregate(DataType.Common),
            []))];
    }

    // The columns of the table that a node is bound to; a wild one when they are not known.
    private IReadOnlyList<OutputColumn>? Named(SqlNode node)
    {
        if (!analysis.Bindings.TryGetValue(node, out var reference)) return null;
        if (reference.Common is { Query: { } query } common) return Renamed(Query(query, null), common.Columns);
        if (reference.Table is not { } table) return null;
        return Table(table) ?? [new("*", null, [new(table, "*")])];
    }

    private OutputColumn[] Items(Select select, Scope? outer)
    {
        var scope = new Scope([], outer);
        if (select.From is not null) From(select.From, scope);
        var typing = TypingOf(scope);
        var columns = new List<OutputColumn>(select.Items.Count);
        foreach (var item in select.Items)
        {
            if (item.Expression is Star star)
            {
                AddStar(columns, star, scope, typing);
                continue;
            }

            var name = item.Alias?.Text ?? item.Expression switch
            {
                SqlIdentifier identifier => identifier.Last.Text,
                FieldAccess field => field.Name.Text,
                _ => string.Create(CultureInfo.InvariantCulture, $"EXPR${columns.Count}"),
            };
            columns.Add(new(name, typing.TypeOf(item.Expression), Inputs(item.Expression, scope)));
        }

        return [.. columns];
    }

    private Typing TypingOf(Scope scope) => new(
        name => TypeOf(name, scope),
        query => Query(query, scope) is [var only, ..] ? only.Type : null);

    private void AddStar(List<OutputColumn> columns, Star star, Scope scope, Typing typing)
    {
        if (star.Of is null)
        {
            foreach (var relation in scope.Relations)
            {
                columns.AddRange(relation.Columns.Where(column => relation.Merged?.Contains(column.Name) != true));
            }

            return;
        }

        if (star.Of is SqlIdentifier { Last.Text: var name } && scope.Named(name) is { } one)
        {
            columns.AddRange(one.Columns);
            return;
        }

        var inputs = Inputs(star.Of, scope);
        foreach (var (field, type) in typing.TypeOf(star.Of)?.Fields ?? []) columns.Add(new(field, type, inputs));
    }

    private void From(SqlTable table, Scope scope)
    {
        var joins = new Stack<Join>();
        while (table is Join { Alias: null } join)
        {
            joins.Push(join);
            table = join.Left;
        }

        Add(table, scope);
        while (joins.TryPop(out var join))
        {
            var before = scope.Relations.Count;
            if (join.Right is null) continue;
            From(join.Right, scope);
            Merge(join, scope.Relations, before);
        }
    }

    private static void Merge(Join join, List<Relation> relations, int before)
    {
        if (join.Using.Count == 0 && !join.IsNatural) return;
        var left = relations.Take(before).SelectMany(it => it.Columns).Select(column => column.Name).ToHashSet();
        foreach (var relation in relations.Skip(before))
        {
            relation.Merged = join.IsNatural
                ? [.. relation.Columns.Select(column => column.Name).Where(left.Contains)]
                : [.. join.Using.Select(name => name.Text)];
        }
    }

    private void Add(SqlTable table, Scope scope)
    {
        var name = table.Alias?.Text;
        IReadOnlyList<OutputColumn> columns;
        switch (table)
        {
            case NamedTable { Name: not null } named:
                name ??= named.Name.Last.Text;
                columns = Named(named) ?? Nothing;
                break;
            case DerivedTable { Query: { } query } derived:
                columns = Query(query, derived.IsLateral ? scope : null);
                break;
            case FunctionTable { Call: not null } function:
                columns = Function(function, scope);
                break;
            case Join:
                var inner = new Scope([], scope.Outer);
                var alias = table.Alias;
                table.Alias = null;
                From(table, inner);
                table.Alias = alias;
                columns = [.. inner.Relations.SelectMany(it => it.Columns)];
                break;
            default:
                columns = Nothing;
                break;
        }

        if (table.Match is { } match) columns = Matched(match, columns, scope);
        scope.Relations.Add(new(name, Renamed(columns, table.Columns)));
    }

    // What MATCH_RECOGNIZE gives: the columns it is partitioned by, then its measures.
    private OutputColumn[] Matched(MatchRecognize match, IReadOnlyList<OutputColumn> input, Scope outer)
    {
        var relations = new List<Relation> { new(null, input) };
        relations.AddRange(match.Variables.Select(variable => new Relation(variable.Text, input)));
        var scope = new Scope(relations, outer.Outer);
        var typing = TypingOf(scope);
        var columns = new List<OutputColumn>();
        if (match.HasAllRows)
        {
            columns.AddRange(input);
        }
        else
        {
            foreach (var by in match.PartitionBy.OfType<SqlIdentifier>())
            {
                columns.Add(new(by.Last.Text, typing.TypeOf(by), Inputs(by, scope)));
            }
        }

        foreach (var measure in match.Measures)
        {
            columns.Add(new(
                measure.Alias?.Text ?? "", typing.TypeOf(measure.Expression), Inputs(measure.Expression, scope)));
        }

        return [.. columns];
    }

    private OutputColumn[] Function(FunctionTable table, Scope scope)
    {
        var call = table.Call;
        var inputs = Inputs(call, scope);
        if (call.Is("UNNEST")) return Unnested(table, scope, inputs);
        var argument = call.Arguments
            .Select(each => each is NamedArgument { Value: var value } ? value : each).OfType<TableArgument>().FirstOrDefault();
        if (argument is null) return [.. table.Columns.Select(name => new OutputColumn(name.Text, null, inputs))];

        var columns = argument.Query is { } query ? Query(query, null) : Named(argument) ?? Nothing;
        if (call.Is("TUMBLE") || call.Is("HOP") || call.Is("CUMULATE") || call.Is("SESSION"))
        {
            var time = DataType.Timestamp(3) with { IsNullable = false };
            return [.. columns, new("window_start", time, []), new("window_end", time, []), new("window_time", time, [])];
        }

        if (call.Is("ML_PREDICT") || call.Is("SNAPSHOT"))
        {
            var model = call.Arguments.Select(each => each is NamedArgument { Value: var value } ? value : each)
                .OfType<ModelArgument>().FirstOrDefault();
            return [.. columns, .. OutputOf(model, inputs)];
        }

        // Any other function has rows of its own kind, made of what went in.
        return table.Columns.Count > 0
            ? [.. table.Columns.Select(name => new OutputColumn(name.Text, null, inputs))]
            : [new("*", null, inputs)];
    }

    private IEnumerable<OutputColumn> OutputOf(ModelArgument? model, IReadOnlyList<ColumnSource> inputs)
    {
        if (model is null) return [];
        var name = model.Name.Last.Text;
        var definition = analysis.Script.Statements.OfType<CreateObject>().LastOrDefault(
            it => it is { Object: ObjectKind.Model, Name: not null } && it.Name.Last.Text == name);
        return (definition?.Output ?? []).OfType<ColumnDefinition>().Select(column => new OutputColumn(
            column.Name.Last.Text, column.Type is { } type ? DataType.Of(type) : null, inputs));
    }

    private OutputColumn[] Unnested(FunctionTable table, Scope scope, IReadOnlyList<ColumnSource> inputs)
    {
        var columns = new List<OutputColumn>();
        var typing = TypingOf(scope);
        foreach (var argument in table.Call.Arguments)
        {
            switch (typing.TypeOf(argument))
            {
                case { Name: "ARRAY" or "MULTISET", Arguments: [{ Fields.Count: > 0 } row] }:
                    columns.AddRange(row.Fields.Select(field => new OutputColumn(field.Name, field.Type, inputs)));
                    break;
                case { Name: "MAP", Arguments: [var key, var value] }:
                    columns.Add(new("KEY", key, inputs));
                    columns.Add(new("VALUE", value, inputs));
                    break;
                case { Name: "ARRAY" or "MULTISET", Arguments: [var element] }:
                    columns.Add(new("EXPR$0", element, inputs));
                    break;
                default:
                    return [.. table.Columns.Select(name => new OutputColumn(name.Text, null, inputs))];
            }
        }

        if (table.HasOrdinality) columns.Add(new("ORDINALITY", DataType.Int with { IsNullable = false }, []));
        return [.. columns];
    }

    // The base columns under all names within an expression; a query within it counts by what it gives.
    private List<ColumnSource> Inputs(SqlExpression expression, Scope scope)
    {
        var inputs = new List<ColumnSource>();
        var once = new HashSet<ColumnSource>();
        var open = new Stack<SqlNode>();
        var children = new List<SqlNode>();
        open.Push(expression);
        while (open.TryPop(out var node))
        {
            switch (node)
            {
                case SqlIdentifier name:
                    Take(Column(name, scope)?.Inputs);
                    continue;
                case QueryExpression { Query: { } query }:
                    foreach (var column in Query(query, scope)) Take(column.Inputs);
                    continue;
                case TableArgument argument:
                    foreach (var column in argument.Query is { } query ? Query(query, null) : Named(argument) ?? Nothing)
                    {
                        Take(column.Inputs);
                    }

                    continue;
                case Call call:
                    // Its name is no column.
                    children.AddRange(call.Arguments);
                    children.AddRange(call.OrderBy);
                    if (call.Filter is not null) children.Add(call.Filter);
                    if (call.Over is not null) children.Add(call.Over);
                    break;
                default:
                    node.ForEachChild(children.Add);
                    break;
            }

            for (var i = children.Count - 1; i >= 0; i--) open.Push(children[i]);
            children.Clear();
        }

        return inputs;

        void Take(IReadOnlyList<ColumnSource>? sources)
        {
            foreach (var source in sources ?? [])
            {
                if (once.Add(source)) inputs.Add(source);
            }
        }
    }

    private static DataType? TypeOf(SqlIdentifier name, Scope scope)
    {
        var column = Column(name, scope, out var used);
        var type = column?.Type;
        for (var i = used; i < name.Parts.Count; i++) type = Typing.FieldOf(type, name.Parts[i].Text);
        return type;
    }

    private static OutputColumn? Column(SqlIdentifier name, Scope scope) => Column(name, scope, out _);

    // table.column.field…, or column.field…; what is nearer counts before what is further out.
    private static OutputColumn? Column(SqlIdentifier name, Scope? scope, out int used)
    {
        for (; scope is not null; scope = scope.Outer)
        {
            if (name.Parts.Count > 1)
            {
                // catalog.database.table.column is rare, so the table's name is tried from the left.
                for (var i = 0; i < name.Parts.Count - 1; i++)
                {
                    var table = name.Parts[i].Text;
                    if (scope.Named(table) is not { } relation) continue;
                    used = i + 2;
                    return Of(relation, name.Parts[i + 1].Text) ?? Wild(relation, name.Parts[i + 1].Text);
                }
            }

            used = 1;
            var column = name.Parts[0].Text;
            if (scope.Column(column) is { } found) return found;
            if (scope.OnlyWild is { } only) return Wild(only, column);
        }

        used = name.Parts.Count;
        return null;
    }

    private static OutputColumn? Of(Relation relation, string name)
    {
        foreach (var column in relation.Columns)
        {
            if (column.Name == name) return column;
        }

        return null;
    }

    private static OutputColumn? Wild(Relation relation, string name)
    {
        foreach (var column in relation.Columns)
        {
            if (!column.IsWild) continue;
            return new(name, null, [.. column.Inputs.Select(
                source => source.Column == "*" ? source with { Column = name } : source)]);
        }

        return null;
    }
}
