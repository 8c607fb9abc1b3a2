using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// The tables and views that a script declares, with LIKE resolved and ALTER TABLE done, and who reads and writes them.
/// Names mean what they mean where they stand: USE moves the current catalog and database.
/// </summary>
internal sealed class ScriptTables
{
    public const string DefaultCatalog = "default_catalog";
    public const string DefaultDatabase = "default_database";

    private readonly Dictionary<TablePath, TableFacts> tables = [];
    private string catalog = DefaultCatalog;
    private string database = DefaultDatabase;

    private ScriptTables()
    {
    }

    /// <summary>In the order in which they are declared.</summary>
    public List<TableFacts> All { get; } = [];

    /// <summary>Names that are read or written and that the script does not declare.</summary>
    public List<(TablePath Path, SqlIdentifier Name, TableReference? Read, SqlStatement Statement)> Unknown { get; } = [];

    /// <summary>Catalogs that the script creates.</summary>
    public HashSet<string> Catalogs { get; } = new(StringComparer.Ordinal);

    /// <summary>Each reference with the table that it means.</summary>
    public Dictionary<SqlIdentifier, TableFacts> Meaning { get; } = [];

    public static ScriptTables Of(SqlScript script)
    {
        var all = new ScriptTables();
        foreach (var statement in script.Statements) all.Statement(statement);
        return all;
    }

    /// <summary>All statements of a script, those within statement sets and EXPLAIN too.</summary>
    public static IEnumerable<SqlStatement> Flat(IEnumerable<SqlStatement> statements)
    {
        foreach (var statement in statements)
        {
            switch (statement)
            {
                case StatementSet set:
                    foreach (var insert in set.Inserts) yield return insert;
                    break;
                case WrapperStatement { Inner: { } inner }:
                    foreach (var each in Flat([inner])) yield return each;
                    break;
                default:
                    yield return statement;
                    break;
            }
        }
    }

    private void Statement(SqlStatement statement)
    {
        switch (statement)
        {
            case CreateObject { Object: ObjectKind.Catalog, Name.Parts.Count: > 0 } create:
                Catalogs.Add(create.Name.Last.Text);
                break;
            case Use { Kind: SqlKind.UseCatalog, Names: [{ Parts.Count: > 0 } name] }:
                (catalog, database) = (name.Last.Text, name.Last.Text == DefaultCatalog ? DefaultDatabase : "default");
                break;
            case Use { Kind: SqlKind.UseDatabase, Names: [{ Parts.Count: > 0 } name] }:
                if (name.Parts.Count > 1) catalog = name.Parts[0].Text;
                database = name.Last.Text;
                break;
            case CreateTable { Name.Parts.Count: > 0 } table:
                Reads(table.Query, table);
                Declare(TableOf(table));
                if (table.Query is not null && tables.TryGetValue(PathOf(table.Name), out var filled))
                    filled.Writes.Add(table);
                break;
            case CreateView { Name.Parts.Count: > 0 } view:
                Reads(view.Query, view);
                Declare(new() { Path = PathOf(view.Name), Name = view.Name, View = view });
                break;
            case AlterObject { Object: ObjectKind.Table, Name.Parts.Count: > 0 } alter:
                Alter(alter);
                break;
            case DropObject { Object: ObjectKind.Table or ObjectKind.View, Name.Parts.Count: > 0 } drop:
                tables.Remove(PathOf(drop.Name));
                break;
            case StatementSet or WrapperStatement:
                foreach (var inner in Flat([statement])) Statement(inner);
                break;
            case Insert { Target.Parts.Count: > 0 } insert:
                Writes(insert.Target, insert);
                Reads(insert.Query, insert);
                break;
            case Update { Target.Parts.Count: > 0 } update:
                Writes(update.Target, update);
                break;
            case Delete { Target.Parts.Count: > 0 } delete:
                Writes(delete.Target, delete);
                break;
            case QueryStatement query:
                Reads(query.Query, query);
                break;
        }
    }

    public TablePath PathOf(SqlIdentifier name) => name.Parts.Count switch
    {
        1 => new(catalog, database, name.Parts[0].Text),
        2 => new(catalog, name.Parts[0].Text, name.Parts[1].Text),
        _ => new(name.Parts[^3].Text, name.Parts[^2].Text, name.Parts[^1].Text),
    };

    private void Declare(TableFacts table)
    {
        tables[table.Path] = table;
        All.Add(table);
    }

