using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Root fields of mutations run one after the other, and a subscription has one: neither can come later.
internal sealed class DeferStreamDirectiveOnRootField : ValidationRule
{
    public override void EnterDefinition(Definition node)
    {
        if (node is not OperationDefinition { Kind: not OperationKind.Query } operation) return;
        if (Context.Schema.Root(operation.Kind) is not { } root) return;
        var place = $"cannot be used on root {OperationKinds.Keyword(operation.Kind)} type \"{root}\".";
        var seen = new HashSet<string>();
        var waiting = new Stack<SelectionSet>([operation.SelectionSet]);
        while (waiting.TryPop(out var set))
        {
            foreach (var selection in set.Selections)
            {
                var (name, title) = selection is FieldNode
                    ? (IncrementalDirectives.Stream, "Stream") : (IncrementalDirectives.Defer, "Defer");
                var isKnown = selection is not FragmentSpread it || Context.Fragments.TryGet(it.Name.Value, out _);
                if (isKnown && IncrementalDirectives.Find(selection, name) is { } found)
                {
                    Report($"{title} directive {place}", found.Start);
                }

                if (selection is InlineFragment inline) waiting.Push(inline.SelectionSet);
                else if (selection is FragmentSpread spread && seen.Add(spread.Name.Value)
                    && Context.Fragments.TryGet(spread.Name.Value, out var fragment))
                {
                    waiting.Push(fragment.SelectionSet);
                }
            }
        }
    }
}
