namespace Xuanwu.FlinkSql;

/// <summary>What a SET statement sets.</summary>
public sealed record SetOption(string Key, string Value)
{
    /// <summary>
    /// Reads SET 'k' = 'v', and SET k = v as Flink's client takes it too. False when it is neither and sets something
    /// wrongly; a bare SET only lists the settings: true, and no option.
    /// </summary>
    public static bool TryParse(StatementText statement, out SetOption? option, out SqlError? error)
    {
        ArgumentNullException.ThrowIfNull(statement);
        (option, error) = (null, null);
        var rest = statement.Text.AsSpan(3).Trim();
        if (rest.IsEmpty) return true;

        var key = Part(ref rest, upTo: '=');
        if (key.Length > 0 && rest.StartsWith("="))
        {
            rest = rest[1..].TrimStart();
            var value = Part(ref rest, upTo: null);
            if (rest.IsEmpty)
            {
                option = new(key, value);
                return true;
            }
        }

        error = new("SQL_SET_INVALID", "SET is not as Flink reads it; write SET 'key' = 'value'.", statement.Start);
        return false;
    }

    /// <summary>The key that a RESET statement resets; null when it resets all.</summary>
    public static string? ResetKey(StatementText statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var rest = statement.Text.AsSpan(5).Trim();
        return rest.IsEmpty ? null : Part(ref rest, upTo: null);
    }

    /// <summary>The statement, in the form that every Flink version reads.</summary>
    public string Render() => $"SET {SqlQuote.Text(Key)} = {SqlQuote.Text(Value)}";

    // Takes a quoted text, or what stands before the mark, from the front of the rest.
    private static string Part(ref ReadOnlySpan<char> rest, char? upTo)
    {
        string part;
        if (rest.StartsWith("'"))
        {
            var end = 1;
            while (end < rest.Length)
            {
                if (rest[end] != '\'') end++;
                else if (end + 1 < rest.Length && rest[end + 1] == '\'') end += 2;
                else break;
            }

            part = rest[1..end].ToString().Replace("''", "'", StringComparison.Ordinal);
            rest = rest[(end + 1)..];
        }
        else
        {
            var stop = upTo is { } mark ? rest.IndexOf(mark) : -1;
            if (stop < 0) stop = rest.Length;
            part = rest[..stop].TrimEnd().ToString();
            rest = rest[stop..];
        }

        rest = rest.TrimStart();
        return part;
    }
}
