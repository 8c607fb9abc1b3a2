using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Apply;

/// <summary>Merging, pruning and comparing values by their shape. (structured-merge-diff/typed)</summary>
internal static class Merge
{
    /// <summary>What is live with what is applied laid over it; neither argument is changed.</summary>
    public static JsonNode? Over(JsonNode? live, JsonNode? applied, Shape shape)
    {
        if (live is JsonObject left && applied is JsonObject right && !shape.IsAtomic)
        {
            var merged = left.DeepClone().AsObject();
            foreach (var (name, value) in right)
            {
                if (value is not null) merged[name] = Over(left[name], value, shape.Of(name));
            }

            return merged;
        }

        if (live is JsonArray before && applied is JsonArray after && shape.List != ListType.Atomic)
        {
            return Items(before, after, shape);
        }

        return applied?.DeepClone();
    }

    /// <summary>
    /// Takes out what the manager applied the last time and does not apply now, unless another manager owns something
    /// there: then only what nobody else owns goes.
    /// </summary>
    public static void Prune(JsonNode? node, FieldSet last, FieldSet? applied, FieldSet? others, Shape shape)
    {
        foreach (var (element, child) in last.Children)
        {
            var kept = applied?.Find(element);
            var owned = others?.Find(element);
            if (kept is null && owned is null) Take(node, element, shape);
            else if (Step(node, element, shape) is var (next, inner)) Prune(next, child, kept, owned, inner);
        }
    }

    /// <summary>Collects the paths that were added or changed, and those that went away.</summary>
    public static void Compare(JsonNode? old, JsonNode? now, Shape shape, FieldSet changed, FieldSet removed)
    {
        if (old is JsonObject left && now is JsonObject right && !shape.IsAtomic)
        {
            foreach (var (name, value) in right)
            {
                var element = FieldSet.Field(name);
                if (!left.TryGetPropertyValue(name, out var was)) changed.Have(element).Collect(value, shape.Of(name));
                else Compare(was, value, shape.Of(name), changed.Have(element), removed.Have(element));
            }

            foreach (var (name, value) in left)
            {
                if (!right.ContainsKey(name)) removed.Have(FieldSet.Field(name)).Collect(value, shape.Of(name));
            }
        }
        else if (old is JsonArray before && now is JsonArray after && shape.List != ListType.Atomic)
        {
            var (lefts, rights) = (ByElement(before, shape), ByElement(after, shape));
            foreach (var (element, item) in rights)
            {
                if (lefts.TryGetValue(element, out var was))
                {
                    Compare(was, item, shape.Item, changed.Have(element), removed.Have(element));
                    continue;
                }

                changed.Have(element).Collect(item, shape.Item);
                changed.Have(element).Member = true;
            }

            foreach (var (element, item) in lefts)
            {
                if (rights.ContainsKey(element)) continue;
                removed.Have(element).Collect(item, shape.Item);
                removed.Have(element).Member = true;
            }
        }
        else if (!JsonNode.DeepEquals(old, now))
        {
            if (old is not null && now is null) removed.Collect(old, shape);
            else changed.Collect(now, shape);
        }
    }

    // The applied order wins; live items that are not applied keep their place before the item that followed them.
    private static JsonArray Items(JsonArray live, JsonArray applied, Shape shape)
    {
        var (lefts, rights) = (ByElement(live, shape), ByElement(applied, shape));
        var merged = new JsonArray();
        var waiting = new Queue<string>(lefts.Keys);
        foreach (var (element, item) in rights)
        {
            while (waiting.TryPeek(out var next) && !rights.ContainsKey(next))
            {
                merged.Add(lefts[waiting.Dequeue()]?.DeepClone());
            }
            if (waiting.TryPeek(out var same) && same == element) waiting.Dequeue();
            merged.Add(Over(lefts.GetValueOrDefault(element), item, shape.Item));
        }

        foreach (var element in waiting.Where(it => !rights.ContainsKey(it))) merged.Add(lefts[element]?.DeepClone());
        return merged;
    }

    private static Dictionary<string, JsonNode?> ByElement(JsonArray items, Shape list)
    {
        var found = new Dictionary<string, JsonNode?>(items.Count, StringComparer.Ordinal);
        foreach (var item in items) found[Element(item, list)] = item;
        return found;
    }

    private static string Element(JsonNode? item, Shape list) =>
        list.List == ListType.Map ? FieldSet.Key(item, list) : FieldSet.Value(item);

    private static (JsonNode? Next, Shape Shape)? Step(JsonNode? node, string element, Shape shape) => node switch
    {
        JsonObject o when element.StartsWith("f:", StringComparison.Ordinal) =>
            (o[element[2..]], shape.Of(element[2..])),
        JsonArray items when shape.List != ListType.Atomic =>
            (items.FirstOrDefault(it => Element(it, shape) == element), shape.Item),
        _ => null,
    };

    private static void Take(JsonNode? node, string element, Shape shape)
    {
        if (node is JsonObject o && element.StartsWith("f:", StringComparison.Ordinal))
        {
            o.Remove(element[2..]);
        }
        else if (node is JsonArray items && shape.List != ListType.Atomic)
        {
            var found = items.FirstOrDefault(it => Element(it, shape) == element);
            if (found is not null) items.Remove(found);
        }
    }
}
