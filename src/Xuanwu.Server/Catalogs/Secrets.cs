namespace Xuanwu.Server.Catalogs;

/// <summary>Follows secret references on the way to Flink, and hides what they hold in whatever comes back.</summary>
public static class Secrets
{
    /// <exception cref="SecretMissing">The reference leads nowhere; the message names it, not its value.</exception>
    public static string Resolve(string reference)
    {
        var value = reference.Split(':', 2) switch
        {
            ["env", var name] => Environment.GetEnvironmentVariable(name),
            ["file", var path] => File.Exists(path) ? File.ReadAllText(path).TrimEnd('\n', '\r') : null,
            _ => null,
        };
        return value ?? throw new SecretMissing(
            $"The secret reference {reference} leads to nothing on the server; set the variable or the file.");
    }

    public static string Mask(string text, IEnumerable<string> secrets) =>
        secrets.Where(secret => secret.Length > 0).Aggregate(
            text, (masked, secret) => masked.Replace(secret, "******", StringComparison.Ordinal));
}

public sealed class SecretMissing(string message) : Exception(message);
