namespace Xuanwu.GraphQL.Execution;

// Documents that clients name by their hash once they have sent the text (Apollo's automatic persisted queries). Only
// documents that can be executed are kept, the least lately used go first, and a client whose document has gone is told
// to send it again. What is kept is a text, so that the document cache stays the one place of prepared documents.
internal sealed class PersistedDocuments(long maxBytes)
{
    private const int Overhead = 300;
    private readonly Dictionary<string, LinkedListNode<(string Hash, ReadOnlyMemory<byte> Text)>> byHash = [];
    private readonly LinkedList<(string Hash, ReadOnlyMemory<byte> Text)> order = [];
    private readonly Lock changing = new();
    private long bytes;

    /// <summary>The text for a request; throws what the client is to be told.</summary>
    public ReadOnlyMemory<byte> Resolve(GraphQLRequest request)
    {
        var hash = request.DocumentId!.ToLowerInvariant();
        if (request.Document.IsEmpty) return Find(hash) ?? throw NotFound();
        if (TrustedDocuments.Hash(request.Document.Span) == hash) return request.Document;
        throw new GraphQLException("provided sha does not match query", ErrorCodes.PersistedQueryMismatch);
    }

    /// <summary>Keeps a document that was sent with its hash.</summary>
    public void Remember(string id, ReadOnlyMemory<byte> text)
    {
        var size = text.Length + Overhead;
        if (size > maxBytes / 4) return;
        var hash = id.ToLowerInvariant();
        lock (changing)
        {
            if (byHash.ContainsKey(hash)) return;
            byHash[hash] = order.AddLast((hash, text.ToArray()));
            bytes += size;
            while (bytes > maxBytes)
            {
                var (oldest, gone) = order.First!.Value;
                order.RemoveFirst();
                byHash.Remove(oldest);
                bytes -= gone.Length + Overhead;
            }
        }
    }

    private ReadOnlyMemory<byte>? Find(string hash)
    {
        lock (changing)
        {
            if (!byHash.TryGetValue(hash, out var node)) return null;
            order.Remove(node);
            order.AddLast(node);
            return node.Value.Text;
        }
    }

    // Clients look for this very message.
    private static GraphQLException NotFound() => new("PersistedQueryNotFound", ErrorCodes.PersistedQueryNotFound);
}
