using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.History;

public static class EventQueries
{
    /// <summary>The journal of everything, in the order of commits.</summary>
    public static Task<Connection<JournalEvent>> GetEvents(
        PageArguments page,
        [GraphQLType("JournalEventFilterInput")] InputValue? where,
        Lists lists,
        CancellationToken ct) => lists.EventsAsync(new(page, where, Order: null), ct);
}
