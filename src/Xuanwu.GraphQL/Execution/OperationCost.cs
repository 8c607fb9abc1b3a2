using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// What an operation costs: its values, that is each field as often as the lists around it have items. The size of a
// list is what `first` or `last` asks for: on the list itself, or on the field just above it, as in connections.
//
// Sizes may come from variables. So the sum is kept as a small tree: what is the same for every request is added up
// once, and only the parts below a variable's size are computed again.
internal sealed class OperationCost
{
    private readonly Schema schema;
    private readonly DocumentFragments fragments;
    private readonly int assumed;
    private readonly Sum total;

    public OperationCost(
        Schema schema, DocumentFragments fragments, ObjectType root, SelectionSet selections, int assumed)
    {
        (this.schema, this.fragments, this.assumed) = (schema, fragments, assumed);
        total = Of(selections, root, null, []);
    }

    /// <summary>The cost with a request's variables.</summary>
    public double With(VariableValues variables) => total.With(variables);

    // Cycles of fragments are refused before, and so are documents that expand to too many fields.
    private Sum Of(SelectionSet selections, NamedType parent, Size? around, HashSet<string> inside)
    {
        var sum = new Sum();
        foreach (var selection in selections.Selections)
        {
            switch (selection)
            {
                case FieldNode it when schema.FieldOf(parent, it.Name.Value) is { } field:
                    if (!it.Name.Value.StartsWith("__", StringComparison.Ordinal)) Add(sum, it, field, around, inside);
                    break;
                case InlineFragment it:
                    sum.Add(Of(it.SelectionSet, Type(it.TypeCondition, parent), around, inside));
                    break;
                case FragmentSpread it when fragments.TryGet(it.Name.Value, out var fragment)
                    && inside.Add(it.Name.Value):
                    sum.Add(Of(fragment.SelectionSet, Type(fragment.TypeCondition, parent), around, inside));
                    inside.Remove(it.Name.Value);
                    break;
            }
        }

        return sum;
    }

    private void Add(Sum sum, FieldNode node, Field field, Size? around, HashSet<string> inside)
    {
        sum.Fixed += 1;
        if (node.SelectionSet is null) return;
        var asked = Asked(node, field);
        var isList = field.Type.Nullable is ListType;
        var below = Of(node.SelectionSet, field.Type.Named, isList ? null : asked, inside);
        if (isList) sum.Add(below, asked ?? around ?? new Size(assumed, null));
        else sum.Add(below);
    }

    // A field that can be sliced, and what it is sliced to.
    private Size? Asked(FieldNode node, Field field)
    {
        var canBe = false;
        foreach (var name in (ReadOnlySpan<string>)["first", "last"])
        {
            if (field.Argument(name) is not { } argument || argument.Type.Named != BuiltInScalars.Int) continue;
            canBe = true;
            var given = node.Arguments.FirstOrDefault(it => it.Name.Value == name)?.Value;
            if (given is Variable variable) return new Size(assumed, variable.Name);
            if ((given ?? argument.DefaultValue) is IntValue number && int.TryParse(number.Text, out var size))
            {
                return new Size(Math.Max(0, size), null);
            }
        }

        return canBe ? new Size(assumed, null) : null;
    }

    private NamedType Type(NamedTypeNode? condition, NamedType parent) =>
        condition is not null && schema.TryGetType(condition.Name.Value, out var type) ? type : parent;

    /// <summary>A number of items: known, or a variable's with a number for when it has no value.</summary>
    private sealed record Size(int Items, string? Variable)
    {
        public double With(VariableValues variables) =>
            Variable is not null && variables.TryGet(Variable, out var value) && value is int items
                ? Math.Max(0, items) : Items;
    }

    private sealed class Sum
    {
        private List<(Size Times, Sum Below)>? parts;

        public double Fixed { get; set; }

        public void Add(Sum other)
        {
            Fixed += other.Fixed;
            if (other.parts is not null) (parts ??= []).AddRange(other.parts);
        }

        public void Add(Sum below, Size times)
        {
            if (times.Variable is null && below.parts is null) Fixed += times.Items * below.Fixed;
            else (parts ??= []).Add((times, below));
        }

        public double With(VariableValues variables)
        {
            var sum = Fixed;
            if (parts is null) return sum;
            foreach (var (times, below) in parts) sum += times.With(variables) * below.With(variables);
            return sum;
        }
    }
}
