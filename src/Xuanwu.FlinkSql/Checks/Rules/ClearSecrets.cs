using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// Passwords, keys and tokens in clear text, in options and settings, whole or within a URL. A script is stored, shown,
/// compared and logged; a reference is not. The message never repeats the secret.
/// </summary>
internal sealed class ClearSecrets() : CheckRule(
    "SQL_SECRET_CLEAR", "A secret stands in clear text.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var group in context.Groups)
        {
            foreach (var option in group.Written)
            {
                var (entry, _) = OptionLookup.Find(group, context.Dictionary, option.Key.Value);
                Look(context, option.Key.Value, entry, option.Value.Value, option.Value.Span);
            }
        }

        foreach (var set in context.Script.Statements.OfType<SetStatement>())
        {
            if (set is { Kind: SqlKind.Set, Key: { } key, Value: { } value })
                Look(context, key, context.Dictionary.Configuration.Find(key), value, set.ValueSpan);
        }
    }

    /// <summary>Whether a value holds a secret that is no reference.</summary>
    public static bool IsClear(OptionEntry? entry, string key, string value) => Referred(entry, key, value) is not null;

    public static string Message(string key) =>
        $"'{key}' holds a secret in clear text; make it a secret reference ${{secret:name}}.";

    private void Look(CheckContext context, string key, OptionEntry? entry, string value, SqlSpan at)
    {
        if (Referred(entry, key, value) is not { } instead) return;
        context.Error(
            Code, Message(key), at, new("Make it a secret reference", [new(at, SqlQuote.Text(instead))]));
    }

    // The value with a reference in place of its secret; null when there is none to replace.
    private static string? Referred(OptionEntry? entry, string key, string value)
    {
        var secrecy = entry is { IsPattern: false, Secrecy: OptionSecrecy.Value or OptionSecrecy.Embedded }
            ? entry.Secrecy
            : SecretNames.Of(key);
        var reference = "${secret:" + Name(key) + "}";
        if (secrecy == OptionSecrecy.Value)
            return value.Length == 0 || value.Contains("${", StringComparison.Ordinal) ? null : reference;
        return SecretNames.In(value) is { } part ? $"{value[..part.Start]}{reference}{value[part.End..]}" : null;
    }

    private static string Name(string key) =>
        string.Concat(key.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
