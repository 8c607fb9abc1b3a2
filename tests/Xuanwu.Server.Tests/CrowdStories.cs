using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;
using Xuanwu.Server.Feeds;

namespace Xuanwu.Server.Tests;

/// <summary>Many subscribers of one server: all are told, and what that costs is printed.</summary>
public sealed class CrowdStories(XuanwuFixture fixture, ITestOutputHelper output) : IClassFixture<XuanwuFixture>
{
    private const int Crowd = 1_000;
    private readonly XuanwuHost _host = fixture.Host;

    [Fact]
    public async Task A_thousand_subscribers_are_all_told_of_every_event()
    {
        var feed = _host.Services.GetRequiredService<JournalFeed>();
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var clients = new List<SocketCalls>();
        try
        {
            foreach (var _ in Enumerable.Range(0, Crowd))
            {
                var client = await SocketCalls.OpenAsync(_host.Address);
                await client.SubscribeAsync(
                    "1", "subscription { events(types: [\"job_created\"]) { sequence type at by } }");
                clients.Add(client);
            }

            await _host.UntilAsync(() => Task.FromResult(feed.Subscribers == Crowd), "all have joined");
            var each = (GC.GetTotalMemory(forceFullCollection: true) - memory) / Crowd;
            output.WriteLine($"{each:N0} bytes of managed memory for each connection with a subscription, both ends");

            for (var round = 0; round < 5; round++)
            {
                var cpu = Process.GetCurrentProcess().TotalProcessorTime;
                var watch = Stopwatch.StartNew();
                var told = Task.WhenAll(clients.Select(client => client.NextAsync("events")));
                await _host.NewJobAsync($"crowd-{round}");
                var seen = await told;
                output.WriteLine(
                    $"round {round}: all told after {watch.ElapsedMilliseconds} ms, "
                    + $"{(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / Crowd:0} µs of CPU "
                    + "for each, both ends");
                Assert.Single(seen.Select(it => (long)it["sequence"]!).Distinct());
            }
        }
        finally
        {
            foreach (var client in clients) await client.DisposeAsync();
        }

        await _host.UntilAsync(() => Task.FromResult(feed.Subscribers == 0), "all have left");
    }
}
