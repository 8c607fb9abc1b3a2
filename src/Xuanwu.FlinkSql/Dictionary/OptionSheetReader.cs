namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>What is wrong with a file of the dictionary or of the mapping rules.</summary>
/// <param name="File">Its name, as it was given.</param>
/// <param name="Line">From 1.</param>
/// <param name="Message">A sentence for its author.</param>
public sealed record SheetError(string File, int Line, string Message)
{
    public override string ToString() => $"{File}:{Line}: {Message}";
}

/// <summary>
/// Reads a sheet. A file says first what it is about (<c>connector kafka</c>), then one word and its value a line, then
/// after an empty line one option a line:
/// <code>
/// scan.startup.mode enum for=source default=group-offsets values=earliest-offset|latest-offset -- Where reading
/// begins.
/// </code>
/// A value with blanks stands in single quotes, doubled within. <c>since</c>, <c>removed</c> and <c>changed</c> name a
/// Flink release, or with <c>@</c> a release of the connector. <c>required</c> alone means always; else
/// <c>required=sink,one-of:a|b,if:key=value,with:key,from:@2.4</c>. Lines that begin with <c>#</c> are comments.
/// </summary>
internal sealed class OptionSheetReader(string file, string text)
{
    private readonly List<SheetError> errors = [];
    private readonly List<OptionEntry> options = [];
    private readonly List<Availability> on = [];
    private readonly List<string> from = [];
    private SheetHead head = new();
    private SheetKind kind;
    private string? name;
    private int line;

    public static (OptionSheet? Sheet, IReadOnlyList<SheetError> Errors) Read(string file, string text)
    {
        var reader = new OptionSheetReader(file, text);
        reader.Run();
        return reader.name is null || reader.errors.Count > 0
            ? (null, reader.errors)
            : (new(
                reader.kind,
                reader.name,
                reader.head with { On = reader.on, From = reader.from },
                reader.options), []);
    }

    private void Run()
    {
        var inHead = true;
        foreach (var each in text.AsSpan().EnumerateLines())
        {
            line++;
            var trimmed = each.Trim();
            if (trimmed.StartsWith("#")) continue;
            if (trimmed.IsEmpty)
            {
                inHead &= name is null;
                continue;
            }

            if (inHead) Header(trimmed);
            else Option(trimmed);
        }

        if (name is null && errors.Count == 0)
        {
            Wrong("The file does not say what it is about; begin it with connector, format, catalog or configuration.");
        }
    }

    private void Header(ReadOnlySpan<char> text)
    {
        var space = text.IndexOf(' ');
        var word = (space < 0 ? text : text[..space]).ToString();
        var value = space < 0 ? "" : text[(space + 1)..].Trim().ToString();
        if (name is null)
        {
            (SheetKind, bool)? about = word switch
            {
                "connector" => (SheetKind.Connector, value.Length > 0),
                "format" => (SheetKind.Format, value.Length > 0),
                "catalog" => (SheetKind.Catalog, value.Length > 0),
                "configuration" => (SheetKind.Configuration, true),
                _ => null,
            };
            if (about is not (var found, true))
            {
                Wrong("Begin the file with 'connector NAME', 'format NAME', 'catalog NAME' or 'configuration'.");
                return;
            }

            (kind, name) = (found, value);
            return;
        }

        switch (word)
        {
            case "on":
                On(value);
                break;
            case "from":
                from.Add(value);
                break;
            default:
                head = word switch
                {
                    "title" => head with { Title = value },
                    "like" => head with { Like = value },
                    "roles" => head with { Roles = Roles(value) },
                    "artifact" => head with { Artifact = value },
                    "built-in" => head with { BuiltIn = value == "yes" },
                    "formats" => head with { Formats = value == "yes" },
                    "strict" => head with { Strict = value != "no" },
                    "sql" => head with { Sql = value != "no" },
                    "reads" => head with { Reads = ChangesOf(value) },
                    "writes" => head with { Writes = ChangesOf(value) },
                    "changelog" => head with { Reads = ChangesOf(value), Writes = ChangesOf(value) },
                    "primary-key" => head with { PrimaryKey = PrimaryKey(value) },
                    "metadata" => head with { Metadata = Words(value) },
                    "example" => head with { Example = value },
                    "note" => head with { Note = value },
                    _ => Unknown(word),
                };
                break;
        }

        SheetHead Unknown(string unknown)
        {
            Wrong($"'{unknown}' is not a word of a sheet's head.");
            return head;
        }
    }

