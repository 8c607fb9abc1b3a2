namespace Xuanwu.Server.Catalogs;

/// <summary>Follows secret references on the way to Flink, and hides what they hold in whatever comes back.</summary>
public static class Secrets
{
    /// <exception cref="SecretMissing">The reference leads nowhere; the message names it, not its value.</exception>
    public static string Resolve(string reference) => Find(reference) ?? throw new SecretMissing(
        $"The secret reference {reference} leads to nothing on the server; set the variable or the file.");

    /// <summary>What the reference leads to; null when that is nothing.</summary>
    public static string? Find(string reference)
    {
        try
        {
            return reference.Split(':', 2) switch
            {
                ["env", var name] => Environment.GetEnvironmentVariable(name),
                ["file", var path] when File.Exists(path) => File.ReadAllText(path).TrimEnd('\n', '\r'),
                _ => null,
            };
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Hides secrets as they are and as SQL quotes them, the longest first, so that none is left in halves.
    /// </summary>
    public static string Mask(string text, IEnumerable<string> secrets) => secrets
        .Where(secret => secret.Length > 0)
        .SelectMany(secret => new[] { secret, secret.Replace("'", "''", StringComparison.Ordinal) })
        .Distinct()
        .OrderByDescending(secret => secret.Length)
        .Aggregate(text, (masked, secret) => masked.Replace(secret, "******", StringComparison.Ordinal));
}

public sealed class SecretMissing(string message) : Exception(message);
