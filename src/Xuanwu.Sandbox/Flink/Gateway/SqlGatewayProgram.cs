using System.Globalization;
using Xuanwu.Sandbox.Flink.Process;
using Xuanwu.Sandbox.Flink.Rest;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>The SQL gateway's process: its REST endpoint on port 8083.</summary>
internal sealed class SqlGatewayProgram(FlinkWorld world, FlinkVersion version, IReadOnlyList<string> arguments)
    : IContainerProgram
{
    public async Task<int> RunAsync(IContainer container, CancellationToken stop)
    {
        var settings = FlinkSettings.Read(container, arguments, version);
        var console = new FlinkConsole(container, world);
        console.Started("SqlGateway", version);
        if (settings.Find("sql-gateway.endpoint.rest.address") is null)
        {
            console.Error(
                "org.apache.flink.table.gateway.SqlGateway", "Failed to start the SqlGateway.", new JavaThrowable(
                "org.apache.flink.table.api.ValidationException",
                "One or more required options are missing.\n\nMissing required options are:\n\naddress"));
            return 1;
        }

        var port = settings.Number(8083, "sql-gateway.endpoint.rest.bind-port", "sql-gateway.endpoint.rest.port");
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stopping = stop.Register(ended.SetResult);
        container.Listen(port, RestServer.Serve(new GatewayRest(world, container, settings, version).Answer));
        console.Line(
            "org.apache.flink.table.gateway.rest.SqlGatewayRestEndpoint", string.Create(CultureInfo.InvariantCulture,
            $"Rest endpoint listening at {container.Address}:{port}"));
        await ended.Task;
        return 143;
    }
}
