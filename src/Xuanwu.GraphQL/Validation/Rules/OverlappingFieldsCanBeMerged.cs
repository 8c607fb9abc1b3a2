using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.3.2: fields of one response name can be merged.
//
// Comparing every pair is quadratic, and attackers know it. So the document is first judged by sets (the method of
// Simon Adameit): the fields of one response name are one group; all of a group must have one shape, and those that
// can meet on one object must be one field with one set of arguments; then the same holds for the merged selections
// below the group. Each comparison is with the group's first field, and a group that was judged before is not judged
// again, which keeps the work near the size of the document. Only when something is wrong are pairs compared, by
// FieldConflicts, to say what.
internal sealed class OverlappingFieldsCanBeMerged : ValidationRule
{
    private const int MaxDepth = 1000;
    private readonly HashSet<Group> judged = [];
    private readonly Dictionary<FieldNode, string> arguments = [];

    public override void LeaveDocument(Document node)
    {
        foreach (var definition in node.Definitions)
        {
            if (Context.IsFull) return;
            if (definition is not ExecutableDefinition it || !HasConflict(it)) continue;
            var before = Context.Errors.Count;
            foreach (var (message, starts) in new FieldConflicts(Context, Arguments).Find()) Report(message, starts);
            if (Context.Errors.Count == before) Report("Fields of the same name cannot be merged.", it.Start);
            return;
        }
    }

    private bool HasConflict(ExecutableDefinition definition)
    {
        var type = definition switch
        {
            OperationDefinition it => Context.Schema.Root(it.Kind),
            FragmentDefinition it when Context.Schema.TryGetType(it.TypeCondition.Name.Value, out var found) => found,
            _ => null,
        };
        var fields = new FieldGroups(Context);
        fields.Collect(definition.SelectionSet, type);
        return !HaveOneShape(fields, 0) || !AreOneField(fields, 0);
    }

    // Whatever object comes, the response has one shape.
    private bool HaveOneShape(FieldGroups fields, int depth)
    {
        foreach (var group in fields.Groups)
        {
            if (group.Count > 1 && group.Any(it => FieldConflicts.IsStreamed(it.Node))) return false;
            var first = group[0].Type;
            for (var i = 1; i < group.Count; i++)
            {
                if (first is not null && group[i].Type is { } type && FieldConflicts.ShapesDiffer(first, type))
                {
                    return false;
                }

                first ??= group[i].Type;
            }

            if (Below(group, true, depth) is { } below && !HaveOneShape(below, depth + 1)) return false;
        }

        return true;
    }

    // On one object, one response name is one field with one set of arguments.
    private bool AreOneField(FieldGroups fields, int depth)
    {
        foreach (var group in fields.Groups)
        {
            foreach (var meeting in Meeting(group))
            {
                for (var i = 1; i < meeting.Count; i++)
                {
                    if (meeting[i].Node.Name.Value != meeting[0].Node.Name.Value
                        || Arguments(meeting[i].Node) != Arguments(meeting[0].Node))
                    {
                        return false;
                    }
                }

                if (Below(meeting, false, depth) is { } below && !AreOneField(below, depth + 1)) return false;
            }
        }

        return true;
    }

    // Fields on different object types never meet; those on interfaces meet with all.
    private static List<List<FieldEntry>> Meeting(List<FieldEntry> group)
    {
        if (group.Count == 1) return [group];
        var general = group.Where(it => it.Parent is not ObjectType).ToList();
        var byObject = group.Where(it => it.Parent is ObjectType).GroupBy(it => it.Parent)
            .Select(it => it.Concat(general).ToList()).ToList();
        if (byObject.Count == 0) byObject.Add(general);
        return byObject;
    }

    private FieldGroups? Below(List<FieldEntry> group, bool shapes, int depth)
    {
        if (depth > MaxDepth || group.All(it => it.Node.SelectionSet is null)) return null;
        if (!judged.Add(new Group(shapes, group))) return null;
        var below = new FieldGroups(Context);
        foreach (var field in group)
        {
            if (field.Node.SelectionSet is { } selections) below.Collect(selections, field.Type?.Named);
        }

        return below;
    }

    // Arguments in the order of their names, as text: equal text is equal arguments.
    private string Arguments(FieldNode node)
    {
        if (node.Arguments.Length == 0) return "";
        if (arguments.TryGetValue(node, out var known)) return known;
        return arguments[node] = string.Join(',', node.Arguments.OrderBy(it => it.Name.Value, StringComparer.Ordinal)
            .Select(it => $"{it.Name}:{Canonical(it.Value)}"));
    }

    private static string Canonical(ValueNode value) => value switch
    {
        ObjectValue it => "{" + string.Join(',', it.Fields.OrderBy(field => field.Name.Value, StringComparer.Ordinal)
            .Select(field => $"{field.Name}:{Canonical(field.Value)}")) + "}",
        ListValue it => "[" + string.Join(',', it.Items.Select(Canonical)) + "]",
        StringValue it => Printer.PrintString(it.Value),
        _ => Printer.Print(value),
    };

    // A set of fields by their places in the document.
    private readonly struct Group : IEquatable<Group>
    {
        private readonly bool shapes;
        private readonly int[] starts;
        private readonly int hash;

        public Group(bool shapes, List<FieldEntry> fields)
        {
            this.shapes = shapes;
            starts = new int[fields.Count];
            for (var i = 0; i < starts.Length; i++) starts[i] = fields[i].Node.Start;
            Array.Sort(starts);
            var code = default(HashCode);
            code.Add(shapes);
            foreach (var start in starts) code.Add(start);
            hash = code.ToHashCode();
        }

        public bool Equals(Group other) =>
            hash == other.hash && shapes == other.shapes && starts.AsSpan().SequenceEqual(other.starts);

        public override bool Equals(object? obj) => obj is Group it && Equals(it);

        public override int GetHashCode() => hash;
    }
}
