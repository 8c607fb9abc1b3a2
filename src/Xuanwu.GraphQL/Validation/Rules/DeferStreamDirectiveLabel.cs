using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Labels of @defer and @stream are known before anything runs, and no two are the same.
internal sealed class DeferStreamDirectiveLabel : ValidationRule
{
    private readonly Dictionary<string, int> known = [];

    public override void EnterDirective(Directive node)
    {
        if (!IncrementalDirectives.Is(node)) return;
        var label = node.Arguments.FirstOrDefault(it => it.Name.Value == "label")?.Value;
        if (label is null or NullValue) return;
        if (label is not StringValue text)
        {
            Report($"Argument \"@{node.Name}(label:)\" must be a static string.", node.Start);
        }
        else if (!known.TryAdd(text.Value, node.Start))
        {
            Report(
                "Value for arguments \"defer(label:)\" and \"stream(label:)\" must be unique across all Defer/Stream "
                    + "directive usages.",
                known[text.Value],
                node.Start);
        }
    }
}
