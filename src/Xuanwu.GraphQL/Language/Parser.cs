using System.Text;

namespace Xuanwu.GraphQL.Language;

/// <summary>
/// Parses the GraphQL language, September 2025 edition: executable documents, type system documents, and single types
/// and values. All methods throw <see cref="SyntaxException"/> with line and column.
/// </summary>
public static class Parser
{
    /// <summary>Parses a document. The bytes are kept by the result and must not change.</summary>
    public static Document Parse(ReadOnlyMemory<byte> utf8, ParserLimits? limits = null)
    {
        var parser = new DocumentParser(new Source(utf8), limits ?? ParserLimits.Default);
        return parser.ParseDocument();
    }

    /// <summary>Parses a document given as a string.</summary>
    public static Document Parse(string text, ParserLimits? limits = null) =>
        Parse(Encoding.UTF8.GetBytes(text), limits);

    /// <summary>Parses a reference to a type, such as <c>[JobFilterInput!]</c>.</summary>
    public static TypeNode ParseType(string text)
    {
        var parser = new DocumentParser(new Source(Encoding.UTF8.GetBytes(text)), ParserLimits.Trusted);
        var type = parser.ParseType();
        parser.ExpectEnd();
        return type;
    }

    /// <summary>Parses a constant value, such as a default value of a schema.</summary>
    public static ValueNode ParseValue(string text)
    {
        var parser = new DocumentParser(new Source(Encoding.UTF8.GetBytes(text)), ParserLimits.Trusted);
        var value = parser.ParseValue(constant: true);
        parser.ExpectEnd();
        return value;
    }
}
