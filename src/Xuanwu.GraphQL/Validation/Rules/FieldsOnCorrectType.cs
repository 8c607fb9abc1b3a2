using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.3.1: fields exist on the type they are selected on.
internal sealed class FieldsOnCorrectType(bool introspection) : ValidationRule
{
    public override void EnterField(FieldNode node)
    {
        if (Context.ParentType is not { } parent) return;
        var name = node.Name.Value;
        if (Context.Field is not null)
        {
            if (introspection || name is not ("__schema" or "__type")) return;
            Report("Introspection is not allowed here.", node.Start);
            return;
        }

        Report($"Cannot query field \"{name}\" on type \"{parent}\".{Suggest(parent, name)}", node.Start);
    }

    private string Suggest(NamedType parent, string name)
    {
        var types = Context.Schema.PossibleTypes(parent)
            .Where(it => parent is InterfaceType or UnionType && it.TryGetField(name, out _)).Take(5).ToList();
        if (types.Count > 0)
        {
            var list = string.Join(" or ", types.Select(it => $"\"{it}\""));
            return $" Did you mean to use an inline fragment on {list}?";
        }

        return parent is FieldsType it ? Suggestions.DidYouMean(name, it.Fields.Select(field => field.Name)) : "";
    }
}
