using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Xuanwu.GraphQL.Execution;

// Prepared documents by their text, bounded by estimated bytes. A document is kept when it comes for the second time:
// clients that put values into the text send each document once, and keeping those would only drive out the others
// and make the collector move them. Eviction is "clock": documents stand in the order of their arrival, and one that
// was used since the hand last passed gets another round.
internal sealed class DocumentCache(long maxBytes)
{
    private const int BytesPerToken = 250;
    private const int BytesPerDocument = 2_000;

    private readonly ConcurrentDictionary<Key, Entry> entries = new();
    private readonly Queue<(Key Key, Entry Entry)> order = new();
    private readonly Lock changing = new();
    private readonly int[] seenOnce = new int[8192];
    private long bytes;

    public PreparedDocument? Find(ReadOnlyMemory<byte> text)
    {
        if (!entries.TryGetValue(new Key(text), out var entry)) return null;
        if (!entry.Used) entry.Used = true;
        return entry.Document;
    }

    public void Add(PreparedDocument document)
    {
        var key = new Key(document.Document.Source.Text);
        var size = BytesPerDocument + key.Length + ((long)document.Document.Tokens * BytesPerToken);
        if (size > maxBytes / 4 || IsNew(key.GetHashCode())) return;
        var entry = new Entry(document, size);
        lock (changing)
        {
            if (!entries.TryAdd(key, entry)) return;
            order.Enqueue((key, entry));
            bytes += size;
            while (bytes > maxBytes)
            {
                var (oldest, it) = order.Dequeue();
                if (it.Used)
                {
                    it.Used = false;
                    order.Enqueue((oldest, it));
                    continue;
                }

                entries.TryRemove(oldest, out _);
                bytes -= it.Size;
            }
        }
    }

    // A lost race or a collision costs one more preparation, or keeps a document that comes once.
    private bool IsNew(int hash)
    {
        ref var seen = ref seenOnce[hash & (seenOnce.Length - 1)];
        if (seen == hash) return false;
        seen = hash;
        return true;
    }

    private sealed class Entry(PreparedDocument document, long size)
    {
        public PreparedDocument Document { get; } = document;

        public long Size { get; } = size;

        public bool Used { get; set; }
    }

    private readonly struct Key(ReadOnlyMemory<byte> text) : IEquatable<Key>
    {
        private readonly ReadOnlyMemory<byte> text = text;
        private readonly int hash = Hash(text.Span);

        public int Length => text.Length;

        public bool Equals(Key other) => hash == other.hash && text.Span.SequenceEqual(other.text.Span);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() => hash;

        // The runtime's randomised string hash, so that nobody can choose colliding documents.
        private static int Hash(ReadOnlySpan<byte> text)
        {
            var hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(text));
            return text.Length % 2 == 0 ? hash : HashCode.Combine(hash, text[^1]);
        }
    }
}
