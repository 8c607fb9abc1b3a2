using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

// The directives every schema has (specification, section 3.13).
internal static class BuiltInDirectives
{
    public static IEnumerable<DirectiveType> All()
    {
        var condition = BuiltInScalars.Boolean.NonNull();
        var text = BuiltInScalars.String;
        string[] selections = ["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"];
        yield return new DirectiveType(
            "include", selections, [new InputField("if", condition) { Description = "Included when true." }])
        {
            Description =
                "Directs the executor to include this field or fragment only when the `if` argument is true.",
        };
        yield return new DirectiveType(
            "skip", selections, [new InputField("if", condition) { Description = "Skipped when true." }])
        {
            Description = "Directs the executor to skip this field or fragment when the `if` argument is true.",
        };
        yield return new DirectiveType(
            "deprecated",
            ["FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION", "ENUM_VALUE"],
            [
                new InputField("reason", text.NonNull(), new StringValue(0, NoReason, false))
                {
                    Description = "Explains why this element was deprecated, in Markdown.",
                },
            ])
        {
            Description = "Marks an element of a GraphQL schema as no longer supported.",
        };
        yield return new DirectiveType(
            "specifiedBy",
            ["SCALAR"],
            [
                new InputField("url", text.NonNull())
                {
                    Description = "The URL that specifies the behavior of this scalar.",
                },
            ])
        {
            Description = "Exposes a URL that specifies the behavior of this scalar.",
        };
        yield return new DirectiveType("oneOf", ["INPUT_OBJECT"], [])
        {
            Description = "Indicates exactly one field must be supplied and this field must not be `null`.",
        };
    }

    /// <summary>The directive of incremental delivery, for schemas that allow it.</summary>
    public static DirectiveType Defer() => new(
        "defer",
        ["FRAGMENT_SPREAD", "INLINE_FRAGMENT"],
        [
            new InputField("if", BuiltInScalars.Boolean.NonNull(), new BooleanValue(0, true))
            {
                Description = "Deferred when true or undefined.",
            },
            new InputField("label", BuiltInScalars.String) { Description = "Unique name" },
        ])
    {
        Description = "Directs the executor to defer this fragment when the `if` argument is true or undefined.",
    };

    public const string NoReason = "No longer supported";

    public static bool IsBuiltIn(string name) =>
        name is "include" or "skip" or "deprecated" or "specifiedBy" or "oneOf";
}
