using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>
/// A label selector, from the query form (a=b,c in (d,e),!f) or from an object's matchLabels and matchExpressions.
/// </summary>
internal sealed partial class LabelSelector
{
    public static readonly LabelSelector Everything = new([]);

    private readonly Requirement[] _requirements;

    private LabelSelector(Requirement[] requirements) => _requirements = requirements;

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        GreaterThan,
        LessThan,
    }

    /// <summary>The pairs that must be there literally, which indexes can use.</summary>
    public IEnumerable<KeyValuePair<string, string>> Pairs =>
        _requirements.Where(it => it is { Operator: Operator.In, Values.Length: 1 })
            .Select(it => KeyValuePair.Create(it.Key, it.Values[0]));

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Matches(labels)) return false;
        }

        return true;
    }

    /// <summary>Reads a selector object; a plain map (a Service's) is read as matchLabels.</summary>
    public static LabelSelector Of(JsonObject selector)
    {
        var requirements = new List<Requirement>();
        var structured = selector["matchLabels"] is JsonObject || selector["matchExpressions"] is JsonArray;
        foreach (var (key, value) in structured ? selector.Child("matchLabels").TextMap() : selector.TextMap())
        {
            requirements.Add(new Requirement(key, Operator.In, [value]));
        }

        foreach (var it in structured ? selector.Items("matchExpressions") : [])
        {
            if (!Enum.TryParse<Operator>(it.Text("operator"), out var wanted)) throw ApiFailure.BadRequest(
                $"\"{it.Text("operator")}\" is not a valid label selector operator");
            requirements.Add(new Requirement(it.Text("key") ?? "", wanted, [.. it.Texts("values")]));
        }

        return new LabelSelector([.. requirements]);
    }

    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Everything;
        var requirements = new List<Requirement>();
        var at = 0;
        while (at < text.Length)
        {
            var match = RequirementPattern().Match(text, at);
            if (!match.Success) throw ApiFailure.BadRequest(
                $"unable to parse requirement: found '{text[at..]}', expected: a label key, '!', or an operator");
            requirements.Add(Read(match));
            at = match.Index + match.Length;
        }

        return new LabelSelector([.. requirements]);
    }

    private static Requirement Read(Match match)
    {
        var key = match.Groups["key"].Value;
        if (match.Groups["not"].Success) return new Requirement(key, Operator.DoesNotExist, []);
        var set = match.Groups["set"];
        var wanted = match.Groups["op"].Value switch
        {
            "in" or "=" or "==" => Operator.In,
            "notin" or "!=" => Operator.NotIn,
            ">" => Operator.GreaterThan,
            "<" => Operator.LessThan,
            _ => Operator.Exists,
        };
        var values = set.Success
            ? set.Value.Split(',', StringSplitOptions.TrimEntries)
            : wanted == Operator.Exists ? [] : [match.Groups["value"].Value];
        return new Requirement(key, wanted, values);
    }

    [GeneratedRegex(
        @"\G\s*(?:(?<not>!)\s*(?<key>[\w./-]+)|(?<key>[\w./-]+)(?:\s+(?<op>in|notin)\s*\((?<set>[^)]*)\)" +
        @"|\s*(?<op>==|=|!=|>|<)\s*(?<value>[\w.-]*))?)\s*(?:,|\z)")]
    private static partial Regex RequirementPattern();

    private sealed record Requirement(string Key, Operator Operator, string[] Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            var there = labels.TryGetValue(Key, out var value);
            return Operator switch
            {
                Operator.In => there && Array.IndexOf(Values, value) >= 0,
                Operator.NotIn => !there || Array.IndexOf(Values, value) < 0,
                Operator.Exists => there,
                Operator.DoesNotExist => !there,
                _ => there && long.TryParse(value, out var number) && long.TryParse(Values[0], out var bound)
                    && (Operator == Operator.GreaterThan ? number > bound : number < bound),
            };
        }
    }
}

/// <summary>
/// A field selector: metadata.name, metadata.namespace and, where the kind has it, status.phase and a few more.
/// </summary>
internal sealed class FieldSelector
{
    public static readonly FieldSelector Everything = new([]);

    private static readonly Dictionary<string, string[]> Supported = new()
    {
        ["Pod"] = ["status.phase", "status.podIP", "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName"],
        ["Event"] = ["involvedObject.kind", "involvedObject.name", "involvedObject.namespace", "involvedObject.uid",
            "reason", "type"],
        ["Secret"] = ["type"],
        ["Namespace"] = ["status.phase"],
    };

    private readonly (string Field, string Value, bool Equal)[] _terms;

    private FieldSelector((string Field, string Value, bool Equal)[] terms) => _terms = terms;

    public static FieldSelector Parse(ResourceKind kind, string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return Everything;
        var terms = new List<(string, string, bool)>();
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equal = !term.Contains("!=", StringComparison.Ordinal);
            var parts = term.Split(["!=", "==", "="], 2, StringSplitOptions.None);
            if (parts.Length != 2)
            {
                throw ApiFailure.BadRequest($"invalid selector: '{term}'; can't understand '{term}'");
            }
            var known = parts[0] is "metadata.name" or "metadata.namespace"
                || (Supported.TryGetValue(kind.Name, out var fields) && fields.Contains(parts[0]));
            if (!known) throw ApiFailure.BadRequest(
                $"Unable to find \"{kind.ApiVersion}, Resource={kind.Plural}\" that match label " +
                $"selector \"\", field selector \"{text}\": field label not supported: {parts[0]}");
            terms.Add((parts[0], parts[1], equal));
        }

        return new FieldSelector([.. terms]);
    }

    public bool Matches(Stored stored)
    {
        JsonNode? tree = null;
        foreach (var (field, wanted, equal) in _terms)
        {
            var value = field switch
            {
                "metadata.name" => stored.Name,
                "metadata.namespace" => stored.Namespace,
                _ => Step(tree ??= stored.Parse(), field.Split('.'))?.ToString(),
            };
            if (string.Equals(value ?? "", wanted, StringComparison.Ordinal) != equal) return false;
        }

        return true;
    }

    private static JsonNode? Step(JsonNode? node, string[] path)
    {
        foreach (var step in path) node = (node as JsonObject)?[step];
        return node;
    }
}
