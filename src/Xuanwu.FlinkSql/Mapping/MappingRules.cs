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
    // By the name of the resource, which is that of the file.
    private readonly ConcurrentDictionary<string, RuleSet> sets = new(StringComparer.Ordinal);

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

    internal RuleSet Of(RuleScope scope, string name = "")
    {
        var file = scope switch
        {
            RuleScope.Connector => name == "*" ? "all" : name,
            RuleScope.Format => "format-" + name,
            _ => scope.ToString().ToLowerInvariant(),
        };
        var resource = Prefix + file + Suffix;
        return sets.TryGetValue(resource, out var known) ? known : sets.GetOrAdd(resource, Load(resource, scope, name));
    }

    private RuleSet Load(string resource, RuleScope scope, string name)
    {
        var shipped = Read(resource) is { } found && found.Scope == scope ? found.Rules : [];
        if (own.Count == 0) return new(shipped);
        var rules = new List<MappingRule>();
        foreach (var file in own)
        {
            if (file.Scope == scope && file.Name == name) rules.AddRange(file.Rules);
        }

        var mine = rules.Count;
        foreach (var rule in shipped)
        {
            if (rules.FindIndex(0, mine, each => each.Old == rule.Old && each.Since == rule.Since) < 0) rules.Add(rule);
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
    private static readonly List<MappingRule> None = [];

    private readonly Dictionary<string, List<MappingRule>> exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<MappingRule>> back = new(StringComparer.Ordinal);
    private readonly List<MappingRule> patterns = [];

    public RuleSet(IReadOnlyList<MappingRule> rules)
    {
        Rules = rules;
        foreach (var rule in rules)
        {
            if (IsPattern(rule.Old.Key)) patterns.Add(rule);
            else Add(exact, rule.Old.Key, rule);
            if (!rule.BothWays) continue;
            foreach (var term in rule.New) Add(back, term.Key, rule);
        }

        // The longest pattern that fits says the most.
        patterns.Sort((one, other) => other.Old.Key.Length.CompareTo(one.Old.Key.Length));

        static void Add(Dictionary<string, List<MappingRule>> all, string key, MappingRule rule)
        {
            if (!all.TryGetValue(key, out var its)) all[key] = its = [];
            its.Add(rule);
        }
    }

    public IReadOnlyList<MappingRule> Rules { get; }

    /// <summary>The rules whose old spelling a key is: those of the exact key, else of the longest pattern.</summary>
    public List<MappingRule> From(string key)
    {
        if (exact.TryGetValue(key, out var its)) return its;
        foreach (var pattern in patterns)
        {
            if (Fill(pattern.Old.Key, pattern.Old.Key, key) is not null) return [pattern];
        }

        return None;
    }

    /// <summary>The rules that lead back from a new spelling.</summary>
    public List<MappingRule> Back(string key) => back.GetValueOrDefault(key) ?? None;

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
