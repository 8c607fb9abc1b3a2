using System.Collections.Frozen;
using System.Reflection;

namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>The first release of Flink that reads a kind of statement or a form of one: syntax.since.</summary>
internal static class SyntaxSince
{
    private static readonly Lazy<FrozenDictionary<string, (Release Since, string Source)>> All = new(Read);

    /// <summary>Null when it is older than what the file tells, or unknown.</summary>
    public static (Release Since, string Source)? Of(string form) =>
        All.Value.TryGetValue(form, out var found) ? found : null;

    public static IEnumerable<string> Forms => All.Value.Keys;

    private static FrozenDictionary<string, (Release, string)> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Dictionary/syntax.since")!;
        using var reader = new StreamReader(stream);
        var all = new Dictionary<string, (Release, string)>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var words = line.Split(' ', 3);
            all.Add(words[0], (Release.Parse(words[1]), words[2]));
        }

        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
