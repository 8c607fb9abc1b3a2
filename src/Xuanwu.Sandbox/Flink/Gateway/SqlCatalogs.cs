namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>A table or view with its full path.</summary>
internal sealed record SqlTable(
    string Path, IReadOnlyList<SqlColumn> Columns, IReadOnlyDictionary<string, string> Options, SqlQuery? View);

/// <summary>
/// The catalogs of a session. default_catalog is in memory; every other type is outside, and tables in it are taken to
/// exist: the sandbox has no Hive metastore to ask.
/// </summary>
internal sealed class SqlCatalogs
{
    private const string InMemory = "generic_in_memory";
    private const string DefaultCatalog = "default_catalog";
    private const string DefaultDatabase = "default_database";

    private static readonly string[] Types =
    [
        InMemory, "hive", "jdbc", "paimon", "iceberg", "hudi", "fluss", "doris", "starrocks", "mongodb", "amoro",
        "arctic", "delta",
    ];

    private readonly SortedDictionary<string, Catalog> catalogs = new(StringComparer.Ordinal)
    {
        [DefaultCatalog] = new Catalog(InMemory, DefaultDatabase),
    };

    private readonly Dictionary<string, SqlTable> temporary = [];

    public string CurrentCatalog { get; private set; } = DefaultCatalog;

    public string CurrentDatabase { get; private set; } = DefaultDatabase;

    public IEnumerable<string> Names => catalogs.Keys;

    public IEnumerable<string> Databases => catalogs[CurrentCatalog].Databases;

    /// <summary>The tables and views of the current database, by name.</summary>
    public IEnumerable<(string Name, SqlTable Table)> Here
    {
        get
        {
            var prefix = $"{CurrentCatalog}.{CurrentDatabase}.";
            return catalogs[CurrentCatalog].Tables.Concat(temporary)
                .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
                .GroupBy(pair => pair.Key)
                .Select(group => (group.Key[prefix.Length..], group.Last().Value))
                .OrderBy(pair => pair.Item1, StringComparer.Ordinal);
        }
    }

    public string FullPath(SqlName name) => name.Parts.Count switch
    {
        1 => $"{CurrentCatalog}.{CurrentDatabase}.{name.Parts[0]}",
        2 => $"{CurrentCatalog}.{name.Parts[0]}.{name.Parts[1]}",
        _ => string.Join('.', name.Parts),
    };

    /// <summary>The path as Flink quotes it in messages.</summary>
    public static string Quoted(string path) => string.Join('.', path.Split('.', 3).Select(part => $"`{part}`"));

    public SqlTable? Find(SqlName name)
    {
        var path = FullPath(name);
        if (temporary.TryGetValue(path, out var table)) return table;
        if (catalogs.GetValueOrDefault(path.Split('.')[0]) is not { } catalog) return null;
        return catalog.Tables.TryGetValue(path, out var known) ? known
            : catalog.Type != InMemory ? new SqlTable(path, [], new Dictionary<string, string>(), null)
            : null;
    }

    public void AddTable(SqlName name, bool isTemporary, bool ifNotExists, Func<string, SqlTable> make)
    {
        var path = FullPath(name);
        var parts = path.Split('.', 3);
        if (!catalogs.TryGetValue(parts[0], out var catalog)) throw NoCatalog(parts[0]);
        if (catalog.Type == InMemory && !catalog.Databases.Contains(parts[1]))
        {
            throw SqlErrors.Validation($"Could not execute CreateTable in path {Quoted(path)}", new JavaThrowable(
                "org.apache.flink.table.catalog.exceptions.DatabaseNotExistException",
                $"Database {parts[1]} does not exist in Catalog {parts[0]}."));
        }

        var tables = isTemporary ? temporary : catalog.Tables;
        if (!tables.ContainsKey(path))
        {
            tables[path] = make(path);
            return;
        }

        if (ifNotExists) return;
        throw isTemporary
            ? SqlErrors.Validation($"Temporary table '{Quoted(path)}' already exists")
            : SqlErrors.Validation($"Could not execute CreateTable in path {Quoted(path)}", new JavaThrowable(
                "org.apache.flink.table.catalog.exceptions.TableAlreadyExistException",
                $"Table (or view) {parts[1]}.{parts[2]} already exists in Catalog {parts[0]}."));
    }

