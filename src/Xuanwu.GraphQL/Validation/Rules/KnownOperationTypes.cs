using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.2.1: the schema supports the operation's kind.
internal sealed class KnownOperationTypes : ValidationRule
{
    public override void EnterDefinition(Definition node)
    {
        if (node is not OperationDefinition it || Context.Schema.Root(it.Kind) is not null) return;
        Report($"The {OperationKinds.Keyword(it.Kind)} operation is not supported by the schema.", it.Start);
    }
}
