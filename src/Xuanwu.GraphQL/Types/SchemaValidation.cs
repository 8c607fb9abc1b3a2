namespace Xuanwu.GraphQL.Types;
/// <summary>x</summary>
public static class SchemaValidation {
/// <summary>x</summary>
 public static IReadOnlyList<GraphQLError> Check(Schema schema) => []; }
