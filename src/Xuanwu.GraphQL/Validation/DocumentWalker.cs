using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation;

// The one pass over a document: keeps the types, gathers facts, and calls every rule at every node.
internal sealed partial class DocumentWalker(ValidationContext context, ValidationRule[] rules)
{
    private DefinitionFacts facts = new();

    public void Walk()
    {
        foreach (var definition in context.Document.Definitions)
        {
            if (context.IsFull) return;
            foreach (var rule in rules) rule.EnterDefinition(definition);
            if (definition is ExecutableDefinition executable)
            {
                facts = context.FactsOf(executable);
                Walk(executable);
                foreach (var rule in rules) rule.LeaveDefinition(executable);
            }
            else if (definition is TypeSystemDefinition typeSystem)
            {
                WalkTypeSystem(typeSystem);
            }
        }

        foreach (var rule in rules) rule.LeaveDocument(context.Document);
    }

    private void Walk(ExecutableDefinition definition)
    {
        if (definition is OperationDefinition operation)
        {
            context.ParentType = context.Schema.Root(operation.Kind);
            foreach (var variable in operation.Variables)
            {
                foreach (var rule in rules) rule.EnterVariableDefinition(variable);
                Walk(variable.Type);
                var type = context.Schema.Resolve(variable.Type);
                if (variable.DefaultValue is { } value) Walk(value, type, false, null);
                Walk(variable.Directives, "VARIABLE_DEFINITION");
            }

            Walk(operation.Directives, operation.Kind switch
            {
                OperationKind.Query => "QUERY",
                OperationKind.Mutation => "MUTATION",
                _ => "SUBSCRIPTION",
            });
        }
        else if (definition is FragmentDefinition fragment)
        {
            Enter(fragment.TypeCondition);
            context.ParentType = Composite(fragment.TypeCondition);
            Walk(fragment.Directives, "FRAGMENT_DEFINITION");
        }

        Walk(definition.SelectionSet);
    }

    private NamedType? Composite(NamedTypeNode node) =>
        context.Schema.TryGetType(node.Name.Value, out var type) && type.IsComposite ? type : null;

    private void Walk(SelectionSet node)
    {
        foreach (var rule in rules) rule.EnterSelectionSet(node);
        var parent = context.ParentType;
        foreach (var selection in node.Selections)
        {
            if (context.IsFull) return;
            context.ParentType = parent;
            switch (selection)
            {
                case FieldNode it:
                    Walk(it, parent);
                    break;
                case FragmentSpread it:
                    facts.Spreads.Add(it);
                    foreach (var rule in rules) rule.EnterFragmentSpread(it);
                    Walk(it.Directives, "FRAGMENT_SPREAD");
                    break;
                case InlineFragment it:
                    if (it.TypeCondition is not null) Enter(it.TypeCondition);
                    foreach (var rule in rules) rule.EnterInlineFragment(it);
                    if (it.TypeCondition is not null) context.ParentType = Composite(it.TypeCondition);
                    Walk(it.Directives, "INLINE_FRAGMENT");
                    Walk(it.SelectionSet);
                    break;
            }
        }

        context.ParentType = parent;
    }

    private void Walk(FieldNode node, NamedType? parent)
    {
        var field = parent is null ? null : context.Schema.FieldOf(parent, node.Name.Value);
        context.Field = field;
        foreach (var rule in rules) rule.EnterField(node);
        foreach (var argument in node.Arguments) Walk(argument, field?.Argument(argument.Name.Value));
        Walk(node.Directives, "FIELD");
        if (node.SelectionSet is null) return;
        var below = field?.Type.Named;
        context.ParentType = below is { IsComposite: true } ? below : null;
        Walk(node.SelectionSet);
    }

    private void Walk(ImmutableArray<Directive> directives, string location)
    {
        if (directives.Length == 0) return;
        var list = ImmutableCollectionsMarshal.AsArray(directives)!;
        foreach (var rule in rules) rule.EnterDirectives(list, location);
        var field = context.Field;
        foreach (var directive in list)
        {
            context.Schema.TryGetDirective(directive.Name.Value, out var known);
            context.Directive = known;
            foreach (var rule in rules) rule.EnterDirective(directive);
            foreach (var argument in directive.Arguments)
            {
                Walk(argument, known?.Arguments.FirstOrDefault(it => it.Name == argument.Name.Value));
            }

            context.Directive = null;
        }

        context.Field = field;
    }

    private void Walk(Argument node, InputField? argument)
    {
        context.Argument = argument;
        foreach (var rule in rules) rule.EnterArgument(node);
        Walk(node.Value, argument?.Type, argument?.DefaultValue is not null, null);
        context.Argument = null;
    }

    private void Walk(ValueNode node, SchemaType? type, bool hasDefault, InputObjectType? oneOf)
    {
        switch (node)
        {
            case Variable it:
                facts.Usages.Add(new VariableUsage(it, type, hasDefault, oneOf));
                break;
            case ListValue it:
                var item = type?.Nullable is ListType list ? list.Item : type?.Nullable;
                foreach (var value in it.Items) Walk(value, item, false, null);
                break;
            case ObjectValue it:
                foreach (var rule in rules) rule.EnterObjectValue(it);
                var input = type?.Named as InputObjectType;
                foreach (var given in it.Fields)
                {
                    InputField? field = null;
                    input?.TryGetField(given.Name.Value, out field);
                    Walk(
                        given.Value,
                        field?.Type,
                        field?.DefaultValue is not null,
                        input is { IsOneOf: true } ? input : null);
                }

                break;
        }
    }

    private void Walk(TypeNode node)
    {
        while (node is not NamedTypeNode)
        {
            node = node is ListTypeNode list ? list.Item : ((NonNullTypeNode)node).Inner;
        }

        Enter((NamedTypeNode)node);
    }

    private void Enter(NamedTypeNode node)
    {
        foreach (var rule in rules) rule.EnterNamedType(node);
    }
}
