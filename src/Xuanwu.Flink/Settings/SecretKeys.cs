using System.Text.RegularExpressions;

namespace Xuanwu.Flink.Settings;

/// <summary>
/// What looks like a secret. Settings end in manifests, in Flink's web page and in logs, all in clear text, so a secret
/// may not be one.
/// </summary>
public static partial class SecretKeys
{
    // The first line is Flink's own list of what it hides (GlobalConfiguration.SENSITIVE_KEYS).
    private static readonly string[] Words =
    [
        "password", "secret", "fs.azure.account.key", "apikey", "api-key", "auth-params", "service-key", "token",
        "basic-auth", "jaas.config",
        "passwd", "access-key", "accesskey", "access.key", "private-key", "private.key", "credential",
    ];

    // Keys that only speak of secrets: which class provides them, whether to fetch them.
    private static readonly string[] Harmless =
        [".provider", ".providers", ".class", ".enabled", ".fetch.delegation-token"];

    /// <summary>Whether a key names a secret.</summary>
    public static bool IsSecret(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Words.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase))
            && !Harmless.Any(end => key.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            && !key.StartsWith("security.delegation.", StringComparison.Ordinal);
    }

    /// <summary>
    /// Whether a text holds a secret by its form: an address with a password, or a JVM or program option that names
    /// one.
    /// </summary>
    public static bool HoldsSecret(string text) =>
        AddressWithPassword().IsMatch(text) || Option().EnumerateMatchesOf(text).Any(IsSecret);

    private static IEnumerable<string> EnumerateMatchesOf(this Regex regex, string text) =>
        regex.Matches(text).Select(match => match.Groups[1].Value);

    [GeneratedRegex("://[^/@\\s:]*:[^/@\\s]+@")]
    private static partial Regex AddressWithPassword();

    [GeneratedRegex("(?<![^\\s\"'])--?D?([A-Za-z][\\w.-]*)")]
    private static partial Regex Option();
}
