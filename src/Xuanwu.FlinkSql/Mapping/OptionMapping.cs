using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>One option on its way from one release to another.</summary>
internal sealed class MappedOption(string key, string value, int index)
{
    public string Key { get; set; } = key;

    public string Value { get; set; } = value;

    /// <summary>Its place among the options that were given; that of the option it came from when it is new.</summary>
    public int Index { get; } = index;

    public bool IsNew { get; init; }

    public bool IsRemoved { get; set; }

    /// <summary>The rules that were applied, and whether upwards.</summary>
    public List<(MappingRule Rule, bool Up)> Trail { get; } = [];
}

/// <summary>What could not be mapped, at an option.</summary>
internal sealed record MappingProblem(string Code, string Message, int Index, bool IsError);

/// <summary>
/// Maps one set of options: those of a table, or the configuration. The oldest spelling that the target reads stands
/// below a rule's release and the new one from it on; never both, for Flink would take one of them and nobody sees
/// which.
///
/// Upwards, each option goes through the newest rule that the target has reached, again and again until none is left,
/// for keys were renamed more than once. Downwards, a key that the target does not know yet goes back to the spelling
/// that no reached rule has replaced. Then what stands there twice is made one: the spelling that the author wrote in
/// the target's own form wins, as it does in Flink.
/// </summary>
internal sealed class OptionMapping
{
    private const int Rounds = 8;

    private readonly SqlTarget target;
    private readonly ReleaseRange? connector;
    private readonly IReadOnlyList<(RuleSet Rules, string Prefix)> sets;
    private readonly OptionSheet? sheet;

    public OptionMapping(
        List<MappedOption> options,
        SqlTarget target,
        ReleaseRange? connector,
        IReadOnlyList<(RuleSet Rules, string Prefix)> sets,
        OptionSheet? sheet)
    {
        (Options, this.target, this.connector, this.sets, this.sheet) = (options, target, connector, sets, sheet);
    }

    /// <summary>All options, those removed and those put in too.</summary>
    public List<MappedOption> Options { get; }

    public List<MappingProblem> Problems { get; } = [];

    public void Run()
    {
        for (var at = 0; at < Options.Count; at++)
        {
            var option = Options[at];
            for (var round = 0; round < Rounds && !option.IsRemoved && Up(option); round++)
            {
            }

            if (!option.IsRemoved) Down(option);
        }

        MakeOne();
    }

    /// <summary>Removes an option by a rule.</summary>
    public static void Remove(MappedOption option, MappingRule rule)
    {
        option.IsRemoved = true;
        option.Trail.Add((rule, true));
    }

    private bool Up(MappedOption option)
    {
        MappingRule? best = null;
        var prefix = "";
        foreach (var (rules, before) in sets)
        {
            if (!option.Key.StartsWith(before, StringComparison.Ordinal)) continue;
            foreach (var rule in rules.From(option.Key[before.Length..]))
            {
                if (rule.Way is not null || !Fits(rule.Old.Value, option.Value)) continue;
                if (target.Reached(rule.Since, connector) != true || option.Trail.Any(it => it.Rule == rule)) continue;
                if (!rule.With.All(term => Has(term))) continue;
                if (best is not null && !IsBetter(rule, best)) continue;
                (best, prefix) = (rule, before);
            }
        }

        return best is not null && Apply(option, best, prefix);
    }

    // A rule for this very value goes before one for any; then the newer one, for it knows the older spelling too.
    private static bool IsBetter(MappingRule rule, MappingRule than) =>
        (rule.Old.Value is null) == (than.Old.Value is null)
            ? rule.Since.Release > than.Since.Release
            : rule.Old.Value is not null;

    private bool Apply(MappedOption option, MappingRule rule, string prefix)
    {
        switch (rule.Effect)
        {
            case RuleEffect.Drop:
                Remove(option, rule);
                return false;
            case RuleEffect.Lose:
                Problems.Add(new(
                    "SQL_MAP_LOST",
                    $"'{option.Key}' has nothing in its place: {rule.Why(true)}",
                    option.Index,
                    IsError: false));
                Remove(option, rule);
                return false;
        }

        if (ValueWays.Up(rule.Value, option.Value) is not { } value)
        {
            Problems.Add(new(
                "SQL_MAP_BY_HAND",
                $"'{option.Key}' became '{string.Join("' and '", rule.New.Select(term => term.Key))}', but what its "
                    + $"value becomes only a person can tell. {rule.Why(true)}",
                option.Index,
                IsError: true));
            return false;
        }

        var old = option.Key[prefix.Length..];
        var (key, given) = (prefix + Target(rule, rule.New[0], old), rule.New[0].Value ?? value);
        if (key == option.Key && given == option.Value) return false;
        foreach (var more in rule.New.Skip(1))
        {
            Put(prefix + Target(rule, more, old), more.Value ?? value, option, rule);
        }

        (option.Key, option.Value) = (key, given);
        option.Trail.Add((rule, true));
        if (rule.Also is { } also && !Options.Any(each => !each.IsRemoved && each.Key == also.Key))
        {
            Put(also.Key, also.Value ?? "", option, rule);
        }

        return true;
    }

