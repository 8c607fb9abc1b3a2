using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.5.2.2: fragments do not spread themselves, directly or through others. A walk with a stack of its own,
// because chains of fragments may be as long as the document.
internal sealed class NoFragmentCycles : ValidationRule
{
    private readonly Dictionary<FragmentDefinition, List<FragmentSpread>> known = [];

    public override void LeaveDocument(Document node)
    {
        var done = new HashSet<string>();
        foreach (var fragment in node.Definitions.OfType<FragmentDefinition>())
        {
            if (!done.Contains(fragment.Name.Value)) Search(fragment, done);
        }
    }

    private void Search(FragmentDefinition start, HashSet<string> done)
    {
        var path = new List<(FragmentDefinition Fragment, int Next)> { (start, 0) };
        var onPath = new Dictionary<string, int> { [start.Name.Value] = 0 };
        while (path.Count > 0)
        {
            var (fragment, next) = path[^1];
            var spreads = Spreads(fragment);
            if (next == spreads.Count)
            {
                path.RemoveAt(path.Count - 1);
                onPath.Remove(fragment.Name.Value);
                done.Add(fragment.Name.Value);
                continue;
            }

            path[^1] = (fragment, next + 1);
            var name = spreads[next].Name.Value;
            if (onPath.TryGetValue(name, out var from))
            {
                Report(path, from, name);
            }
            else if (!done.Contains(name) && Context.Fragments.TryGet(name, out var deeper))
            {
                onPath[name] = path.Count;
                path.Add((deeper, 0));
            }
        }
    }

    // A selection set's own spreads before those below it, the last set first: the order of graphql-js.
    private List<FragmentSpread> Spreads(FragmentDefinition fragment)
    {
        if (known.TryGetValue(fragment, out var spreads)) return spreads;
        known[fragment] = spreads = [];
        var waiting = new Stack<SelectionSet>([fragment.SelectionSet]);
        while (waiting.TryPop(out var set))
        {
            foreach (var selection in set.Selections)
            {
                if (selection is FragmentSpread spread) spreads.Add(spread);
                else if (selection is FieldNode { SelectionSet: { } below }) waiting.Push(below);
                else if (selection is InlineFragment inline) waiting.Push(inline.SelectionSet);
            }
        }

        return spreads;
    }

    private void Report(List<(FragmentDefinition Fragment, int Next)> path, int from, string name)
    {
        var via = string.Join(", ", path.Skip(from + 1).Take(10).Select(it => $"\"{it.Fragment.Name}\""));
        var starts = path.Skip(from).Take(11)
            .Select(it => Spreads(it.Fragment)[it.Next - 1].Start);
        Report(
            $"Cannot spread fragment \"{name}\" within itself{(via.Length == 0 ? "" : " via " + via)}.", [.. starts]);
    }
}
