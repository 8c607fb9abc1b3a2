using Xuanwu.Sandbox.Flink.Jobs;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>What executing a statement asks for: a result at once, or something of the cluster first.</summary>
internal abstract record SqlOutcome;

internal sealed record ResultAtOnce(SqlResult Result) : SqlOutcome;

internal sealed record SubmitJob(JobGraph Graph) : SqlOutcome;

internal sealed record AskCluster(SqlStatement Statement, FlinkSettings Settings) : SqlOutcome;

/// <summary>Executes statements on a session. Called under the session's gate.</summary>
internal static class SqlExecutor
{
    /// <exception cref="FlinkFailure">The statement fails.</exception>
    public static SqlOutcome Execute(
        SqlStatement statement, SqlSession session, IReadOnlyDictionary<string, string> executionConfig)
    {
        if (session.Set is { } set && statement is not (EndStatementSet or InsertStatement))
        {
            throw new FlinkFailure("org.apache.flink.table.gateway.service.utils.SqlExecutionException",
                "Only 'INSERT/CREATE TABLE AS' statement is allowed in Statement Set or use 'END' statement to submit "
                    + "Statement Set.");
        }

        var catalogs = session.Catalogs;
        FlinkSettings Settings() => session.Settings.With(executionConfig);
        JobGraph Plan(params IReadOnlyList<InsertStatement> inserts) =>
            SqlPlanner.Plan(inserts, catalogs, Settings(), session.Version);
        switch (statement)
        {
            case InsertStatement insert when session.Set is { } collected:
                collected.Add(insert);
                break;
            case InsertStatement insert:
                return new SubmitJob(Plan(insert));
            case StatementSet statements:
                return new SubmitJob(Plan(statements.Inserts));
            case BeginStatementSet:
                session.Set = [];
                break;
            case EndStatementSet:
                var inserts = session.Set ?? throw new FlinkFailure(
                    "org.apache.flink.table.gateway.service.utils.SqlExecutionException",
                    "No Statement Set to submit. 'END' statement should be used after 'BEGIN STATEMENT SET'.");
                session.Set = null;
                if (inserts.Count > 0) return new SubmitJob(Plan(inserts));
                break;
            case SetStatement { Key: { } key, Value: { } value }:
                session.Put(key.Trim(), value.Trim());
                break;
            case SetStatement:
                return Rows(SqlResult.Table(["key", "value"], Settings().Values
                    .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                        .Select(pair => new string?[] { pair.Key, pair.Value })));
            case ResetStatement reset:
                session.Reset(reset.Key?.Trim());
                break;
            case CreateTable create:
                return Create(create, catalogs, Plan);
            case CreateView view:
                _ = SqlPlanner.Sources(view.Query, catalogs).ToList();
                catalogs.AddTable(view.Name, view.Temporary, view.IfNotExists,
                    path => new SqlTable(path, [], new Dictionary<string, string>(), view.Query));
                break;
            case CreateCatalog create:
                catalogs.AddCatalog(create);
                break;
            case CreateDatabase create:
                catalogs.AddDatabase(create);
                break;
            case DropStatement { Kind: "CATALOG" } drop:
                catalogs.DropCatalog(drop.Name.Parts[^1], drop.IfExists);
                break;
            case DropStatement { Kind: "DATABASE" } drop:
                catalogs.DropDatabase(drop.Name, drop.IfExists);
                break;
            case DropStatement { Kind: "TABLE" or "VIEW" } drop:
                catalogs.DropTable(drop.Name, drop.IfExists, drop.Kind);
                break;
            case UseCatalog use:
                catalogs.Use(use.Name);
                break;
            case UseDatabase use:
                catalogs.UseDatabase(use.Name);
                break;
            case SelectStatement select:
                return Rows(SqlPreview.Of(select.Query, catalogs));
            case ExplainStatement explain:
                return Rows(Explain(explain, catalogs, Plan));
            case ShowStatement { What: "JOBS" } or DescribeJob or StopJob:
                return new AskCluster(statement, Settings());
            case ShowStatement show:
                return Rows(Show(show, catalogs));
            case DescribeStatement describe:
                var table = catalogs.Find(describe.Name) ?? throw SqlErrors.Validation(
                    $"Tables or views with the identifier '{catalogs.FullPath(describe.Name)}' doesn't exist.");
                return Rows(SqlResult.Table(["name", "type", "null", "key", "extras", "watermark"],
                    table.Columns.Select(
                        column => new string?[] { column.Name, column.Type, "TRUE", null, null, null })));
        }

        return Rows(SqlResult.Ok);
    }

