using System.Text;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;
using Xuanwu.GraphQL.Validation;

namespace Xuanwu.GraphQL.Execution;

// Makes the plan of one operation for one outcome of its @skip and @include conditions: fields of the same response
// name merged (specification, section 6.3.2), conditions gone, names encoded, constant arguments bound. Selections
// below a field are planned when they are first reached.
internal sealed class PlanCompiler(
    Schema schema, DocumentFragments fragments, Func<string, bool> conditions, bool traces, bool defers)
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
                    if (Deferral(it) is { } mark) into.Later.Add((Label(mark), it.SelectionSet));
                    else Collect(type, it.SelectionSet, into);
                    break;
                case FragmentSpread it when Deferral(it) is { } own:
                    if (fragments.TryGet(it.Name.Value, out var later) && Applies(later.TypeCondition, type))
                    {
                        into.Later.Add((Label(own), later.SelectionSet));
                    }

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

    // The directive when the fragment is to come later.
    private Directive? Deferral(Selection selection)
    {
        if (!defers || IncrementalDirectives.Find(selection, IncrementalDirectives.Defer) is not { } it) return null;
        return IncrementalDirectives.Condition(it) switch
        {
            BooleanValue { Value: false } => null,
            Variable variable when !conditions(variable.Name) => null,
            _ => it,
        };
    }

    private static string? Label(Directive it) =>
        (it.Arguments.FirstOrDefault(argument => argument.Name.Value == "label")?.Value as StringValue)?.Value;

    // No value is sent twice. A leaf that comes anyway is left out of what comes later; a fragment that shares an
    // object with what comes anyway is not deferred at all, which the specification leaves to the server.
    private DeferredPlan[] Separate(ObjectType type, Collected collected)
    {
        var parts = new List<(string? Label, Collected Fields)>();
        var taken = new HashSet<string>(collected.Names, StringComparer.Ordinal);
        for (var i = 0; i < collected.Later.Count; i++)
        {
            var (label, selections) = collected.Later[i];
            var part = new Collected();
            Collect(type, selections, part);
            if (part.Groups.Any(it => it.Nodes[0].SelectionSet is not null && taken.Contains(it.Name)))
            {
                // Its fields may be those of a part that was set aside before: then that comes at once, too.
                foreach (var before in parts) collected.Take(before.Fields);
                parts.Clear();
                collected.Take(part);
            }
            else
            {
                part.Leave(taken);
                if (part.Groups.Count > 0 || part.Later.Count > 0) parts.Add((label, part));
            }

            taken.UnionWith(part.Names);
            taken.UnionWith(collected.Names);
        }

        return [.. parts.Select(it => new DeferredPlan(it.Label, Build(type, it.Fields)))];
    }

    private SelectionPlan Build(ObjectType type, Collected collected)
    {
        var later = collected.Later.Count == 0 ? [] : Separate(type, collected);
        var plan = new SelectionPlan(type) { Later = later };
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

        /// <summary>Fragments that are to come later.</summary>
        public List<(string? Label, SelectionSet Selections)> Later => field ??= [];

        public IEnumerable<string> Names => index.Keys;

        /// <summary>Takes over all of another's.</summary>
        public void Take(Collected other)
        {
            foreach (var (_, nodes) in other.Groups)
            {
                foreach (var node in nodes) Add(node);
            }

            Later.AddRange(other.Later);
        }

        /// <summary>Leaves out what comes anyway.</summary>
        public void Leave(HashSet<string> names) => Groups.RemoveAll(it => names.Contains(it.Name));

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
