using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql;

/// <summary>What the leading words of a statement, seen one by one, say that it is.</summary>
internal struct SqlHead
{
    private const int Longest = 16;

    private List<string>? words;
    private bool closed;
    private bool isQuery;
    private bool hasAs;

    /// <summary>
    /// Whether the words up to here open a statement set, so that statements and semicolons follow that belong to it.
    /// </summary>
    public bool BeginsSet { get; set; }

    public readonly StatementKind Kind => isQuery ? StatementKind.Select : Of(words?.ToArray(), hasAs);

    public void Add(string text, SqlToken token, int depth)
    {
        if (words is null)
        {
            words = new(8);
            isQuery = token.Id == Tok.Open;
        }

        if (token.Id == Tok.AS && depth == 0) hasAs = true;
        if (closed || token.Kind == SqlTokenKind.Text) return; // COMPILE PLAN 'file' FOR STATEMENT SET …
        if (token.Kind is not (SqlTokenKind.Word or SqlTokenKind.Name) || words.Count == Longest)
        {
            closed = true;
            return;
        }

        words.Add(text.Substring(token.Start, token.Length).ToUpperInvariant());
        BeginsSet = words is ["EXECUTE" or "EXPLAIN" or "COMPILE", .., "STATEMENT", "SET", "BEGIN"];
    }

    private static StatementKind Of(ReadOnlySpan<string> words, bool hasAs) => words switch
    {
        ["INSERT", ..] => StatementKind.Insert,
        ["EXECUTE", "STATEMENT", "SET", ..] => StatementKind.StatementSet,
        ["EXECUTE", "PLAN", ..] => StatementKind.ExecutePlan,
        ["EXECUTE", "INSERT", ..] => StatementKind.Insert,
        ["EXECUTE", ..] => StatementKind.Select,
        ["BEGIN", "STATEMENT", "SET", ..] => StatementKind.BeginStatementSet,
        ["END"] or ["END", "STATEMENT", "SET"] => StatementKind.EndStatementSet,
        ["SELECT" or "WITH" or "VALUES" or "TABLE" or "FROM", ..] => StatementKind.Select,
        ["SET", ..] => StatementKind.Set,
        ["RESET", ..] => StatementKind.Reset,
        ["USE", ..] => StatementKind.Use,
        ["CREATE", "OR", "REPLACE" or "ALTER", .. var rest] => Created(rest, hasAs),
        ["CREATE", .. var rest] => Created(rest, hasAs),
        ["REPLACE", "TABLE", ..] => hasAs ? StatementKind.CreateTableAs : StatementKind.CreateTable,
        ["ALTER", ..] => StatementKind.Alter,
        ["DROP", ..] => StatementKind.Drop,
        ["ADD", "JAR", ..] => StatementKind.AddJar,
        ["REMOVE", "JAR", ..] => StatementKind.RemoveJar,
        ["LOAD", "MODULE", ..] => StatementKind.LoadModule,
        ["UNLOAD", "MODULE", ..] => StatementKind.UnloadModule,
        ["SHOW", ..] => StatementKind.Show,
        ["DESCRIBE" or "DESC", ..] => StatementKind.Describe,
        ["EXPLAIN", ..] => StatementKind.Explain,
        ["COMPILE", ..] => StatementKind.CompilePlan,
        ["UPDATE", ..] => StatementKind.Update,
        ["DELETE", ..] => StatementKind.Delete,
        ["TRUNCATE", ..] => StatementKind.Truncate,
        ["ANALYZE", ..] => StatementKind.Analyze,
        ["CALL", ..] => StatementKind.Call,
        ["STOP", "JOB", ..] => StatementKind.StopJob,
        ["QUIT" or "EXIT" or "CLEAR" or "HELP"] => StatementKind.ClientCommand,
        _ => StatementKind.Other,
    };

    private static StatementKind Created(ReadOnlySpan<string> words, bool hasAs) => words switch
    {
        ["TEMPORARY", "SYSTEM", .. var rest] => Created(rest, hasAs),
        ["TEMPORARY", .. var rest] => Created(rest, hasAs),
        ["TABLE", ..] => hasAs ? StatementKind.CreateTableAs : StatementKind.CreateTable,
        ["CATALOG", ..] => StatementKind.CreateCatalog,
        ["DATABASE", ..] => StatementKind.CreateDatabase,
        ["VIEW", ..] => StatementKind.CreateView,
        ["FUNCTION", ..] => StatementKind.CreateFunction,
        ["MATERIALIZED", "TABLE", ..] => StatementKind.CreateMaterializedTable,
        ["MODEL", ..] => StatementKind.CreateModel,
        ["CONNECTION", ..] => StatementKind.CreateConnection,
        _ => StatementKind.Other,
    };
}
