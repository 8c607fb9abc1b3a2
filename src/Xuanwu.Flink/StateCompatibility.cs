namespace Xuanwu.Flink;

/// <summary>Whether one Flink version can start from a savepoint that another one wrote.</summary>
public static class StateCompatibility
{
    /// <summary>
    /// Why it cannot, as a sentence; null when Flink promises that it can. Savepoints can be read by later versions of
    /// the same major line (docs, ops/upgrading: compatibility table) and by no earlier ones; between 1.x and 2.x Flink
    /// promises nothing (release notes of 2.0).
    /// </summary>
    public static string? Check(FlinkVersion from, FlinkVersion to)
    {
        if (from.Major != to.Major)
        {
            return $"The savepoint was written by Flink {from}; its state is not compatible with Flink {to}, nor "
                + "any between 1.x and 2.x.";
        }

        return from <= to
            ? null
            : $"The savepoint was written by Flink {from}, which is newer than {to}; an older Flink cannot read it.";
    }
}
