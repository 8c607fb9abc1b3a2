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

    private void Look(CheckContext context, string key, OptionEntry? entry, string value, SqlSpan at)
    {
        var secrecy = SecretNames.Of(key);
        if (entry is { Secrecy: not OptionSecrecy.None, IsPattern: false } known
            && known.Secrecy != OptionSecrecy.SomeKeys) secrecy = known.Secrecy;
        if (secrecy == OptionSecrecy.Value)
        {
            if (value.Length == 0 || value.Contains("${", StringComparison.Ordinal)) return;
            Tell(context, key, at, "${secret:" + Name(key) + "}");
        }
        else if (SecretNames.In(value) is { } part)
        {
            Tell(context, key, at, $"{value[..part.Start]}${{secret:{Name(key)}}}{value[part.End..]}");
        }
    }

    private void Tell(CheckContext context, string key, SqlSpan at, string instead) =>
        context.Error(
            Code,
            $"'{key}' holds a secret in clear text; make it a secret reference ${{secret:name}}.",
            at,
            new("Make it a secret reference", [new(at, SqlQuote.Text(instead))]));

    private static string Name(string key) =>
        string.Concat(key.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
}
