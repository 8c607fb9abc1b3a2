using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>One thing that a mapping changed.</summary>
/// <param name="Rule">The rule that changed it: its file and old spelling.</param>
/// <param name="Before">What was there, as written; empty when something was put in.</param>
/// <param name="After">What stands there now; empty when it was left out.</param>
/// <param name="Why">A sentence for the author of the text.</param>
/// <param name="Source">Where the rule was read.</param>
public sealed record MappingChange(string Rule, string Before, string After, string Why, string Source)
{
    /// <summary>Where it was in the text, in UTF-16 code units; 0 for a parameter.</summary>
    public int Start { get; init; }

    public int Length { get; init; }

    /// <summary>Line of <see cref="Start"/>, from 1; 0 for a parameter.</summary>
    public int Line { get; init; }

    /// <summary>Column of <see cref="Start"/>, from 1; 0 for a parameter.</summary>
    public int Column { get; init; }

    internal static MappingChange Of(MappedOption option, string before, string after) =>
        new(
            string.Join(", ", option.Trail.Select(each => each.Rule.Name).Distinct()),
            before,
            after,
            string.Join(" ", option.Trail.Select(each => each.Rule.Why(each.Up)).Distinct()),
            string.Join("; ", option.Trail.Select(each => each.Rule.Source).Where(it => it.Length > 0).Distinct()));
}

/// <summary>What could not be mapped as it was.</summary>
/// <param name="Code">A stable code: SQL_MAP_LOST, SQL_MAP_BY_HAND, SQL_MAP_TOO_NEW, SQL_MAP_TWICE.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Key">The parameter.</param>
/// <param name="IsError">Whether the job would not do what it did before.</param>
public sealed record ParameterProblem(string Code, string Message, string Key, bool IsError);

/// <summary>Job parameters for another release.</summary>
/// <param name="Parameters">All of them in their order.</param>
/// <param name="Changes">What changed and why.</param>
/// <param name="Problems">What could not be mapped.</param>
public sealed record MappedParameters(
    IReadOnlyList<KeyValuePair<string, string>> Parameters,
    IReadOnlyList<MappingChange> Changes,
    IReadOnlyList<ParameterProblem> Problems);

internal static class ParameterMapping
{
    public static MappedParameters To(
        IEnumerable<KeyValuePair<string, string>> parameters, SqlTarget target, MappingRules rules)
    {
        var given = parameters.ToArray();
        var mapping = Map(given, target, rules);
        var changes = new List<MappingChange>();
        foreach (var option in mapping.Options)
        {
            if (option.Trail.Count == 0) continue;
            var before = option.IsNew ? "" : Render(given[option.Index]);
            var after = option.IsRemoved ? "" : Render(new(option.Key, option.Value));
            if (before.Length > 0 || after.Length > 0) changes.Add(MappingChange.Of(option, before, after));
        }

        return new(
            [.. mapping.Options.Where(option => !option.IsRemoved)
                .Select(option => new KeyValuePair<string, string>(option.Key, option.Value))],
            changes,
            [.. mapping.Problems
                .Select(it => new ParameterProblem(it.Code, it.Message, given[it.Index].Key, it.IsError))]);
    }

    public static OptionMapping Map(
        IReadOnlyList<KeyValuePair<string, string>> given, SqlTarget target, MappingRules rules)
    {
        var options = new List<MappedOption>(given.Count);
        for (var at = 0; at < given.Count; at++) options.Add(new(given[at].Key, given[at].Value, at));
        var mapping = new OptionMapping(
            options, target, null, [(rules.Of(RuleScope.Configuration), "")], target.Dictionary.Configuration);
        mapping.Run();
        return mapping;
    }

    // A secret is not repeated where changes are shown.
    private static string Render(KeyValuePair<string, string> parameter) =>
        SecretNames.Of(parameter.Key) == OptionSecrecy.Value ? $"{parameter.Key}: …"
            : $"{parameter.Key}: {parameter.Value}";
}
