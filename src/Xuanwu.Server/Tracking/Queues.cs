using Xuanwu.Domain.Runs;

namespace Xuanwu.Server.Tracking;

/// <summary>One queue and one pool of workers for each of the five states; and one for what users asked for, which
/// never waits behind polls.</summary>
public static class Queues
{
    public const string Accepted = "accepted";
    public const string Running = "running";
    public const string Failed = "failed";
    public const string Canceled = "canceled";
    public const string Finished = "finished";
    public const string Effects = "effects";

    public static readonly IReadOnlyDictionary<string, int> Parallelism = new Dictionary<string, int>
    {
        [Accepted] = 16,
        [Running] = 32,
        [Failed] = 8,
        [Canceled] = 8,
        [Finished] = 8,
        [Effects] = 16,
    };

    public static string Of(RunState state) => state switch
    {
        RunState.Accepted => Accepted,
        RunState.Running => Running,
        RunState.Failed => Failed,
        RunState.Canceled => Canceled,
        RunState.Finished => Finished,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}
