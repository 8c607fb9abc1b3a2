using Xuanwu.GraphQL;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.Server.Views;

/// <summary>Pages over a list that is in memory already, such as the versions of a job.</summary>
public static class ShortList
{
    private const string Order = "short";

    public static Connection<T> Page<T>(IReadOnlyList<T> items, Func<T, string> key, PageArguments page)
        where T : class
    {
        var from = page.After is null ? 0 : Place(page.After) + 1;
        var to = page.Before is null ? items.Count : Place(page.Before);
        var first = page.IsBackward ? Math.Max(from, to - page.Size) : from;
        var last = page.IsBackward ? to : Math.Min(to, from + page.Size);
        return new(
            [.. items.Skip(first).Take(last - first)],
            item => Cursor.Write(Order, [key(item)]),
            last < items.Count,
            first > 0,
            _ => new(items.Count));

        int Place(string cursor)
        {
            var wanted = Cursor.Read(Order, cursor, count: 1)?[0];
            for (var at = 0; at < items.Count; at++)
            {
                if (key(items[at]) == wanted) return at;
            }

            throw new GraphQLException(
                "The cursor was not given out by this list; begin again without it.", "CURSOR_INVALID");
        }
    }
}
