using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.6.3: a field of an input object is given once.
internal sealed class UniqueInputFieldNames : ValidationRule
{
    public override void EnterObjectValue(ObjectValue node)
    {
        if (node.Fields.Length < 2) return;
        var known = new Dictionary<string, int>();
        foreach (var field in node.Fields)
        {
            if (known.TryAdd(field.Name.Value, field.Start)) continue;
            Report(
                $"There can be only one input field named \"{field.Name}\".", known[field.Name.Value], field.Start);
        }
    }
}
