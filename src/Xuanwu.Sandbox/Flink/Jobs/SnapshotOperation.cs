namespace Xuanwu.Sandbox.Flink.Jobs;

internal enum AfterSnapshot
{
    Continue,
    Cancel,
    Stop,
}

/// <summary>
/// An asked-for savepoint, checkpoint or disposal, whose outcome can be asked by trigger id for five minutes.
/// </summary>
internal sealed class SnapshotOperation(string type, string? directory, AfterSnapshot then, long triggeredAt)
{
    public string Type { get; } = type;

    public string? Directory { get; } = directory;

    public AfterSnapshot Then { get; } = then;

    public long TriggeredAt { get; } = triggeredAt;

    public bool IsSavepoint => Type.EndsWith("SAVEPOINT", StringComparison.Ordinal);

    /// <summary>When the operation ended; null while it is in progress.</summary>
    public long? CompletedAt { get; private set; }

    public string? Location { get; private set; }

    public long? CheckpointId { get; private set; }

    public JavaThrowable? Failure { get; private set; }

    public event Action<SnapshotOperation>? Completed;

    public void Succeed(string? location, long? checkpointId, long now)
    {
        Location = location;
        CheckpointId = checkpointId;
        End(now);
    }

    public void Fail(JavaThrowable failure, long now)
    {
        Failure = failure;
        End(now);
    }

    private void End(long now)
    {
        CompletedAt = now;
        Completed?.Invoke(this);
        Completed = null;
    }
}