    public void DropTable(SqlName name, bool ifExists, string kind)
    {
        var path = FullPath(name);
        if (temporary.Remove(path) || catalogs.GetValueOrDefault(path.Split('.')[0])?.Tables.Remove(path) == true
            || ifExists)
        {
            return;
        }
        throw SqlErrors.Validation($"{(kind == "VIEW" ? "View" : "Table")} with identifier '{path}' does not exist.");
    }

    public void AddCatalog(CreateCatalog create)
    {
        if (catalogs.ContainsKey(create.Name))
        {
            if (create.IfNotExists) return;
            throw new FlinkFailure(
                "org.apache.flink.table.catalog.exceptions.CatalogException", $"Catalog {create.Name} already exists.");
        }

        var type = create.Options.GetValueOrDefault("type") ?? throw SqlErrors.Validation(
            $"Unable to create catalog '{create.Name}'.", new JavaThrowable(
                "org.apache.flink.table.api.ValidationException",
                "Catalog options do not contain an option key 'type' for discovering a catalog."));
        if (!Types.Contains(type))
        {
            throw SqlErrors.Validation($"Unable to create catalog '{create.Name}'.", new JavaThrowable(
                "org.apache.flink.table.api.ValidationException",
                $"Could not find any factory for identifier '{type}' that implements "
                + "'org.apache.flink.table.factories.CatalogFactory' in the classpath.\n\nAvailable factory "
                + "identifiers are:\n\n"
                + string.Join('\n', Types)));
        }

        catalogs[create.Name] = new Catalog(type, create.Options.GetValueOrDefault("default-database") ?? "default");
    }

    public void DropCatalog(string name, bool ifExists)
    {
        if (name == CurrentCatalog)
        {
            throw new FlinkFailure("org.apache.flink.table.catalog.exceptions.CatalogException", "Cannot drop a "
                + "catalog which is currently in use.");
        }

        if (!catalogs.Remove(name) && !ifExists) throw NoCatalog(name);
    }

    public void AddDatabase(CreateDatabase create)
    {
        var (catalog, database) = Split(create.Name);
        if (!Catalogue(catalog).Databases.Add(database) && !create.IfNotExists)
        {
            throw SqlErrors.Validation($"Could not execute CREATE DATABASE: {catalog}.{database}", new JavaThrowable(
                "org.apache.flink.table.catalog.exceptions.DatabaseAlreadyExistException",
                $"Database {database} already exists in Catalog {catalog}."));
        }
    }

    public void DropDatabase(SqlName name, bool ifExists)
    {
        var (catalog, database) = Split(name);
        if (!Catalogue(catalog).Databases.Remove(database) && !ifExists)
        {
            throw SqlErrors.Validation($"Could not execute DROP DATABASE {catalog}.{database}", new JavaThrowable(
                "org.apache.flink.table.catalog.exceptions.DatabaseNotExistException",
                $"Database {database} does not exist in Catalog {catalog}."));
        }
    }

    public void Use(string catalog)
    {
        CurrentDatabase = Catalogue(catalog).Databases.First();
        CurrentCatalog = catalog;
    }

    public void UseDatabase(SqlName name)
    {
        var (catalog, database) = Split(name);
        var found = Catalogue(catalog);
        if (found.Type == InMemory && !found.Databases.Contains(database))
        {
            throw new FlinkFailure("org.apache.flink.table.catalog.exceptions.CatalogException",
                $"A database with name [{database}] does not exist in the catalog: [{catalog}].");
        }

        (CurrentCatalog, CurrentDatabase) = (catalog, database);
    }

    private (string Catalog, string Database) Split(SqlName name) =>
        name.Parts.Count > 1 ? (name.Parts[0], name.Parts[1]) : (CurrentCatalog, name.Parts[0]);

    private Catalog Catalogue(string name) =>
        catalogs.TryGetValue(name, out var catalog) ? catalog : throw NoCatalog(name);

    private static FlinkFailure NoCatalog(string name) =>
        new("org.apache.flink.table.catalog.exceptions.CatalogException", $"A catalog with name [{name}] does not "
            + "exist.");

    private sealed record Catalog(string Type, string FirstDatabase)
    {
        public SortedSet<string> Databases { get; } = new(StringComparer.Ordinal) { FirstDatabase };

        public Dictionary<string, SqlTable> Tables { get; } = [];
    }
}
