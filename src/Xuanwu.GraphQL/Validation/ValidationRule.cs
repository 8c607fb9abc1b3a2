using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation;

// One rule of the specification's section 5. A rule overrides the visits it needs; all rules share one walk. The
// context knows the types at the node being visited. A rule is made for one document and may keep state.
internal abstract class ValidationRule
{
    protected ValidationContext Context { get; private set; } = null!;

    public void Start(ValidationContext context) => Context = context;

    public virtual void EnterDefinition(Definition node)
    {
    }

    public virtual void LeaveDefinition(ExecutableDefinition node)
    {
    }

    public virtual void EnterVariableDefinition(VariableDefinition node)
    {
    }

    public virtual void EnterSelectionSet(SelectionSet node)
    {
    }

    public virtual void EnterField(FieldNode node)
    {
    }

    public virtual void EnterFragmentSpread(FragmentSpread node)
    {
    }

    public virtual void EnterInlineFragment(InlineFragment node)
    {
    }

    public virtual void EnterDirectives(IReadOnlyList<Directive> nodes, string location)
    {
    }

    public virtual void EnterDirective(Directive node)
    {
    }

    public virtual void EnterArgument(Argument node)
    {
    }

    public virtual void EnterNamedType(NamedTypeNode node)
    {
    }

    public virtual void EnterObjectValue(ObjectValue node)
    {
    }

    public virtual void LeaveDocument(Document node)
    {
    }

    protected void Report(string message, params int[] starts) => Context.Report(GetType().Name, message, starts);
}
