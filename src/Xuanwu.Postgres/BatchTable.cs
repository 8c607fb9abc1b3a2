using Npgsql;

namespace Xuanwu.Postgres;

/// <summary>
/// Rows that one kernel writes inside another kernel's statement, as one data-modifying CTE over array parameters, so
/// that a commit stays one round trip. Rows of a commit that was refused are not written.
/// </summary>
public abstract class BatchTable
{
    /// <summary>Unique among the tables of one statement, an SQL identifier: the CTE's name.</summary>
    public abstract string Name { get; }

    /// <summary>How many parameters <see cref="Bind"/> adds; always the same number.</summary>
    public abstract int ParameterCount { get; }

    /// <summary>
    /// SQL of the CTE's inside: an INSERT, UPDATE or DELETE that reads its rows with <c>unnest</c> of its array
    /// parameters and joins them with the accepted commits.
    /// </summary>
    /// <param name="accepted">Name of a relation with a column <c>ord int</c>: the commits that were accepted.</param>
    /// <param name="firstParameter">Number of this table's first parameter: <c>$firstParameter</c>.</param>
    public abstract string Cte(string accepted, int firstParameter);

    /// <summary>
    /// Adds exactly <see cref="ParameterCount"/> array parameters with explicit types, also when there are no rows; the
    /// first one is an int[] of the rows' commit ordinals. Throws for a row that cannot be written; then only the
    /// commit that brought it fails.
    /// </summary>
    public abstract void Bind(NpgsqlParameterCollection parameters, IReadOnlyList<(int Ordinal, object Row)> rows);

    /// <summary>Called after the transaction with the rows that were written, to wake this process.</summary>
    public virtual void Committed(IReadOnlyList<object> rows)
    {
    }

    /// <summary>This channel is notified in the same transaction when rows were written; null for none.</summary>
    public virtual string? NotifyChannel => null;
}
