using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// An event of a subscription is one response: nothing in it is deferred or streamed, unless by a condition.
internal sealed class DeferStreamDirectiveOnValidOperations : ValidationRule
{
    public override void EnterDefinition(Definition node)
    {
        if (node is not OperationDefinition { Kind: OperationKind.Subscription } operation) return;
        var seen = new HashSet<string>();
        var waiting = new Stack<(SelectionSet Set, int[] Spreads)>([(operation.SelectionSet, [])]);
        while (waiting.TryPop(out var next))
        {
            foreach (var selection in next.Set.Selections)
            {
                if (MayBeLeftOut(selection)) continue;
                foreach (var directive in selection.Directives)
                {
                    if (IncrementalDirectives.Is(directive) && !MayBeOff(directive)) Report(directive, next.Spreads);
                }

                if (selection is FieldNode { SelectionSet: { } below }) waiting.Push((below, next.Spreads));
                else if (selection is InlineFragment inline) waiting.Push((inline.SelectionSet, next.Spreads));
                else if (selection is FragmentSpread spread && seen.Add(spread.Name.Value)
                    && Context.Fragments.TryGet(spread.Name.Value, out var fragment))
                {
                    waiting.Push((fragment.SelectionSet, [spread.Start, .. next.Spreads]));
                }
            }
        }
    }

    private void Report(Directive it, int[] spreads)
    {
        var title = it.Name.Value == IncrementalDirectives.Defer ? "Defer" : "Stream";
        Report(
            $"{title} directive not supported on subscription operations. Disable `@{it.Name}` by setting the `if` "
                + "argument to `false`.",
            [it.Start, .. spreads]);
    }

    private static bool MayBeOff(Directive it) =>
        IncrementalDirectives.Condition(it) is BooleanValue { Value: false } or Variable;

    private static bool MayBeLeftOut(Selection selection) =>
        (IncrementalDirectives.Find(selection, "skip") is { } skip
            && IncrementalDirectives.Condition(skip) is not BooleanValue { Value: false })
        || (IncrementalDirectives.Find(selection, "include") is { } include
            && IncrementalDirectives.Condition(include) is not (null or BooleanValue { Value: true }));
}