    private static ResultAtOnce Rows(SqlResult result) => new(result);

    private static SqlOutcome Create(
        CreateTable create, SqlCatalogs catalogs, Func<IReadOnlyList<InsertStatement>, JobGraph> plan)
    {
        var like = create.Like is null ? null : catalogs.Find(create.Like) ?? throw SqlErrors.Validation(
            $"Source table '{SqlCatalogs.Quoted(catalogs.FullPath(create.Like))}' of the LIKE clause not found in the "
                + "catalog, "
            + $"at line {create.Like.At.Line}, column {create.Like.At.Column}");
        catalogs.AddTable(create.Name, create.Temporary, create.IfNotExists, path =>
        {
            var options = new Dictionary<string, string>(like?.Options ?? new Dictionary<string, string>());
            foreach (var (key, value) in create.Options) options[key] = value;
            return new SqlTable(path, [.. like?.Columns ?? [], .. create.Columns], options, null);
        });
        return create.As is { } query
            ? new SubmitJob(plan([new InsertStatement(create.Name, query)]))
            : Rows(SqlResult.Ok);
    }

    private static SqlResult Explain(
        ExplainStatement explain, SqlCatalogs catalogs, Func<IReadOnlyList<InsertStatement>, JobGraph> plan)
    {
        var lines = new List<string>();
        if (explain.Statement is SelectStatement select)
        {
            lines.AddRange(SqlPlanner.Sources(select.Query, catalogs).Select(table =>
                $"TableSourceScan(table=[[{table.Path.Replace(".", ", ", StringComparison.Ordinal)}]])"));
        }
        else
        {
            var graph =
                plan(explain.Statement is StatementSet set ? set.Inserts : [(InsertStatement)explain.Statement]);
            lines.AddRange(graph.Vertices.Reverse()
                .Select(vertex => vertex.IsSource ? $"+- {vertex.Name}" : $"Sink({vertex.Name})"));
        }

        var plain = string.Join('\n', lines);
        return SqlResult.Texts("result",
            [$"== Abstract Syntax Tree ==\n{plain}\n\n== Optimized Physical Plan ==\n{plain}\n\n== Optimized "
                + $"Execution Plan ==\n{plain}\n"]);
    }

    private static SqlResult Show(ShowStatement show, SqlCatalogs catalogs) => show.What switch
    {
        "CATALOGS" => SqlResult.Texts("catalog name", catalogs.Names),
        "DATABASES" => SqlResult.Texts("database name", catalogs.Databases),
        "TABLES" => SqlResult.Texts("table name", catalogs.Here.Select(each => each.Name)),
        "VIEWS" => SqlResult.Texts(
            "view name", catalogs.Here.Where(each => each.Table.View is not null).Select(each => each.Name)),
        "CURRENT CATALOG" => SqlResult.Texts("current catalog name", [catalogs.CurrentCatalog]),
        "CURRENT DATABASE" => SqlResult.Texts("current database name", [catalogs.CurrentDatabase]),
        "MODULES" => SqlResult.Texts("module name", ["core"]),
        "CREATE TABLE" when show.Name is { } name && catalogs.Find(name) is { } table => SqlResult.Texts("result",
        [
            $"CREATE TABLE {SqlCatalogs.Quoted(table.Path)} (\n"
            + string.Join(",\n", table.Columns.Select(column => $"  `{column.Name}` {column.Type}"))
            + "\n) WITH (\n"
            + string.Join(",\n", table.Options.Select(option => $"  '{option.Key}' = '{option.Value}'")) + "\n)\n",
        ]),
        "CREATE TABLE" or "CREATE VIEW" => throw SqlErrors.Validation(
            $"Could not execute SHOW {show.What}. Table with identifier "
                + $"{SqlCatalogs.Quoted(catalogs.FullPath(show.Name!))} does not exist."),
        _ => SqlResult.Texts(show.What.ToLowerInvariant(), []),
    };
}
