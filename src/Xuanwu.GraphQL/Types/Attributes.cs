namespace Xuanwu.GraphQL.Types;

/// <summary>The name in the schema, where it does not follow from the C# name.</summary>
[AttributeUsage(AttributeTargets.All)]
public sealed class GraphQLNameAttribute(string name) : Attribute
{
    /// <summary>The name in the schema.</summary>
    public string Name { get; } = name;
}

/// <summary>Keeps a property, a method or an enum value out of the schema.</summary>
[AttributeUsage(
    AttributeTargets.Property | AttributeTargets.Method | AttributeTargets.Field | AttributeTargets.Parameter)]
public sealed class GraphQLIgnoreAttribute : Attribute;

/// <summary>Shows a string, Guid, int or long as ID. On a list it means the items.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Method)]
public sealed class IdAttribute : Attribute;

/// <summary>Marks what clients should not use any more.</summary>
[AttributeUsage(AttributeTargets.All)]
public sealed class DeprecatedAttribute(string reason) : Attribute
{
    /// <summary>What to use in its place.</summary>
    public string Reason { get; } = reason;
}

/// <summary>
/// The schema type of a parameter, such as <c>JobFilterInput</c> or <c>[JobSortInput!]</c>, where it does not follow
/// from the C# type. Input objects arrive as <see cref="Execution.InputValue"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class GraphQLTypeAttribute(string type) : Attribute
{
    /// <summary>A type in the schema's language.</summary>
    public string Type { get; } = type;
}

/// <summary>Exactly one property of the input record must be given, and not null.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class OneOfAttribute : Attribute;

/// <summary>Name of a connection's types without "Connection", where the field's name will not do.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Property)]
public sealed class ConnectionNameAttribute(string name) : Attribute
{
    /// <summary>For example <c>JobRuns</c> for <c>JobRunsConnection</c> and <c>JobRunsEdge</c>.</summary>
    public string Name { get; } = name;
}
