using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Xuanwu.GraphQL.Execution;

/// <summary>
/// Documents that alone may be executed. A client names one by its id or its SHA-256, or sends its very text.
/// </summary>
public sealed class TrustedDocuments
{
    private readonly FrozenDictionary<string, ReadOnlyMemory<byte>> byId;
    private readonly FrozenSet<string> hashes;

    /// <summary>Documents in UTF-8 by their ids.</summary>
    public TrustedDocuments(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> documents)
    {
        var all = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, text) in documents)
        {
            var hash = Hash(text.Span);
            known.Add(hash);
            all[hash] = text;
            all[id] = text;
        }

        byId = all.ToFrozenDictionary(StringComparer.Ordinal);
        hashes = known.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>How many documents there are.</summary>
    public int Count => hashes.Count;

    /// <summary>
    /// The files of a folder that end with <c>.graphql</c>; their names without the ending are the ids. Throws
    /// <see cref="InvalidDataException"/> when a file is named by a SHA-256 that is not its own.
    /// </summary>
    public static TrustedDocuments FromFolder(string path)
    {
        var documents = new List<KeyValuePair<string, ReadOnlyMemory<byte>>>();
        foreach (var file in Directory.EnumerateFiles(path, "*.graphql", SearchOption.AllDirectories))
        {
            var (id, text) = (Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file));
            var isHash = id.Length == 64 && id.All(char.IsAsciiHexDigit);
            if (isHash && !id.Equals(Hash(text), StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidDataException($"{file} has changed: its SHA-256 is {Hash(text)}.");
            }

            documents.Add(new(id.ToLowerInvariant(), text));
        }

        return new TrustedDocuments(documents);
    }

    /// <summary>SHA-256 of a document in UTF-8, in hexadecimal as ids are written.</summary>
    public static string Hash(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(SHA256.HashData(text));

    /// <summary>The text to execute; throws what the client is to be told.</summary>
    internal ReadOnlyMemory<byte> Resolve(GraphQLRequest request)
    {
        if (!request.Document.IsEmpty)
        {
            return hashes.Contains(Hash(request.Document.Span)) ? request.Document : throw Unknown();
        }

        return request.DocumentId is { } id && byId.TryGetValue(id.ToLowerInvariant(), out var text)
            ? text : throw Unknown();
    }

    private static GraphQLException Unknown() =>
        new("Only known documents are executed here, and this is none of them.", ErrorCodes.NotTrusted);
}
