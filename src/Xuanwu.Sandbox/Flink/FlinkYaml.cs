namespace Xuanwu.Sandbox.Flink;

/// <summary>
/// The two notations of Flink's configuration file. flink-conf.yaml is one <c>key: value</c> a line. config.yaml is
/// YAML 1.2, of which configuration uses mappings (nested or with dotted keys), scalars and lists: that is what is read
/// here.
/// </summary>
internal static class FlinkYaml
{
    public static void ReadFlat(string text, Dictionary<string, string> into, bool squeeze = false)
    {
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon <= 0 || line.TrimStart().StartsWith('#')) continue;
            var value = Scalar(line[(colon + 2)..]);
            into[line[..colon].Trim()] = squeeze
                ? string.Concat(value.Where(letter => !char.IsWhiteSpace(letter)))
                : value;
        }
    }

    public static void ReadNested(string text, Dictionary<string, string> into)
    {
        var parents = new Stack<(int Indent, string Key)>();
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd();
            var body = line.TrimStart();
            if (body.Length == 0 || body[0] == '#' || body == "---") continue;

            var indent = line.Length - body.Length;
            if (body.StartsWith("- ", StringComparison.Ordinal) && parents.TryPeek(out var list))
            {
                var item = Scalar(body[2..]);
                into[list.Key] = into.TryGetValue(list.Key, out var before) ? before + ";" + item : item;
                continue;
            }

            while (parents.TryPeek(out var parent) && parent.Indent >= indent) parents.Pop();
            var colon = KeyEnd(body);
            if (colon < 0) continue;

            var name = Scalar(body[..colon]);
            var key = parents.TryPeek(out var above) ? above.Key + "." + name : name;
            var value = Scalar(body[(colon + 1)..]);
            if (value.Length > 0) into[key] = value;
            parents.Push((indent, key));
        }
    }

    private static int KeyEnd(string body)
    {
        var from = body[0] is '\'' or '"' ? body.IndexOf(body[0], 1) : 0;
        for (var i = Math.Max(from, 0); i < body.Length; i++)
        {
            if (body[i] == ':' && (i + 1 == body.Length || body[i + 1] == ' ')) return i;
        }

        return -1;
    }

    private static string Scalar(string text)
    {
        text = text.Trim();
        if (text.Length >= 2 && text[0] is '\'' or '"' && text.IndexOf(text[0], 1) is var close and > 0)
        {
            return text[0] == '\'' && text.EndsWith('\'')
                ? text[1..^1].Replace("''", "'", StringComparison.Ordinal)
                : text[1..close];
        }

        var comment = text.IndexOf(" #", StringComparison.Ordinal);
        if (comment >= 0) text = text[..comment].TrimEnd();
        if (text.StartsWith('[') && text.EndsWith(']'))
        {
            return string.Join(';', text[1..^1].Split(',').Select(Scalar));
        }

        return text;
    }
}
