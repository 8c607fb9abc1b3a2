using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>The rules of one file.</summary>
internal sealed record RuleFile(RuleScope Scope, string Name, IReadOnlyList<MappingRule> Rules);

/// <summary>
/// Reads a file of rules. It begins with what it speaks of (<c>rules connector kafka</c>) and may say where its rules
/// were read (<c>from …</c>); then comes one rule a line:
/// <code>
/// OLD -> NEW since=1.20                      upwards only
/// OLD &lt;-> NEW since=@3.0.0                   both ways; @ counts the connector's releases
/// OLD=value -> NEW=value &amp; OTHER since=1.20   one value only; one key becomes two
/// OLD -> nothing | lost                      left out without or with a loss
/// </code>
/// Words after it: <c>until=</c> the first release that does not read the old one, <c>also=KEY=VALUE</c>,
/// <c>with='KEY=VALUE;…'</c>, <c>when=gone|image</c>, <c>value=WAY</c>, <c>way=WAY</c>, <c>from=SOURCE</c>; after
/// <c> -- </c> a sentence.
/// </summary>
internal sealed class RuleReader(string file, string text)
{
    private readonly List<SheetError> errors = [];
    private readonly List<MappingRule> rules = [];
    private RuleScope? scope;
    private string name = "";
    private string source = "";
    private int line;

    public static (RuleFile? Rules, IReadOnlyList<SheetError> Errors) Read(string file, string text)
    {
        var reader = new RuleReader(file, text);
        reader.Run();
        return reader.scope is { } scope && reader.errors.Count == 0
            ? (new(scope, reader.name, reader.rules), [])
            : (null, reader.errors);
    }

    private void Run()
    {
        foreach (var each in text.AsSpan().EnumerateLines())
        {
            line++;
            var trimmed = each.Trim();
            if (trimmed.IsEmpty || trimmed.StartsWith("#")) continue;
            if (scope is null) Begin(trimmed.ToString());
            else if (trimmed.StartsWith("from ")) source = trimmed[5..].Trim().ToString();
            else Rule(trimmed);
        }

        if (scope is null && errors.Count == 0) Wrong("The file is empty; begin it with 'rules …'.");
    }

    private void Begin(string first)
    {
        (scope, name) = first.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["rules", "connector", var connector] => (RuleScope.Connector, connector),
            ["rules", "format", var format] => (RuleScope.Format, format),
            ["rules", "identifiers"] => (RuleScope.Identifiers, ""),
            ["rules", "configuration"] => (RuleScope.Configuration, ""),
            ["rules", "artifacts"] => (RuleScope.Artifacts, ""),
            ["rules", "functions"] => (RuleScope.Functions, ""),
            ["rules", "syntax"] => (RuleScope.Syntax, ""),
            _ => ((RuleScope?)null, ""),
        };
        if (scope is null)
        {
            Wrong("Begin the file with 'rules connector NAME', 'rules format NAME', 'rules identifiers', "
                + "'rules configuration', 'rules artifacts', 'rules functions' or 'rules syntax'.");
        }
    }

    private void Rule(ReadOnlySpan<char> text)
    {
        var words = new WordReader(text);
        if (!words.Next(out var key, out var value) || !words.Next(out var arrow, out _) || arrow is not ("->" or "<->")
            || !words.Next(out var first, out var firstValue))
        {
            Wrong("Write 'OLD -> NEW since=RELEASE' or 'OLD <-> NEW since=RELEASE'.");
            return;
        }

        var effect = first switch
        {
            "nothing" => RuleEffect.Drop,
            "lost" => RuleEffect.Lose,
            _ => RuleEffect.Rename,
        };
        List<RuleTerm> target = effect == RuleEffect.Rename ? [new(first, firstValue)] : [];
        var rule = new MappingRule(FileName(), line, new(key, value), target, default)
        {
            Effect = effect,
            BothWays = arrow == "<->",
            Source = source,
            Note = words.Description,
        };
        while (words.Next(out var word, out var rest))
        {
            if (word == "&")
            {
                if (words.Next(out var another, out var anotherValue)) target.Add(new(another, anotherValue));
                continue;
            }

            rule = word switch
            {
                "since" => rule with { Since = SinceOf(rest) },
                "until" => rule with { Until = SinceOf(rest).Release },
                "also" => rule with { Also = Term(rest) },
                "with" => rule with { With = [.. (rest ?? "").Split(';').Select(Term)] },
                "when" => rule with { When = rest },
                "value" => rule with { Value = rest },
                "way" => rule with { Way = rest },
                "from" => rule with { Source = rest ?? "" },
                _ => Unknown(rule, word),
            };
        }

        if (rule.Since == default) Wrong("A rule needs since=RELEASE.");
        if (rule.Value is { } change
            && !ValueWays.IsKnown(change)) Wrong($"'{change}' is not a way to change a value.");
        rules.Add(rule);
    }

    private MappingRule Unknown(MappingRule same, string word)
    {
        Wrong($"'{word}' is not a word of a rule.");
        return same;
    }

    private static RuleTerm Term(string? text)
    {
        var at = text?.IndexOf('=', StringComparison.Ordinal) ?? -1;
        return at < 0 ? new(text ?? "", null) : new(text![..at], text[(at + 1)..]);
    }

    private Since SinceOf(string? value)
    {
        var ofConnector = value?.StartsWith('@') == true;
        if (Release.TryParse(ofConnector ? value![1..] : value, out var release)) return new(release, ofConnector);
        Wrong($"'{value}' is not a release number.");
        return default;
    }

    private string FileName() =>
        file[(file.LastIndexOf('/') + 1)..] is var last && last.EndsWith(".rules", StringComparison.Ordinal)
            ? last[..^".rules".Length]
            : last;

    private void Wrong(string message) => errors.Add(new(file, line, message));
}
