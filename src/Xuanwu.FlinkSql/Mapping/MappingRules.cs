using System.Collections.Concurrent;
using System.Reflection;
using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>
/// The rules between releases: one readable file per connector and one for configuration keys, embedded in the
/// assembly, each read when it is first needed. An operator reviews them there and adds files of the same form; their
/// rules go before the shipped ones of the same old spelling.
/// </summary>
public sealed class MappingRules
{
    private const string Prefix = "Mapping/";
    private const string Suffix = ".rules";

    private readonly IReadOnlyList<RuleFile> own;
    private readonly ConcurrentDictionary<(RuleScope, string), RuleSet> sets = [];

    private MappingRules(IReadOnlyList<RuleFile> own) => this.own = own;

    /// <summary>The shipped ones.</summary>
    public static MappingRules Shipped { get; } = new([]);

    /// <summary>All shipped rules, then an operator's, for people to look at.</summary>
    public IReadOnlyList<MappingRule> All =>
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).SelectMany(name => Read(name)!.Rules),
        .. own.SelectMany(file => file.Rules),
    ];

    /// <summary>
    /// Rules with an operator's files: their content by their name. Only names that end in <c>.rules</c> are read. A
    /// file with an error is left out, and the error says where and what it is.
    /// </summary>
    public (MappingRules Rules, IReadOnlyList<SheetError> Errors) With(IEnumerable<KeyValuePair<string, string>> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var all = new List<RuleFile>();
        var errors = new List<SheetError>();
        foreach (var (file, text) in files.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            if (!file.EndsWith(Suffix, StringComparison.Ordinal)) continue;
            var (rules, wrong) = RuleReader.Read(file, text);
            errors.AddRange(wrong);
            if (rules is not null) all.Add(rules);
        }

        all.AddRange(own);
        return (new(all), errors);
    }

    internal RuleSet Of(RuleScope scope, string name = "") => sets.GetOrAdd((scope, name), Load);

    private RuleSet Load((RuleScope Scope, string Name) key)
    {
        var rules = new List<MappingRule>();
        foreach (var file in own)
        {
            if (file.Scope == key.Scope && file.Name == key.Name) rules.AddRange(file.Rules);
        }

        var shipped = key.Scope switch
        {
            RuleScope.Connector => key.Name == "*" ? "all" : key.Name,
            RuleScope.Format => "format-" + key.Name,
            _ => key.Scope.ToString().ToLowerInvariant(),
        };
        if (Read(Prefix + shipped + Suffix) is { } found && found.Scope == key.Scope)
        {
            var mine = rules.Select(rule => (rule.Old, rule.Since)).ToHashSet();
            rules.AddRange(found.Rules.Where(rule => !mine.Contains((rule.Old, rule.Since))));
        }

        return new(rules);
    }

    private static RuleFile? Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource);
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        var (rules, errors) = RuleReader.Read(resource, reader.ReadToEnd());
        return rules ?? throw new InvalidDataException(string.Join('\n', errors));
    }
}

/// <summary>The rules of one scope, found by the key that they speak of.</summary>
internal sealed class RuleSet
{
    private static readonly RuleSet Nothing = new([]);

    private readonly ILookup<string, MappingRule> exact;
    private readonly MappingRule[] patterns;
    private readonly ILookup<string, MappingRule> back;

    public RuleSet(IReadOnlyList<MappingRule> rules)
    {
        Rules = rules;
        exact = rules.Where(rule => !IsPattern(rule.Old.Key)).ToLookup(rule => rule.Old.Key, StringComparer.Ordinal);
        patterns = [.. rules.Where(rule => IsPattern(rule.Old.Key)).OrderByDescending(rule => rule.Old.Key.Length)];
        back = rules.Where(rule => rule.BothWays).SelectMany(rule => rule.New.Select(term => (term.Key, rule)))
            .ToLookup(pair => pair.Key, pair => pair.rule, StringComparer.Ordinal);
    }

    public static RuleSet Empty => Nothing;

    public IReadOnlyList<MappingRule> Rules { get; }

    /// <summary>The rules whose old spelling a key is: those of the exact key, else of the longest pattern.</summary>
    public IEnumerable<MappingRule> From(string key)
    {
        if (exact.Contains(key)) return exact[key];
        foreach (var pattern in patterns)
        {
            if (Fill(pattern.Old.Key, pattern.Old.Key, key) is not null) return [pattern];
        }

        return [];
    }

    /// <summary>The rules that lead back from a new spelling.</summary>
    public IEnumerable<MappingRule> Back(string key) => back[key];

    public static bool IsPattern(string key) =>
        key.EndsWith(".*", StringComparison.Ordinal) || key.Contains('#', StringComparison.Ordinal);

    /// <summary>
    /// What a key that fits a pattern becomes: the parts that stood for <c>#</c> and <c>*</c> put into another pattern.
    /// Null when it does not fit.
    /// </summary>
    public static string? Fill(string pattern, string other, string key)
    {
        var (parts, words) = (key.Split('.'), pattern.Split('.'));
        var open = words[^1] == "*";
        if (open ? parts.Length < words.Length : parts.Length != words.Length) return null;
        string? one = null;
        for (var at = 0; at < words.Length; at++)
        {
            if (words[at] == "*" && at == words.Length - 1) break;
            if (words[at] == "#") one = parts[at];
            else if (words[at] != parts[at]) return null;
        }

        var rest = open ? string.Join('.', parts.Skip(words.Length - 1)) : "";
        return string.Join('.', other.Split('.').Select(word => word switch
        {
            "#" => one ?? word,
            "*" => rest,
            _ => word,
        }));
    }
}
