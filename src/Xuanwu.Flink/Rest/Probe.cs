namespace Xuanwu.Flink.Rest;

/// <summary>
/// What a look at the world found. There are three answers, and the third one is not the second: only Flink itself can
/// say that something does not exist. A time-out, a refused connection, a proxy's page say nothing, and nothing may be
/// concluded from them.
/// </summary>
public abstract record Probe<T>
{
    private protected Probe()
    {
    }

    /// <summary>The same answer about something made of the value.</summary>
    public Probe<TOther> Map<TOther>(Func<T, TOther> map) => this switch
    {
        Exists<T> it => new Exists<TOther>(map(it.Value)),
        Absent<T> it => new Absent<TOther>(it.Said),
        Unknown<T> it => new Unknown<TOther>(it.Reason, it.Cause),
        _ => throw new InvalidOperationException(),
    };
}

/// <summary>Flink knows it.</summary>
public sealed record Exists<T>(T Value) : Probe<T>;

/// <summary>Flink itself said that it does not exist.</summary>
/// <param name="Said">Flink's words.</param>
public sealed record Absent<T>(string Said) : Probe<T>;

/// <summary>Nothing that can be believed came back.</summary>
/// <param name="Reason">A sentence for people.</param>
/// <param name="Cause">What went wrong, when it was an exception.</param>
public sealed record Unknown<T>(string Reason, Exception? Cause = null) : Probe<T>;
