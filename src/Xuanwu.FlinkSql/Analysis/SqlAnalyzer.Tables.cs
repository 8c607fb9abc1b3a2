using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

// What a table is declared to be: columns, keys, options, with what LIKE brings and ALTER TABLE changes.
internal sealed partial class SqlAnalyzer
{
    private TableSymbol Declared(CreateTable table)
    {
        var symbol = new TableSymbol(
            PathOf(table.Name),
            table.Kind == SqlKind.CreateMaterializedTable ? TableKind.MaterializedTable : TableKind.Table)
        {
            Definition = table,
            IsTemporary = table.IsTemporary,
            Query = table.Query,
            PartitionedBy = [.. table.PartitionedBy.Select(column => column.Text)],
        };
        var like = table.Like is { Name: not null } clause ? Find(clause.Name) : null;
        Columns(symbol, table, like);
        Options(symbol, table, like);
        if (like is null) return symbol;
        symbol.Watermark ??= Takes(table.Like!, "WATERMARKS") ? like.Watermark : null;
        if (symbol.PrimaryKey.Count == 0 && Takes(table.Like!, "CONSTRAINTS")) symbol.PrimaryKey = like.PrimaryKey;
        if (symbol.PartitionedBy.Count == 0 && Takes(table.Like!, "PARTITIONS"))
        {
            symbol.PartitionedBy = like.PartitionedBy;
        }

        return symbol;
    }

    // INCLUDING is the rule; a feature of its own counts before ALL.
    private static bool Takes(LikeClause like, string feature)
    {
        var strategy = "INCLUDING";
        foreach (var (written, what) in like.Features)
        {
            if (what == feature) return written != "EXCLUDING";
            if (what == "ALL") strategy = written;
        }

        return strategy != "EXCLUDING";
    }

    private static void Columns(TableSymbol symbol, CreateTable table, TableSymbol? like)
    {
        var columns = new List<TableColumn>();
        if (like is not null)
        {
            if (like.DeclaredColumns is null && table.Elements.Count == 0) return;
            foreach (var column in like.DeclaredColumns ?? [])
            {
                var takes = column.Kind switch
                {
                    ColumnKind.Computed => Takes(table.Like!, "GENERATED"),
                    ColumnKind.Metadata => Takes(table.Like!, "METADATA"),
                    _ => true,
                };
                if (takes) columns.Add(column);
            }
        }

        Add(symbol, columns, table.Elements);
        if (like is { DeclaredColumns: null }) return;
        if (columns.Count > 0 || (table.Query is null && table.Options is not null)) symbol.DeclaredColumns = columns;
    }

    private static void Add(TableSymbol symbol, List<TableColumn> columns, IReadOnlyList<TableElement> elements)
    {
        foreach (var element in elements)
        {
            switch (element)
            {
                case ColumnDefinition { Name.Parts.Count: 1 } definition:
                    var column = Column(definition, columns);
                    var known = columns.FindIndex(other => other.Name == column.Name);
                    if (known >= 0) columns[known] = column;
                    else if (definition.IsFirst) columns.Insert(0, column);
                    else columns.Insert(After(definition, columns), column);
                    if (definition.Constraint is { IsPrimaryKey: true }) symbol.PrimaryKey = [column.Name];
                    break;
                case ConstraintDefinition { IsPrimaryKey: true } key:
                    symbol.PrimaryKey = [.. key.Columns.Select(name => name.Text)];
                    break;
                case WatermarkDefinition watermark:
                    symbol.Watermark = watermark;
                    break;
            }
        }
    }

    private static int After(ColumnDefinition definition, List<TableColumn> columns)
    {
        var place = definition.After is { } after ? columns.FindIndex(other => other.Name == after.Last.Text) : -1;
        return place < 0 ? columns.Count : place + 1;
    }

    private static TableColumn Column(ColumnDefinition definition, List<TableColumn> before)
    {
        var type = definition.Type is { } written ? DataType.Of(written) : null;
        if (definition is { Kind: ColumnKind.Computed, Expression: { } expression })
        {
            type = new Typing(before).TypeOf(expression);
        }

        if (definition.Constraint is { IsPrimaryKey: true } && type is not null) type = type with { IsNullable = false };
        return new(
            definition.Name.Last.Text,
            type,
            definition.Kind,
            definition.Kind == ColumnKind.Computed || definition.IsVirtual,
            definition);
    }

    private static void Options(TableSymbol symbol, CreateTable table, TableSymbol? like)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        if (like is not null && Takes(table.Like!, "OPTIONS"))
        {
            foreach (var (key, value) in like.Options) options[key] = value;
        }

        foreach (var option in table.Options?.Options ?? []) options[option.Key.Value] = option.Value.Value;
        symbol.Options = options;
    }

    // ALTER of what a table is; RENAME and AS are taken before.
    private static void Change(TableSymbol symbol, AlterObject alter)
    {
        var columns = symbol.DeclaredColumns?.ToList();
        switch (alter.Action)
        {
            case AlterAction.Set or AlterAction.Reset:
                var options = new Dictionary<string, string>(symbol.Options, StringComparer.Ordinal);
                foreach (var option in alter.Options?.Options ?? []) options[option.Key.Value] = option.Value.Value;
                foreach (var key in alter.Keys) options.Remove(key.Value);
                symbol.Options = options;
                return;
            case AlterAction.Add or AlterAction.Modify:
                Add(symbol, columns ?? [], alter.Elements);
                break;
            case AlterAction.DropColumns:
                columns?.RemoveAll(column => alter.Columns.Any(name => name.ToString() == column.Name));
                break;
            case AlterAction.RenameColumn when alter is { Columns: [var from, ..], NewName: { } to }:
                var place = columns?.FindIndex(column => column.Name == from.ToString()) ?? -1;
                if (place >= 0) columns![place] = columns[place] with { Name = to.Last.Text };
                break;
            case AlterAction.DropPrimaryKey or AlterAction.DropConstraint:
                symbol.PrimaryKey = [];
                break;
            case AlterAction.DropWatermark:
                symbol.Watermark = null;
                break;
        }

        if (columns is not null) symbol.DeclaredColumns = columns;
    }

    private SqlNeeds Needs()
    {
        var connectors = new SortedSet<string>(StringComparer.Ordinal);
        var formats = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var table in all)
        {
            if (table.Roles == TableRoles.None) continue;
            if (table.Connector is { } connector) connectors.Add(connector);
            foreach (var key in FormatKeys)
            {
                if (table.Options.TryGetValue(key, out var format)) formats.Add(format);
            }
        }

        var needed = called
            .Where(name => functions.ContainsKey(name) || !BuiltInFunctions.Has(name))
            .Select(name => new NeededFunction(name, functions.GetValueOrDefault(name)))
            .OrderBy(function => function.Name, StringComparer.Ordinal);
        return new([.. connectors], [.. formats], [.. catalogTypes.Distinct()], [.. needed], [.. jars.Distinct()]);
    }

    private static readonly string[] FormatKeys = ["format", "key.format", "value.format", "format.type"];
}
