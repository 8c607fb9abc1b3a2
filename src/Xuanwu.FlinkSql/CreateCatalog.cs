using System.Text;

namespace Xuanwu.FlinkSql;

/// <summary>CREATE CATALOG as text.</summary>
public static class CreateCatalog
{
    /// <summary>The statement, without a semicolon; properties in ordinal order of their keys.</summary>
    public static string Render(string name, string type, IEnumerable<KeyValuePair<string, string>> properties)
    {
        var text = new StringBuilder("CREATE CATALOG ").Append(SqlQuote.Name(name))
            .Append(" WITH ('type' = ").Append(SqlQuote.Text(type));
        foreach (var (key, value) in properties.OrderBy(property => property.Key, StringComparer.Ordinal))
        {
            text.Append(", ").Append(SqlQuote.Text(key)).Append(" = ").Append(SqlQuote.Text(value));
        }

        return text.Append(')').ToString();
    }
}

/// <summary>
/// Quoting as Flink's parser undoes it (Calcite, Lex.JAVA): no backslash escapes, a quote inside is doubled.
/// </summary>
public static class SqlQuote
{
    /// <summary>A string literal.</summary>
    public static string Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    /// <summary>An identifier.</summary>
    public static string Name(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";
    }
}
