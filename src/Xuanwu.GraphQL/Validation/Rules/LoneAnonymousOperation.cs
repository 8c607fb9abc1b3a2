using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.2.3: an operation without a name is the only operation.
internal sealed class LoneAnonymousOperation : ValidationRule
{
    private int operations = -1;

    public override void EnterDefinition(Definition node)
    {
        if (node is not OperationDefinition { Name: null }) return;
        if (operations < 0) operations = Context.Document.Definitions.Count(it => it is OperationDefinition);
        if (operations > 1) Report("This anonymous operation must be the only defined operation.", node.Start);
    }
}
