namespace Xuanwu.GraphQL.Types;

/// <summary>
/// A page of a longer list, in Relay's form. A field that returns one gets the type <c>(Field)Connection</c> with
/// <c>pageInfo</c>, <c>edges</c>, <c>nodes</c> and <c>totalCount</c>.
/// </summary>
/// <param name="nodes">The page.</param>
/// <param name="cursor">The opaque cursor of an item; called only when cursors are selected.</param>
/// <param name="hasNextPage">Whether more follows.</param>
/// <param name="hasPreviousPage">Whether something precedes.</param>
/// <param name="totalCount">Counts the whole list; called only when it is selected.</param>
public sealed class Connection<T>(
    IReadOnlyList<T> nodes,
    Func<T, string> cursor,
    bool hasNextPage,
    bool hasPreviousPage,
    Func<CancellationToken, ValueTask<int>> totalCount)
{
    /// <summary>The page.</summary>
    public IReadOnlyList<T> Nodes { get; } = nodes;

    /// <summary>The page with a cursor for each item.</summary>
    public IReadOnlyList<Edge<T>> Edges => [.. Nodes.Select(it => new Edge<T>(cursor(it), it))];

    /// <summary>How to get the pages around this one.</summary>
    public PageInfo PageInfo => Nodes.Count == 0
        ? new PageInfo(hasNextPage, hasPreviousPage, null, null)
        : new PageInfo(hasNextPage, hasPreviousPage, cursor(Nodes[0]), cursor(Nodes[^1]));

    /// <summary>Counts the whole list.</summary>
    public Func<CancellationToken, ValueTask<int>> TotalCount { get; } = totalCount;
}

/// <summary>An item of a connection with its cursor.</summary>
/// <param name="Cursor">A cursor for use in pagination.</param>
/// <param name="Node">The item at the end of the edge.</param>
public sealed record Edge<T>(string Cursor, T Node);

/// <summary>Information about pagination in a connection.</summary>
/// <param name="HasNextPage">Whether more edges follow.</param>
/// <param name="HasPreviousPage">Whether more edges precede.</param>
/// <param name="StartCursor">When paginating backwards, the cursor to continue.</param>
/// <param name="EndCursor">When paginating forwards, the cursor to continue.</param>
public sealed record PageInfo(bool HasNextPage, bool HasPreviousPage, string? StartCursor, string? EndCursor);

/// <summary>
/// A resolver's parameter of this type becomes the four arguments <c>first</c>, <c>after</c>, <c>last</c> and
/// <c>before</c>, checked against the largest page.
/// </summary>
/// <param name="First">Items to give from the start, or null.</param>
/// <param name="After">Cursor behind which to start, or null.</param>
/// <param name="Last">Items to give from the end, or null.</param>
/// <param name="Before">Cursor ahead of which to end, or null.</param>
public sealed record PageArguments(int? First, string? After, int? Last, string? Before)
{
    /// <summary>How many items to give: what was asked for, or the default.</summary>
    public int Size => First ?? Last ?? DefaultSize;

    /// <summary>Whether the page is counted from the end.</summary>
    public bool IsBackward => First is null && Last is not null;

    internal int DefaultSize { get; init; } = 10;

    internal static PageArguments Check(int? first, string? after, int? last, string? before, int size, int max)
    {
        foreach (var (name, asked) in new[] { ("first", first), ("last", last) })
        {
            if (asked < 0)
            {
                throw new GraphQLException(
                    $"The argument `{name}` must not be negative.", ErrorCodes.PageNegative);
            }

            if (asked > max)
            {
                throw new GraphQLException(
                    $"The maximum allowed items per page were exceeded: `{name}` is {asked}, "
                        + $"at most {max} are allowed.",
                    ErrorCodes.PageTooLarge);
            }
        }

        return new PageArguments(first, after, last, before) { DefaultSize = size };
    }
}
