using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Apply;

/// <summary>
/// A set of field paths as a tree, read from and written to the FieldsV1 form of managedFields: "f:name" is a field,
/// "k:{…}" a list item by its keys, "v:…" an item of a set, "." the path of the node itself.
/// (sigs.k8s.io/structured-merge-diff/fieldpath)
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the path of this node is in the set.</summary>
    public bool Member { get; set; }

    public bool IsEmpty => !Member && _children.Count == 0;

    public IEnumerable<KeyValuePair<string, FieldSet>> Children => _children;

    public FieldSet? Find(string element) => _children.GetValueOrDefault(element);

    public FieldSet Have(string element)
    {
        if (!_children.TryGetValue(element, out var child)) _children[element] = child = new FieldSet();
        return child;
    }

    public static string Field(string name) => "f:" + name;

    public static string Value(JsonNode? value) => "v:" + (value?.ToJsonString() ?? "null");

    /// <summary>The path element of a list item: its key fields, sorted, with the schema's defaults.</summary>
    public static string Key(JsonNode? item, Shape list)
    {
        var keys = new JsonObject();
        foreach (var (field, fallback) in list.Keys)
        {
            if ((item as JsonObject)?[field] is { } value) keys[field] = value.DeepClone();
            else if (fallback is not null) keys[field] = fallback;
        }

        return "k:" + keys.ToJsonString();
    }

    /// <summary>Every leaf of a value, and every list item.</summary>
    public static FieldSet Of(JsonNode? value, Shape shape)
    {
        var set = new FieldSet();
        set.Collect(value, shape);
        return set;
    }

    public void Collect(JsonNode? value, Shape shape)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } o when !shape.IsAtomic:
                foreach (var (name, child) in o) Have(Field(name)).Collect(child, shape.Of(name));
                break;
            case JsonArray { Count: > 0 } items when shape.List == ListType.Map:
                foreach (var item in items)
                {
                    var child = Have(Key(item, shape));
                    child.Collect(item, shape.Item);
                    child.Member = true;
                }

                break;
            case JsonArray { Count: > 0 } items when shape.List == ListType.Set:
                foreach (var item in items) Have(Value(item)).Member = true;
                break;
            default:
                Member = true;
                break;
        }
    }

    public static FieldSet FromJson(JsonObject? fields)
    {
        var set = new FieldSet();
        if (fields is null) return set;
        foreach (var (element, child) in fields)
        {
            if (element == ".") set.Member = true;
            else if (child is JsonObject { Count: > 0 } nested) set._children[element] = FromJson(nested);
            else set.Have(element).Member = true;
        }

        return set;
    }

    public JsonObject ToJson()
    {
        var fields = new JsonObject();
        if (Member && _children.Count > 0) fields["."] = new JsonObject();
        foreach (var (element, child) in _children) fields[element] = child.ToJson();
        return fields;
    }

    public void Add(FieldSet other)
    {
        Member |= other.Member;
        foreach (var (element, child) in other._children) Have(element).Add(child);
    }

    public void Remove(FieldSet other)
    {
        if (other.Member) Member = false;
        foreach (var (element, child) in other._children)
        {
            if (!_children.TryGetValue(element, out var mine)) continue;
            mine.Remove(child);
            if (mine.IsEmpty) _children.Remove(element);
        }
    }

    /// <summary>Takes a whole branch out, members or not.</summary>
    public void Cut(params ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
        {
            _children.Remove(path[0]);
        }
        else if (_children.TryGetValue(path[0], out var child))
        {
            child.Cut(path[1..]);
            if (child.IsEmpty) _children.Remove(path[0]);
        }
    }

    public FieldSet Intersect(FieldSet other)
    {
        var both = new FieldSet { Member = Member && other.Member };
        foreach (var (element, child) in _children)
        {
            if (!other._children.TryGetValue(element, out var theirs)) continue;
            var shared = child.Intersect(theirs);
            if (!shared.IsEmpty) both._children[element] = shared;
        }

        return both;
    }

    /// <summary>Drops branches without members, which collecting leaves behind.</summary>
    public FieldSet Trimmed()
    {
        foreach (var (element, child) in _children.ToArray())
        {
            if (child.Trimmed().IsEmpty) _children.Remove(element);
        }

        return this;
    }

    /// <summary>The members as people read them: .spec.containers[name="a"].image.</summary>
    public IEnumerable<string> Paths() => Paths("");

    private IEnumerable<string> Paths(string prefix)
    {
        if (Member) yield return prefix;
        foreach (var (element, child) in _children)
        {
            foreach (var path in child.Paths(prefix + Show(element))) yield return path;
        }
    }

    private static string Show(string element)
    {
        var rest = element[2..];
        if (element.StartsWith("f:", StringComparison.Ordinal)) return "." + rest;
        if (element.StartsWith("v:", StringComparison.Ordinal)) return $"[={rest}]";
        var text = new StringBuilder("[");
        using var keys = JsonDocument.Parse(rest);
        foreach (var key in keys.RootElement.EnumerateObject())
        {
            if (text.Length > 1) text.Append(',');
            text.Append(key.Name).Append('=').Append(key.Value.GetRawText());
        }

        return text.Append(']').ToString();
    }
}