    private string Target(MappingRule rule, RuleTerm term, string key)
    {
        var filled = RuleSet.IsPattern(rule.Old.Key) ? RuleSet.Fill(rule.Old.Key, term.Key, key) ?? term.Key : term.Key;
        return filled.StartsWith("<format>", StringComparison.Ordinal) ? Format() + filled["<format>".Length..]
            : filled;
    }

    // Options of a format that is given as value.format begin with "value." too.
    private string Format()
    {
        var format = Options.LastOrDefault(option => option.Key is "format" or "value.format" or "format.type");
        return format is { Key: "value.format" } ? "value." + format.Value : format?.Value ?? "json";
    }

    private void Put(string key, string value, MappedOption beside, MappingRule rule)
    {
        var option = new MappedOption(key, value, beside.Index) { IsNew = true };
        option.Trail.Add((rule, true));
        Options.Insert(Options.IndexOf(beside) + 1, option);
    }

    private void Down(MappedOption option)
    {
        MappingRule? best = null;
        var prefix = "";
        var replaced = true;
        foreach (var (rules, before) in sets)
        {
            if (!option.Key.StartsWith(before, StringComparison.Ordinal)) continue;
            var key = option.Key[before.Length..];
            foreach (var rule in rules.Back(key))
            {
                if (rule.Way is not null || target.Reached(rule.Since, connector) != false) continue;
                var term = rule.New.First(each => each.Key == key);
                if (!Fits(term.Value, option.Value) || (rule.Old.Value is not null && term.Value is null)) continue;
                var isReplaced = rules.From(rule.Old.Key)
                    .Any(up => up != rule && target.Reached(up.Since, connector) == true);
                if (best is not null && (isReplaced || !replaced)) continue;
                (best, prefix, replaced) = (rule, before, isReplaced);
            }
        }

        if (best is null)
        {
            TooNew(option);
            return;
        }

        if (best.New.Count > 1 && !TakeTogether(option, best, prefix)) return;
        if (best.Old.Value is null && ValueWays.Down(best.Value, option.Value) is null)
        {
            Problems.Add(new(
                "SQL_MAP_BY_HAND",
                $"'{option.Key}' was '{prefix}{best.Old.Key}', but what its value was only a person can tell. "
                    + best.Why(false),
                option.Index,
                IsError: true));
            return;
        }

        option.Value = best.Old.Value ?? ValueWays.Down(best.Value, option.Value)!;
        option.Key = prefix + best.Old.Key;
        option.Trail.Add((best, false));
        foreach (var also in Options)
        {
            if (best.Also is not { } term || also.IsRemoved || also.Key != term.Key
                || also.Value != term.Value) continue;
            also.IsRemoved = true;
            also.Trail.Add((best, false));
        }

        TooNew(option);
    }

    // One old key stands for several new ones only if they all say the same.
    private bool TakeTogether(MappedOption option, MappingRule rule, string prefix)
    {
        var others = rule.New.Select(term => prefix + term.Key).Where(key => key != option.Key)
            .Select(key => Options.FirstOrDefault(each => !each.IsRemoved && each.Key == key)).ToArray();
        if (others.All(other => other is not null && other.Value == option.Value))
        {
            foreach (var other in others)
            {
                other!.IsRemoved = true;
                other.Trail.Add((rule, false));
            }

            return true;
        }

        Problems.Add(new(
            "SQL_MAP_BY_HAND",
            $"'{string.Join("' and '", rule.New.Select(term => term.Key))}' were one setting, '{rule.Old.Key}'; they "
                + $"cannot be told apart there. {rule.Why(false)}",
            option.Index,
            IsError: true));
        return false;
    }

    private void TooNew(MappedOption option)
    {
        if (sheet?.Find(option.Key) is not { Since: { } since, IsPattern: false }) return;
        if (target.Reached(since, connector) != false) return;
        Problems.Add(new(
            "SQL_MAP_TOO_NEW",
            $"'{option.Key}' begins with {since}, and no older spelling means the same.",
            option.Index,
            IsError: sheet.Kind == SheetKind.Connector));
    }

    // Never both: what has come to stand here twice is made one.
    private void MakeOne()
    {
        foreach (var same in Options.Where(option => !option.IsRemoved).GroupBy(option => option.Key).ToArray())
        {
            if (same.Count() == 1 || same.All(option => option.Trail.Count == 0)) continue;
            var kept = same.LastOrDefault(option => option.Trail.Count == 0)
                ?? same.LastOrDefault(option => !option.IsNew) ?? same.Last();
            foreach (var other in same.Where(option => option != kept && option.Trail.Count > 0))
            {
                other.IsRemoved = true;
                if (other.Value == kept.Value || other.IsNew) continue;
                Problems.Add(new(
                    "SQL_MAP_TWICE",
                    $"'{other.Trail[0].Rule.Old.Key}' and '{kept.Key}' are two spellings of one setting and say "
                        + $"different things; '{kept.Value}' is kept.",
                    other.Index,
                    IsError: false));
            }
        }
    }

    private bool Has(RuleTerm term) =>
        Options.Any(option => option.Key == term.Key && Fits(term.Value, option.Value));

    private static bool Fits(string? expected, string value) =>
        expected is null || expected.Equals(value.Trim(), StringComparison.OrdinalIgnoreCase);
}
