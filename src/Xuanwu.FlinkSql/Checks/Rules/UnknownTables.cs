using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// A table that nobody declares. In the catalog that a session begins with there is only what the script puts there, so
/// that is an error; another catalog is judged only if its tables are known. Where nothing around the script is known,
/// only a name that is nearly another is told.
/// </summary>
internal sealed class UnknownTables() : CheckRule("SQL_TABLE_UNKNOWN", "A table is not declared.")
{
    internal override void Check(CheckContext context)
    {
        var known = context.Analysis.Tables.Where(table => table.Kind != TableKind.Unknown).ToArray();
        var created = context.Statements.OfType<CreateObject>().Where(it => it.Object == ObjectKind.Catalog)
            .Select(it => it.Name.ToString()).ToHashSet();
        foreach (var reference in context.Analysis.References)
        {
            if (reference.Table is not { Kind: TableKind.Unknown, Path: var path }) continue;
            var meant = Nearest.To(path.Name, known.Where(table => table.Path.Catalog == path.Catalog)
                .Select(table => table.Path.Name).Distinct());
            var surroundings = context.Options.Surroundings;
            var isSure = surroundings is not null && !created.Contains(path.Catalog)
                && (path.Catalog == SqlSurroundings.None.Catalog
                    || surroundings.Tables.Any(table => table.Path.Catalog == path.Catalog));
            if (!isSure && meant is null) continue;
            var last = reference.Name.Last;
            var message = $"There is no table {reference.Name}." + (meant is null ? "" : $" Did you mean {meant}?");
            var fix = meant is null
                ? null
                : new SqlFix($"Write {meant}", [new(last.Span, SqlWords.Quoted(meant))]);
            if (isSure) context.Error(Code, message, reference.Name.Span, fix);
            else context.Warn(Code, message, reference.Name.Span, fix);
        }
    }
}
