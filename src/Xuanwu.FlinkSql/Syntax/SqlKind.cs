using System.Text;

namespace Xuanwu.FlinkSql.Syntax;

/// <summary>
/// What a statement is. <see cref="SqlKindNames.Name"/> gives the name in capitals: CREATE_TABLE, SHOW_TABLES.
/// </summary>
public enum SqlKind
{
    /// <summary>None of the others: what begins it begins no statement.</summary>
    Unknown,
    CreateCatalog,
    DropCatalog,
    AlterCatalog,
    UseCatalog,
    ShowCatalogs,
    ShowCurrentCatalog,
    DescribeCatalog,
    ShowCreateCatalog,
    CreateDatabase,
    DropDatabase,
    AlterDatabase,
    UseDatabase,
    ShowDatabases,
    ShowCurrentDatabase,
    DescribeDatabase,
    CreateTable,

    /// <summary>CREATE TABLE … AS query.</summary>
    CreateTableAs,

    /// <summary>REPLACE TABLE … AS query, CREATE OR REPLACE TABLE … AS query.</summary>
    ReplaceTableAs,
    AlterTable,
    DropTable,
    TruncateTable,
    AnalyzeTable,
    DescribeTable,
    ShowTables,
    ShowColumns,
    ShowCreateTable,
    ShowPartitions,
    CreateView,
    AlterView,
    DropView,
    ShowViews,
    ShowCreateView,
    CreateMaterializedTable,
    AlterMaterializedTable,
    DropMaterializedTable,
    ShowMaterializedTables,
    ShowCreateMaterializedTable,
    CreateFunction,
    AlterFunction,
    DropFunction,
    ShowFunctions,
    DescribeFunction,
    CreateModel,
    AlterModel,
    DropModel,
    ShowModels,
    DescribeModel,
    ShowCreateModel,
    CreateConnection,
    AlterConnection,
    DropConnection,
    ShowConnections,
    DescribeConnection,
    ShowCreateConnection,

    /// <summary>INSERT INTO, INSERT OVERWRITE, UPSERT INTO, EXECUTE INSERT.</summary>
    Insert,

    /// <summary>EXECUTE STATEMENT SET BEGIN … END.</summary>
    StatementSet,

    /// <summary>BEGIN STATEMENT SET of the client.</summary>
    BeginStatementSet,

    /// <summary>END of a <see cref="BeginStatementSet"/>.</summary>
    EndStatementSet,
    Update,
    Delete,
    Call,

    /// <summary>A query at the top: SELECT, WITH, VALUES, in brackets, EXECUTE SELECT.</summary>
    Select,
    Explain,
    CompilePlan,
    ExecutePlan,
    CompileAndExecutePlan,
    LoadModule,
    UnloadModule,
    UseModules,
    ShowModules,
    AddJar,
    RemoveJar,
    ShowJars,
    ShowJobs,
    DescribeJob,
    StopJob,
    ShowProcedures,
    Set,
    Reset,
    Help,
    Quit,
    Clear,
}

/// <summary>Names of kinds.</summary>
public static class SqlKindNames
{
    private static readonly string?[] Names = new string?[(int)SqlKind.Clear + 1];

    /// <summary>The kind in capitals with underscores: CREATE_TABLE_AS.</summary>
    public static string Name(this SqlKind kind) => Names[(int)kind] ??= Render(kind.ToString());

    private static string Render(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c) && text.Length > 0) text.Append('_');
            text.Append(char.ToUpperInvariant(c));
        }

        return text.ToString();
    }
}
