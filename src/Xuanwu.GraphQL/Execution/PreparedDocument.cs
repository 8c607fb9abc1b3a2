using System.Collections.Concurrent;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// A parsed and validated document with its operations as they have been asked for.
internal sealed class PreparedDocument(Schema schema, Document document, EngineOptions options)
{
    private readonly DocumentFragments fragments = new(document);
    private readonly ConcurrentDictionary<string, PreparedOperation> byName = new();
    private PreparedOperation? only;

    public Document Document { get; } = document;

    /// <summary>The operation to run (specification, section 6.1); throws what the client is to be told.</summary>
    public PreparedOperation Operation(string? name)
    {
        if (string.IsNullOrEmpty(name)) return only ??= Prepare(Only());
        return byName.TryGetValue(name, out var known) ? known : byName.GetOrAdd(name, it => Prepare(Named(it)));
    }

    private PreparedOperation Prepare(OperationDefinition definition) => schema.Root(definition.Kind) is { } root
        ? new PreparedOperation(schema, Document, fragments, definition, root, options)
        : throw Unknown($"The schema has no {OperationKinds.Keyword(definition.Kind)} type.");

    private OperationDefinition Only()
    {
        var operations = Document.Definitions.OfType<OperationDefinition>().Take(2).ToList();
        return operations.Count switch
        {
            1 => operations[0],
            0 => throw Unknown("Must provide an operation."),
            _ => throw Unknown("Must provide operation name if query contains multiple operations."),
        };
    }

    private OperationDefinition Named(string name) =>
        Document.Definitions.OfType<OperationDefinition>().FirstOrDefault(it => it.Name?.Value == name)
        ?? throw Unknown($"Unknown operation named \"{name}\".");

    private static GraphQLException Unknown(string message) => new(message, ErrorCodes.UnknownOperation);
}