    private void Reads(SqlNode? query, SqlStatement statement)
    {
        foreach (var reference in TableReferences.Of(query))
        {
            var path = PathOf(reference.Name);
            if (tables.TryGetValue(path, out var table))
            {
                table.Reads.Add(reference);
                Meaning[reference.Name] = table;
            }
            else
            {
                Unknown.Add((path, reference.Name, reference, statement));
            }
        }
    }

    private void Writes(SqlIdentifier target, SqlStatement statement)
    {
        var path = PathOf(target);
        if (tables.TryGetValue(path, out var table))
        {
            table.Writes.Add(statement);
            Meaning[target] = table;
        }
        else
        {
            Unknown.Add((path, target, null, statement));
        }
    }

    private TableFacts TableOf(CreateTable create)
    {
        var table = new TableFacts { Path = PathOf(create.Name), Name = create.Name, Create = create };
        TableFacts? like = null;
        if (create.Like is { Name.Parts.Count: > 0 } clause && !tables.TryGetValue(PathOf(clause.Name), out like))
            table.IsLikeUnknown = true;

        var columns = new List<ColumnFacts>();
        if (like is not null && create.Like is not null) Inherit(table, like, create.Like, columns);
        foreach (var column in create.Elements.OfType<ColumnDefinition>())
        {
            if (column.Name is not { Parts.Count: > 0 } name) continue;
            columns.RemoveAll(known => known.Name == name.Last.Text);
            columns.Add(new(name.Last.Text, column));
            if (column.Constraint is { IsPrimaryKey: true }) table.PrimaryKey = [name.Last.Text];
        }

        foreach (var key in create.Elements.OfType<ConstraintDefinition>())
        {
            if (key.IsPrimaryKey) table.PrimaryKey = [.. key.Columns.Select(column => column.Text)];
        }

        var watermarks = create.Elements.OfType<WatermarkDefinition>().ToArray();
        if (watermarks.Length > 0) table.Watermarks = watermarks;
        if (create.PartitionedBy.Count > 0) table.PartitionedBy = [.. create.PartitionedBy.Select(name => name.Text)];
        foreach (var option in create.Options?.Options ?? []) Set(table, option);
        var areKnown = create.Query is null && !table.IsLikeUnknown && (like is null || like.Columns is not null)
            && create.Connection is null && create.IsWhole;
        table.Columns = areKnown && columns.Count > 0 ? columns : null;
        return table;
    }

    // CREATE TABLE … LIKE: all but what EXCLUDING names; physical columns always.
    private static void Inherit(TableFacts table, TableFacts like, LikeClause clause, List<ColumnFacts> columns)
    {
        foreach (var column in like.Columns ?? [])
        {
            var feature = column.Kind switch
            {
                ColumnKind.Computed => "GENERATED",
                ColumnKind.Metadata => "METADATA",
                _ => null,
            };
            if (feature is null || Includes(clause, feature)) columns.Add(column);
        }

        if (Includes(clause, "CONSTRAINTS")) table.PrimaryKey = like.PrimaryKey;
        if (Includes(clause, "WATERMARKS")) table.Watermarks = like.Watermarks;
        if (Includes(clause, "PARTITIONS")) table.PartitionedBy = like.PartitionedBy;
        table.IsLikeUnknown = like.IsLikeUnknown;
        if (!Includes(clause, "OPTIONS")) return;
        foreach (var (key, option) in like.Options) table.Options[key] = option;
    }

    /// <summary>Whether LIKE takes a feature over: what it says of the feature, else of ALL, else yes.</summary>
    public static bool Includes(LikeClause clause, string feature)
    {
        var said = clause.Features.LastOrDefault(each => each.Feature == feature);
        if (said.Feature is null) said = clause.Features.LastOrDefault(each => each.Feature == "ALL");
        return said.Strategy != "EXCLUDING";
    }

    private void Alter(AlterObject alter)
    {
        if (!tables.TryGetValue(PathOf(alter.Name), out var table)) return;
        switch (alter.Action)
        {
            case AlterAction.Set:
                foreach (var option in alter.Options?.Options ?? []) Set(table, option);
                break;
            case AlterAction.Reset:
                foreach (var key in alter.Keys) table.Options.Remove(key.Value);
                break;
            case AlterAction.Rename when alter.NewName is { Parts.Count: > 0 } name:
                tables.Remove(table.Path);
                tables[PathOf(name)] = table;
                break;
            case AlterAction.AddPartitions or AlterAction.DropPartitions:
                break;
            default:
                table.Columns = null; // columns, keys and watermarks as they are after changes are not followed
                break;
        }
    }

    private static void Set(TableFacts table, SqlOption option) =>
        table.Options[option.Key.Value] = new(option.Key.Value, option.Value.Value, option);
}
