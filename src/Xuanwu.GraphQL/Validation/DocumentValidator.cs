using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation;

/// <summary>Checks a document against a schema (specification, section 5).</summary>
public static class DocumentValidator
{
    /// <summary>What is wrong with the document, in the order of the rules; empty when it may be executed.</summary>
    public static IReadOnlyList<GraphQLError> Validate(Schema schema, Document document, EngineOptions options) => [];
}
