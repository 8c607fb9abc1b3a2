using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation;

/// <summary>The directives @defer and @stream of incremental delivery, where the schema has them.</summary>
internal static class IncrementalDirectives
{
    public const string Defer = "defer";
    public const string Stream = "stream";

    public static bool Is(Directive it) => it.Name.Value is Defer or Stream;

    public static Directive? Find(Selection selection, string name)
    {
        foreach (var it in selection.Directives)
        {
            if (it.Name.Value == name) return it;
        }

        return null;
    }

    /// <summary>The literal or variable of the argument <c>if</c>; null when there is none.</summary>
    public static ValueNode? Condition(Directive it) =>
        it.Arguments.FirstOrDefault(argument => argument.Name.Value == "if")?.Value;
}
