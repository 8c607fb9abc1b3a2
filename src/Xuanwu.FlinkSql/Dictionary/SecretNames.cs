using System.Text.RegularExpressions;

namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>
/// Tells by its name whether an option that no sheet knows, as those under <c>properties.*</c> and <c>debezium.*</c>,
/// holds a secret. Rather one too many than one too few: a false alarm is answered with a secret reference too.
/// </summary>
public static partial class SecretNames
{
    /// <summary>What of the value of an option with this name is secret.</summary>
    public static OptionSecrecy Of(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Whole().IsMatch(key) && !Harmless().IsMatch(key)) return OptionSecrecy.Value;
        return Embedding().IsMatch(key) ? OptionSecrecy.Embedded : OptionSecrecy.None;
    }

    /// <summary>
    /// The part of a value that is a secret though the option as a whole is none: the password in
    /// <c>scheme://user:password@host</c>, or a parameter such as <c>password=…</c> or <c>token=…</c>. Empty when there
    /// is none.
    /// </summary>
    public static Range? In(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var match = UserPart().Match(value);
        if (!match.Success) match = Parameter().Match(value);
        if (!match.Success) return null;
        var group = match.Groups["secret"];
        return group.Index..(group.Index + group.Length);
    }

    [GeneratedRegex(
        @"(password|passwd|secret(?!.*(name|ref))|jaas\.config|user[.\-]?info|access-?key(?!-id-)|accesskeyid|"
        + @"private-?key|api-?key|auth-?params?|\.token$|^token$|security-token|credential$|encryption-key|"
        + @"authorization$|ssl\.key\.|oauth2?-token|keystore\.key)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(
        @"(password-file|\.provider|token-path|token-loader|token\.renewal|token-ecs|token-refresh|tokens?\.enabled|"
        + @"location|credentials-source|secretKeyRef|^kubernetes\.secrets|pull-secrets|delegation|data-token\.enabled|"
        + @"expires-in|exchange-enabled)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Harmless();

    [GeneratedRegex(
        @"(^|[.\-])(url|uri|jdbc-url|base-url|jdbc_url|jdbc\.uri|connection\.options|http\.params|http\.url|"
        + @"service-url|admin-url|queue-url|config-url)$|"
        + @"^(hosts|properties|jdbc\.properties\.\*|scan\.params\.properties|table_properties|serde_properties|uris)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Embedding();

    // scheme://user:secret@host. The host has no slash before its @; a reference is no secret.
    [GeneratedRegex(@"://[^/?#\s:@]*:(?<secret>(?!\$\{)[^/?#\s@]+)@", RegexOptions.CultureInvariant)]
    private static partial Regex UserPart();

    [GeneratedRegex(
        @"(?:^|[?&;,\s])(?:password|passwd|pwd|token|access_token|api_?key|secret)=(?<secret>(?!\$\{)[^&;,\s]+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
