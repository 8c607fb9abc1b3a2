using System.Globalization;

namespace Xuanwu.Sandbox.Flink.Jobs;

/// <summary>
/// How often and how soon a failed job starts again, by <c>restart-strategy.type</c> and Flink's defaults.
/// </summary>
internal sealed class RestartStrategy
{
    private readonly string name;
    private readonly int attempts;
    private readonly TimeSpan delay;
    private readonly double multiplier;
    private readonly TimeSpan longest;
    private readonly TimeSpan window;
    private readonly Queue<long> recent = new();
    private int used;

    private RestartStrategy(
        string name, int attempts, TimeSpan delay, double multiplier = 1, TimeSpan? longest = null,
        TimeSpan? window = null)
    {
        this.name = name;
        this.attempts = attempts;
        this.delay = delay;
        this.multiplier = multiplier;
        this.longest = longest ?? delay;
        this.window = window ?? TimeSpan.Zero;
    }

    public static RestartStrategy From(FlinkSettings settings, FlinkVersion version, bool checkpointed)
    {
        var second = TimeSpan.FromSeconds(1);
        var type = settings.Find("restart-strategy.type", "restart-strategy")?.ToLowerInvariant();
        type ??= !checkpointed ? "none" : version.AtLeast(1, 19) ? "exponential-delay" : "fixed-delay-default";
        return type switch
        {
            "fixed-delay-default" => new RestartStrategy(Fixed(int.MaxValue, second), int.MaxValue, second),
            "fixed-delay" or "fixeddelay" => FixedDelay(settings),
            "failure-rate" or "failurerate" => new RestartStrategy(
                "FailureRateRestartBackoffTimeStrategy",
                settings.Number(1, "restart-strategy.failure-rate.max-failures-per-interval"),
                settings.Duration("restart-strategy.failure-rate.delay") ?? second,
                window: settings.Duration("restart-strategy.failure-rate.failure-rate-interval")
                    ?? TimeSpan.FromMinutes(1)),
            "exponential-delay" or "exponentialdelay" => new RestartStrategy(
                "ExponentialDelayRestartBackoffTimeStrategy",
                settings.Number(
                    int.MaxValue, "restart-strategy.exponential-delay.attempts-before-reset-backoff"),
                settings.Duration("restart-strategy.exponential-delay.initial-backoff") ?? second,
                multiplier: double.TryParse(
                    settings.Find("restart-strategy.exponential-delay.backoff-multiplier"),
                    CultureInfo.InvariantCulture,
                    out var factor) ? factor : 1.5,
                longest: settings.Duration("restart-strategy.exponential-delay.max-backoff")
                    ?? TimeSpan.FromMinutes(1)),
            _ => new RestartStrategy("NoRestartBackoffTimeStrategy", 0, TimeSpan.Zero),
        };
    }

    /// <summary>The delay before the next start, or null when there is to be none.</summary>
    public TimeSpan? Next(long now)
    {
        if (window > TimeSpan.Zero)
        {
            while (recent.TryPeek(out var oldest) && now - oldest > window.TotalMilliseconds) recent.Dequeue();
            if (recent.Count >= attempts) return null;
            recent.Enqueue(now);
            return delay;
        }

        if (used >= attempts) return null;
        var next = delay * Math.Pow(multiplier, Math.Min(used, 60));
        used++;
        return next < longest ? next : longest;
    }

    /// <summary>As Flink prints it in "Recovery is suppressed by …".</summary>
    public override string ToString() => name;

    private static RestartStrategy FixedDelay(FlinkSettings settings)
    {
        var attempts = settings.Number(1, "restart-strategy.fixed-delay.attempts");
        var delay = settings.Duration("restart-strategy.fixed-delay.delay") ?? TimeSpan.FromSeconds(1);
        return new RestartStrategy(Fixed(attempts, delay), attempts, delay);
    }

    private static string Fixed(int attempts, TimeSpan delay) => string.Create(
        CultureInfo.InvariantCulture,
        $"FixedDelayRestartBackoffTimeStrategy(maxNumberRestartAttempts={attempts}, "
            + $"backoffTimeMS={(long)delay.TotalMilliseconds})");
}
