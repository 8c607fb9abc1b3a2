using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mocking;

// The tables: those that the script declares, and in front of it those that catalogs would bring.
internal sealed partial class ScriptMock
{
    // The declarations that stand for a table, with semicolons between.
    private string Declaration(TableSymbol table)
    {
        var parts = new List<string>();
        var isSink = (table.Roles & TableRoles.Sink) != 0;
        var isSource = (table.Roles & TableRoles.Source) != 0 || !isSink;
        if (isSource)
        {
            var own = columns.Source(table, (column, why) =>
                Change(table, $"{Written(table)}.{column}", "made plain", why));
            var watermark = own is null ? null : columns.Watermark(table, own);
            if (own is null)
            {
                (own, watermark) = columns.Guessed(table);
                Guess(table, "Its columns are not known; they are those that the queries name, with types that fit.");
            }

            var rows = (table.Roles & TableRoles.Lookup) != 0 ? Math.Min(options.Rows, 2 * MockTable.KeyValues)
                : options.Rows;
            parts.Add(MockTable.Source(
                Name(table), own, Key(table, own), watermark, name =>
                    uses.Of(table, name), rows, options.RowsPerSecond));
        }

        if (isSink)
        {
            var own = columns.Sink(table);
            if (own is null)
            {
                own = columns.Given(analysis.Flows.First(flow => flow.Sink == table));
                Guess(table, "Its columns are not known; they are those that the query gives.");
            }

            var name = written.GetValueOrDefault(table) ?? Name(table);
            parts.Add(MockTable.Sink(name, Written(table), own, Key(table, own)));
        }

        return string.Join(";\n", parts);
    }

    private static IReadOnlyList<string> Key(TableSymbol table, List<MockColumn> own) =>
        table.PrimaryKey.All(key => own.Any(column => column.Name == key)) ? table.PrimaryKey : [];

    private string What(TableSymbol table)
    {
        var isLookup = (table.Roles & TableRoles.Lookup) != 0;
        var generated = isLookup ? "a few generated rows" : $"{options.Rows} generated rows";
        var from = table.Connector is { } connector ? $"{connector} becomes " : "";
        return from + ((table.Roles & (TableRoles.Source | TableRoles.Sink)) switch
        {
            TableRoles.Sink => "print",
            TableRoles.Source | TableRoles.Sink => $"{generated}, and print for what is written",
            _ => generated,
        });
    }

    private static string Why(TableSymbol table) => (table.Roles & (TableRoles.Source | TableRoles.Sink)) switch
    {
        TableRoles.Sink => "Nothing is written to production; each sink prints under its own name.",
        TableRoles.Source | TableRoles.Sink =>
            "It is read and written; generated rows cannot be written, so these go to a table of their own.",
        _ when (table.Roles & TableRoles.Lookup) != 0 =>
            "Generated rows cannot be looked up, so the lookup is a join with a few of them.",
        _ => "Nothing is read from production; columns that are joined, grouped or compared get few values.",
    };

    private static string Memory(string name, string database, bool ifNotExists = false) =>
        $"CREATE CATALOG {(ifNotExists ? "IF NOT EXISTS " : "")}{name} WITH ('type' = 'generic_in_memory', "
        + $"'default-database' = {SqlQuote.Text(database)})";

    // What catalogs would bring: the catalogs and databases themselves, and temporary tables with the names of theirs.
    private string Front()
    {
        var lines = new List<string>();
        var created = Script.Statements.OfType<CreateObject>().ToArray();
        var catalogs = new HashSet<string>(StringComparer.Ordinal) { SqlSurroundings.None.Catalog };
        foreach (var it in created.Where(it => it.Object == ObjectKind.Catalog)) catalogs.Add(it.Name.ToString());
        var later = new List<TableSymbol>();
        foreach (var name in Script.Statements.OfType<Use>()
            .Where(use => use is { Kind: SqlKind.UseCatalog, Names.Count: > 0 })
            .Select(use => use.Names[0].Last.Text).Concat(analysis.Tables.Select(table => table.Path.Catalog)))
        {
            if (catalogs.Add(name)) lines.Add(Memory(SqlWords.Quoted(name), "default"));
        }

        var databases = new HashSet<(string, string)>();
        foreach (var table in analysis.Tables)
        {
            var path = table.Path;
            var isOwn = created.Any(it => it.Object == ObjectKind.Catalog && it.Name.ToString() == path.Catalog);
            if (table.Definition is null && table.Roles != TableRoles.None && isOwn) later.Add(table);
            if (path.Database is "default_database" or "default" || isOwn) continue;
            if (created.Any(it => it.Object == ObjectKind.Database && it.Name.Last.Text == path.Database)) continue;
            if (databases.Add((path.Catalog, path.Database)))
                lines.Add(
                    $"CREATE DATABASE IF NOT EXISTS {SqlWords.Quoted(path.Catalog)}.{SqlWords.Quoted(path.Database)}");
        }

        foreach (var table in analysis.Tables)
        {
            if (table.Definition is not null || table.Roles == TableRoles.None || later.Contains(table)) continue;
            lines.Add(Declaration(table));
            Change(table, Written(table), What(table),
                "It is in a catalog; a temporary table of its name stands before it.");
        }

        Behind(later, created);
        return lines.Count == 0 ? "" : string.Join(";\n", lines) + ";\n";
    }

    // Tables of a catalog that the script itself creates can only be declared behind that.
    private void Behind(List<TableSymbol> tables, CreateObject[] created)
    {
        foreach (var group in tables.GroupBy(table => table.Path.Catalog))
        {
            var catalog = created.First(it => it.Object == ObjectKind.Catalog && it.Name.ToString() == group.Key);
            var lines = new List<string>();
            foreach (var database in group.Select(table => table.Path.Database).Distinct())
            {
                lines.Add("CREATE DATABASE IF NOT EXISTS "
                    + $"{SqlWords.Quoted(group.Key)}.{SqlWords.Quoted(database)}");
            }

            foreach (var table in group)
            {
                lines.Add(Declaration(table));
                Change(table, Written(table), What(table),
                    "It is in a catalog; a temporary table of its name stands before it.");
            }

            edits.Insert(catalog.End, ";\n" + string.Join(";\n", lines));
        }
    }

    // As the author wrote it where it is declared; else in full, for it is declared before USE.
    private string Name(TableSymbol table) => table.Definition is CreateTable create
        ? create.Name.Span.Of(Script.Text)
        : table.Path.ToString();

    private static string Written(TableSymbol table) =>
        table.WrittenName.Length > 0 ? table.WrittenName : table.Path.Name;

    private void Guess(TableSymbol table, string why)
    {
        var at = table.Definition is CreateTable create
            ? create.Name.Span
            : analysis.References.FirstOrDefault(reference => reference.Table == table)?.Name.Span ?? default;
        diagnostics.Add(Told("SQL_MOCK_GUESSED", $"{Written(table)}: {why}", at));
    }
}
