namespace Xuanwu.EventStore;

/// <summary>A commit on its way: waiting until the writer takes it, or until its caller gives up before that.</summary>
internal sealed class PendingCommit(Commit commit) : TaskCompletionSource<CommitOutcome>, IThreadPoolWorkItem
{
    private object? _outcome;
    private int _taken; // 0 waiting, 1 the writer has it, 2 the caller gave up

    public Commit Commit { get; } = commit;

    /// <summary>Tells our own row in <c>commands</c> from that of an earlier commit with the same key.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>
    /// A commit without events gets a key of its own, so that its outcome can be looked up when the answer is lost.
    /// </summary>
    public string? Key => Commit.Key ?? (Commit.Streams.Count == 0 ? $"commit/{Id}" : null);

    public required PreparedStream[] Streams { get; set; }

    public required byte[]? Headers { get; init; }

    /// <summary>Of the inline views' tables that the views were folded from.</summary>
    public required long Generation { get; set; }

    public int EventCount => Streams.Sum(stream => stream.Events.Length);

    public int Bytes { get; set; }

    /// <summary>Tells the caller, who goes on on this thread or on another.</summary>
    /// <param name="outcome">A <see cref="CommitOutcome"/> or an exception.</param>
    /// <param name="here">Saves a change of threads, which costs a lone caller a tenth of its commit.</param>
    public void Answer(object outcome, bool here)
    {
        _outcome = outcome;
        if (here) ((IThreadPoolWorkItem)this).Execute();
        else ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_outcome is CommitOutcome answer) TrySetResult(answer);
        else TrySetException((Exception)_outcome!);
    }

    public bool TryTake() => Interlocked.CompareExchange(ref _taken, 1, 0) == 0;

    public bool TryGiveUp() => Interlocked.CompareExchange(ref _taken, 2, 0) == 0;
}
