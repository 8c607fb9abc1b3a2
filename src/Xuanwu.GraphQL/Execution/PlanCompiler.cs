using System.Text;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// Makes the plan of one operation for one outcome of its @skip and @include conditions: fields of the same response
// name merged (specification, section 6.3.2), conditions gone, names encoded, constant arguments bound. Selections
// below a field are planned when they are first reached.
internal sealed class PlanCompiler(
    Schema schema, DocumentFragments fragments, Func<string, bool> conditions, bool traces)
{
    private int slots;

    public int ArgumentSlots => Volatile.Read(ref slots);

    public SelectionPlan Root(ObjectType type, SelectionSet selections)
    {
        var collected = new Collected();
        Collect(type, selections, collected);
        return Build(type, collected);
    }

    public SelectionPlan Below(ObjectType type, FieldNode[] nodes)
    {
        var collected = new Collected();
        foreach (var node in nodes)
        {
            if (node.SelectionSet is { } selections) Collect(type, selections, collected);
        }

        return Build(type, collected);
    }

    private void Collect(ObjectType type, SelectionSet selections, Collected into)
    {
        foreach (var selection in selections.Selections)
        {
            if (!IsIncluded(selection)) continue;
            switch (selection)
            {
                case FieldNode field:
                    into.Add(field);
                    break;
                case InlineFragment it when it.TypeCondition is null || Applies(it.TypeCondition, type):
                    Collect(type, it.SelectionSet, into);
                    break;
                case FragmentSpread it when into.Visited.Add(it.Name.Value)
                    && fragments.TryGet(it.Name.Value, out var fragment) && Applies(fragment.TypeCondition, type):
                    Collect(type, fragment.SelectionSet, into);
                    break;
            }
        }
    }

    private bool Applies(NamedTypeNode condition, ObjectType type) =>
        schema.TryGetType(condition.Name.Value, out var named)
        && (ReferenceEquals(named, type) || schema.IsSubtype(named, type));

    private bool IsIncluded(Selection selection)
    {
        foreach (var directive in selection.Directives)
        {
            var isSkip = directive.Name.Value == "skip";
            if (!isSkip && directive.Name.Value != "include") continue;
            var met = directive.Arguments[0].Value switch
            {
                BooleanValue it => it.Value,
                Variable it => conditions(it.Name),
                _ => true,
            };
            if (met == isSkip) return false;
        }

        return true;
    }

    private SelectionPlan Build(ObjectType type, Collected collected)
    {
        var plan = new SelectionPlan(type);
        var fields = new List<FieldPlan>(collected.Groups.Count);
        foreach (var (name, nodes) in collected.Groups)
        {
            if (schema.FieldOf(type, nodes[0].Name.Value) is not { } field) continue;
            var prefix = Encoding.UTF8.GetBytes($"{(fields.Count == 0 ? '{' : ',')}\"{name}\":");
            var constant = ArgumentBinder.TryBindConstant(field, nodes[0]);
            fields.Add(new FieldPlan
            {
                Owner = plan,
                Field = field,
                Runner = traces && field.Runner.IsResolver ? new TracedRunner(field.Runner) : field.Runner,
                ResponseName = name,
                Nodes = [.. nodes],
                Prefix = prefix,
                Compiler = this,
                Arguments = constant,
                ArgumentSlot = constant is null ? Interlocked.Increment(ref slots) - 1 : -1,
            });
        }

        plan.Fields = [.. fields];
        return plan;
    }

    private sealed class Collected
    {
        private readonly Dictionary<string, int> index = [];

        public List<(string Name, List<FieldNode> Nodes)> Groups { get; } = [];

        public HashSet<string> Visited => field ??= [];

        public void Add(FieldNode node)
        {
            var name = node.ResponseName;
            if (index.TryGetValue(name, out var at))
            {
                Groups[at].Nodes.Add(node);
                return;
            }

            index[name] = Groups.Count;
            Groups.Add((name, [node]));
        }
    }
}

/// <summary>A document's fragments by name; the first of a name counts.</summary>
internal sealed class DocumentFragments
{
    private readonly Dictionary<string, FragmentDefinition>? byName;

    public DocumentFragments(Document document)
    {
        foreach (var definition in document.Definitions)
        {
            if (definition is FragmentDefinition it) (byName ??= []).TryAdd(it.Name.Value, it);
        }
    }

    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FragmentDefinition? it)
    {
        it = null;
        return byName?.TryGetValue(name, out it) ?? false;
    }
}
