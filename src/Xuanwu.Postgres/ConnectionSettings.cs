using Npgsql;

namespace Xuanwu.Postgres;

/// <summary>Reads a connection string in either of the two forms people have at hand.</summary>
public static class ConnectionSettings
{
    /// <param name="text"><c>Host=…;Database=…</c> or <c>postgres://user:password@host:port/database?key=value</c>
    /// (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING).</param>
    /// <exception cref="FormatException">Neither form; the text itself is not repeated, it may hold a
    /// password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            return text.StartsWith("postgres://", StringComparison.Ordinal)
                || text.StartsWith("postgresql://", StringComparison.Ordinal)
                ? FromUrl(new Uri(text))
                : new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception wrong) when (wrong is ArgumentException or UriFormatException or KeyNotFoundException)
        {
            throw new FormatException(
                "The PostgreSQL connection string is neither Host=…;Database=… nor a postgres:// URL.");
        }
    }

    private static NpgsqlConnectionStringBuilder FromUrl(Uri url)
    {
        var settings = new NpgsqlConnectionStringBuilder { Host = url.Host };
        if (url.Port > 0) settings.Port = url.Port;
        if (url.AbsolutePath.Length > 1) settings.Database = Uri.UnescapeDataString(url.AbsolutePath[1..]);
        if (url.UserInfo.Length > 0)
        {
            var parts = url.UserInfo.Split(':', 2);
            settings.Username = Uri.UnescapeDataString(parts[0]);
            if (parts.Length == 2) settings.Password = Uri.UnescapeDataString(parts[1]);
        }

        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            var value = parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "";
            settings[LibpqNames.GetValueOrDefault(parts[0], parts[0])] = parts[0] == "sslmode" ? value.Replace("-", "")
                : value;
        }

        return settings;
    }

    private static readonly Dictionary<string, string> LibpqNames = new()
    {
        ["host"] = "Host",
        ["sslmode"] = "SSL Mode",
        ["application_name"] = "Application Name",
        ["connect_timeout"] = "Timeout",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
    };
}
