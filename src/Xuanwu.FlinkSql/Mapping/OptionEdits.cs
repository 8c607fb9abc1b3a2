using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>Writes mapped options back into their list, changing no more than they do.</summary>
internal static class OptionEdits
{
    /// <summary>The options of a list, to be mapped.</summary>
    public static List<MappedOption> Read(IReadOnlyList<SqlOption> options)
    {
        var read = new List<MappedOption>(options.Count);
        for (var at = 0; at < options.Count; at++) read.Add(new(options[at].Key.Value, options[at].Value.Value, at));
        return read;
    }

    /// <summary>Adds the edits and what is to be told of each.</summary>
    public static void Write(
        string text,
        IReadOnlyList<SqlOption> written,
        IReadOnlyList<MappedOption> mapped,
        SqlEdits edits,
        List<MappingChange> changes)
    {
        var removed = new bool[written.Count];
        var added = new List<MappedOption>();
        foreach (var option in mapped)
        {
            if (option.IsNew)
            {
                if (option.IsRemoved) continue;
                added.Add(option);
            }
            else if (option.IsRemoved)
            {
                removed[option.Index] = true;
            }
        }

        foreach (var option in mapped)
        {
            if (option.Trail.Count == 0 || (option.IsNew && option.IsRemoved)) continue;
            var place = written[option.Index];
            var before = option.IsNew ? "" : Shown(place.Key.Value, place.Value.Value);
            var after = option.IsRemoved ? "" : Shown(option.Key, option.Value);
            changes.Add(MappingChange.Of(option, before, after) with
            {
                Start = place.Start,
                Length = place.End - place.Start,
            });
            if (option.IsNew || option.IsRemoved) continue;
            if (option.Key != place.Key.Value) edits.Replace(place.Key.Span, SqlQuote.Text(option.Key));
            if (option.Value != place.Value.Value) edits.Replace(place.Value.Span, SqlQuote.Text(option.Value));
        }

        Remove(written, removed, edits);
        foreach (var option in added) Add(text, written, removed, option, edits);
    }

    /// <summary>An option as it is shown to people: without its secret.</summary>
    public static string Shown(string key, string value) =>
        SecretNames.Of(key) == OptionSecrecy.Value ? $"'{key}' = '…'"
            : $"{SqlQuote.Text(key)} = {SqlQuote.Text(value)}";

    // A run of removed options goes with the comma behind it, or before it at the end of the list.
    private static void Remove(IReadOnlyList<SqlOption> written, bool[] removed, SqlEdits edits)
    {
        for (var first = 0; first < written.Count; first++)
        {
            if (!removed[first]) continue;
            var last = first;
            while (last + 1 < written.Count && removed[last + 1]) last++;
            if (last + 1 < written.Count) edits.Remove(SqlSpan.Between(written[first].Start, written[last + 1].Start));
            else if (first > 0) edits.Remove(SqlSpan.Between(written[first - 1].End, written[last].End));
            else edits.Remove(SqlSpan.Between(written[first].Start, written[last].End));
            first = last;
        }
    }

    // Behind the option that it belongs to, as far in as its neighbours stand.
    private static void Add(
        string text, IReadOnlyList<SqlOption> written, bool[] removed, MappedOption option, SqlEdits edits)
    {
        var beside = option.Index;
        while (beside > 0 && removed[beside]) beside--;
        if (removed[beside]) beside = Array.IndexOf(removed, false);
        var rendered = $"{SqlQuote.Text(option.Key)} = {SqlQuote.Text(option.Value)}";
        if (beside < 0)
        {
            edits.Insert(written[0].Start, rendered); // all others went
            return;
        }

        edits.Insert(written[beside].End, "," + Indent(text, written[beside].Start) + rendered);
    }

    private static string Indent(string text, int at)
    {
        var start = at;
        while (start > 0 && text[start - 1] is ' ' or '\t') start--;
        return start > 0 && text[start - 1] is '\n' ? "\n" + text[start..at] : " ";
    }
}