    private void On(string value)
    {
        var words = Words(value);
        if (words.Length == 0 || !ReleaseRange.TryParse(words[0], out var flink))
        {
            Wrong("Write 'on FLINK CONNECTOR', each a release or a range such as 1.18-1.20.");
            return;
        }

        var unsure = words[^1] == "unsure";
        ReleaseRange? connector = null;
        if (words.Length > (unsure ? 2 : 1))
        {
            if (ReleaseRange.TryParse(words[1], out var range)) connector = range;
            else Wrong($"'{words[1]}' is not a release or a range of releases.");
        }

        on.Add(new(flink, connector, unsure));
    }

    private void Option(ReadOnlySpan<char> text)
    {
        var words = new WordReader(text);
        if (!words.Next(out var key, out _) || !words.Next(out var type, out _))
        {
            Wrong("An option is a key, a type and what else is known of it.");
            return;
        }

        var option = new OptionEntry(key, TypeOf(type)) { Description = words.Description };
        while (words.Next(out var word, out var value))
        {
            option = word switch
            {
                "required" => option with { Required = Requirements(key, value) },
                "for" => option with { Use = Use(value) },
                "default" => option with { Default = value },
                "values" => WithValues(option, value),
                "since" => option with { Since = SinceOf(value) },
                "removed" => option with { Removed = SinceOf(value) },
                "changed" => option with { DefaultChanges = [.. option.DefaultChanges, .. Changed(value)] },
                "instead" => option with { Instead = value!.Split(','), Deprecated = true },
                "deprecated" => option with { Deprecated = true },
                "was" => option with { FormerKeys = [.. value!.Split(',').Select(Former)] },
                "secret" => option with { Secrecy = Secrecy(value) },
                _ => Unknown(option, word),
            };
        }

        options.Add(option);

        OptionEntry Unknown(OptionEntry same, string unknown)
        {
            Wrong($"'{unknown}' is not a word of an option.");
            return same;
        }
    }

    private OptionType TypeOf(string word)
    {
        switch (word)
        {
            case "string": return OptionType.String;
            case "list": return OptionType.List;
            case "enum": return OptionType.Enum;
            case "boolean": return OptionType.Boolean;
            case "integer": return OptionType.Integer;
            case "long": return OptionType.Long;
            case "float": return OptionType.Float;
            case "double": return OptionType.Double;
            case "duration": return OptionType.Duration;
            case "memory": return OptionType.Memory;
            case "map": return OptionType.Map;
            case "column": return OptionType.Column;
            default:
                Wrong($"'{word}' is not a type.");
                return OptionType.String;
        }
    }

