using Xuanwu.Domain.Runs;
using Xuanwu.Messaging;
using Xuanwu.Server.Tracking;

namespace Xuanwu.Server.Commands;

/// <summary>Which message follows which event: the routing table of schema/messages.md.</summary>
public static class Policies
{
    public static IEnumerable<Outgoing> On(object happened, Guid id) => happened switch
    {
        RunRequested it => [DeployRunPolicy.On(it, id)],
        RunSavepointRequested it => [TakeSavepointPolicy.On(it, id)],
        RunStopRequested it => [StopRunPolicy.On(it, id)],
        RunCancelRequested it => [CancelRunPolicy.On(it, id)],
        _ => [],
    };
}