    private List<Requirement> Requirements(string key, string? value)
    {
        if (value is null) return [new(RequirementKind.Always, [key])];
        var all = new List<Requirement>();
        foreach (var term in value.Split(','))
        {
            var colon = term.IndexOf(':', StringComparison.Ordinal);
            var (word, rest) = colon < 0 ? (term, "") : (term[..colon], term[(colon + 1)..]);
            switch (word)
            {
                case "always": all.Add(new(RequirementKind.Always, [key])); break;
                case "source": all.Add(new(RequirementKind.ForSource, [key])); break;
                case "sink": all.Add(new(RequirementKind.ForSink, [key])); break;
                case "lookup": all.Add(new(RequirementKind.ForLookup, [key])); break;
                case "one-of": all.Add(new(RequirementKind.OneOf, rest.Split('|'))); break;
                case "source-one-of": all.Add(new(RequirementKind.OneOfForSource, rest.Split('|'))); break;
                case "with": all.Add(new(RequirementKind.With, [rest])); break;
                case "from": all.Add(new(RequirementKind.From, [key], From: SinceOf(rest))); break;
                case "if" when rest.IndexOf('=', StringComparison.Ordinal) is var at and > 0:
                    all.Add(new(RequirementKind.If, [rest[..at]], rest[(at + 1)..]));
                    break;
                default: Wrong($"'{term}' is not a way to require an option."); break;
            }
        }

        return all;
    }

    private static OptionEntry WithValues(OptionEntry option, string? value)
    {
        var values = (value ?? "").Split('|');
        var closed = values.Where(each => !each.StartsWith('<')).ToArray();
        return option with { Values = closed, ValuesAreOpen = closed.Length < values.Length };
    }

    private Since? SinceOf(string? value)
    {
        var ofConnector = value?.StartsWith('@') == true;
        if (Release.TryParse(ofConnector ? value![1..] : value, out var release)) return new(release, ofConnector);
        Wrong($"'{value}' is not a release number.");
        return null;
    }

    // RELEASE:OLD>NEW
    private DefaultChange[] Changed(string? value)
    {
        var colon = value?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        var arrow = value?.IndexOf('>', StringComparison.Ordinal) ?? -1;
        if (colon < 0 || arrow < colon || SinceOf(value![..colon]) is not { } at)
        {
            Wrong("Write changed=RELEASE:OLD>NEW.");
            return [];
        }

        return [new(at, NoneIsNull(value[(colon + 1)..arrow]), NoneIsNull(value[(arrow + 1)..]))];

        static string? NoneIsNull(string text) => text == "none" ? null : text;
    }

    private (string Key, Release? Until) Former(string word)
    {
        var mark = word.IndexOf('<', StringComparison.Ordinal);
        return mark < 0 ? (word, null) : (word[..mark], SinceOf(word[(mark + 1)..])?.Release);
    }

    private OptionSecrecy Secrecy(string? value) => value switch
    {
        null => OptionSecrecy.Value,
        "embedded" => OptionSecrecy.Embedded,
        "prefix" => OptionSecrecy.SomeKeys,
        _ => Bad(value, OptionSecrecy.Value),
    };

    private OptionUse Use(string? value) => value switch
    {
        "source" => OptionUse.Source,
        "sink" => OptionUse.Sink,
        "lookup" => OptionUse.Lookup,
        _ => Bad(value, OptionUse.Any),
    };

    // A format's deserialize and serialize are not roles of tables.
    private OptionUse[] Roles(string value) => kind == SheetKind.Connector ? [.. Words(value).Select(Use)] : [];

    private Changes ChangesOf(string value) => value switch
    {
        "insert" => Changes.Insert,
        "upsert" => Changes.Upsert,
        "all" or "changelog" => Changes.All,
        "format" => Changes.AsFormat,
        _ => Bad(value, Changes.None),
    };

    private PrimaryKeyUse PrimaryKey(string value) => value switch
    {
        "ignored" => PrimaryKeyUse.Ignored,
        "unsupported" => PrimaryKeyUse.Unsupported,
        "for-upsert" => PrimaryKeyUse.ForUpsert,
        "expected" => PrimaryKeyUse.Expected,
        "required" => PrimaryKeyUse.Required,
        _ => Bad(value, PrimaryKeyUse.Ignored),
    };

    private T Bad<T>(string? word, T instead)
    {
        Wrong($"'{word}' is not known here.");
        return instead;
    }

    private static string[] Words(string value) =>
        value.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private void Wrong(string message) => errors.Add(new(file, line, message));
}
