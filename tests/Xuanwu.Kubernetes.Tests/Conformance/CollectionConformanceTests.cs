using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Faults;
using static Xuanwu.Kubernetes.Tests.Manifests;

namespace Xuanwu.Kubernetes.Tests;

/// <summary>What the client promises about lists and watches, against every server there is.</summary>
public sealed class CollectionConformanceTests(ConformanceServers servers) : IClassFixture<ConformanceServers>
{
    private const string Ns = ConformanceServers.Namespace;

    private static readonly string[] Hurts = ["dropWatches", "expireWatches", "refuse"];

    public static TheoryData<string> Servers => ConformanceServers.Names;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Every_kind_in_use_can_be_listed(string server)
    {
        using var client = servers.Client(server);

        foreach (var kind in Kind.All)
        {
            await foreach (var it in client.ListAsync(kind, kind.Namespaced ? Ns : null, null, Waiting.Token))
            {
                Assert.Same(kind, it.Kind);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_list_gives_all_pages_of_what_matches(string server)
    {
        using var client = servers.Client(server, new() { PageSize = 3 });
        var name = NewName();
        for (var i = 0; i < 8; i++)
        {
            var role = i % 2 == 0 ? "even" : "odd";
            await client.CreateAsync(
                ConfigMap($"{name}-{i}", name).With(it => it["metadata"]!["labels"]!["role"] = role), Waiting.Token);
        }

        Assert.Equal(8, await CountAsync($"test={name}"));
        Assert.Equal(4, await CountAsync($"test={name},role=odd"));
        Assert.Equal(4, await CountAsync($"test={name},role!=odd"));
        Assert.Equal(8, await CountAsync($"test in ({name},other),role in (odd,even)"));
        Assert.Equal(4, await CountAsync($"test={name},role notin (odd)"));
        Assert.Equal(8, await CountAsync($"test={name},role"));
        Assert.Equal(0, await CountAsync($"test={name},!role"));
        var wrong = await Assert.ThrowsAsync<ApiError>(() => CountAsync("a=b=c"));
        Assert.Equal("BadRequest", wrong.Reason);

        Assert.InRange(await client.DeleteAllAsync(Kind.ConfigMap, name), Counted(server, 8), 8);
        Assert.Equal(0, await client.DeleteAllAsync(Kind.ConfigMap, name));
        Assert.Equal(0, await CountAsync($"test={name}"));

        async Task<int> CountAsync(string selector)
        {
            var seen = new HashSet<string>();
            await foreach (var it in client.ListAsync(Kind.ConfigMap, Ns, selector, Waiting.Token))
            {
                Assert.True(seen.Add(it.Uid));
            }

            return seen.Count;
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Services_can_be_deleted_together_on_servers_of_any_age(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        await client.ApplyAsync(Service(name + "-a", name));
        await client.ApplyAsync(Service(name + "-b", name));

        Assert.InRange(await client.DeleteAllAsync(Kind.Service, name), Counted(server, 2), 2);
        Assert.Null(await client.FindAsync(Kind.Service, Ns, name + "-a", Waiting.Token));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_watch_tells_what_there_is_and_what_happens(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        var early = await client.CreateAsync(ConfigMap(name + "-early", name), Waiting.Token);
        await using var watch = new WatchReader(client.WatchAsync(Kind.ConfigMap, Ns, $"test={name}", Waiting.Token));
        Assert.Equal(early.Uid, (await watch.NextAsync<WatchEvent.Added>()).Object.Uid);
        await watch.NextAsync<WatchEvent.Synced>();

        var late = await client.CreateAsync(ConfigMap(name + "-late", name), Waiting.Token);
        Assert.Equal(late.Uid, (await watch.NextAsync<WatchEvent.Added>()).Object.Uid);

        await client.ApplyAsync(ConfigMap(name + "-late", name, ("a", "1")));
        Assert.Equal("1", (await watch.NextAsync<WatchEvent.Modified>()).Object.TextAt("data", "a"));

        var labels = new JsonObject { ["labels"] = new JsonObject { ["test"] = "other" } };
        await client.PatchAsync(Kind.ConfigMap, Ns, name + "-late", new() { ["metadata"] = labels }, Waiting.Token);
        Assert.Equal(late.Uid, (await watch.NextAsync<WatchEvent.Deleted>()).Object.Uid); // it matches no longer

        await client.DeleteAsync(Kind.ConfigMap, name + "-early");
        Assert.Equal(early.Uid, (await watch.NextAsync<WatchEvent.Deleted>()).Object.Uid);
        await client.DeleteAsync(Kind.ConfigMap, name + "-late");
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Short_watches_one_after_another_miss_nothing(string server)
    {
        using var client = servers.Client(server);
        using var hasty = servers.Client(server, new() { WatchTimeout = TimeSpan.FromSeconds(0.5), PageSize = 2 });

        await FollowAsync(client, hasty, hurt: () => { }, calm: () => { });
    }

    [Fact]
    public async Task A_watch_misses_nothing_while_the_sandbox_misbehaves()
    {
        using var client = servers.Client("sandbox");
        using var watcher = servers.Client("sandbox", ScriptedServer.Fast with { PageSize = 2 });
        var faults = servers.Sandbox.Faults;
        foreach (var effect in Enum.GetValues<FaultEffect>())
        {
            var status = effect == FaultEffect.Status ? 429 : (int?)null;
            faults.Add(new() { Path = "watch=|limit=", Effect = effect, Probability = 0.1, Status = status });
        }

        var turn = 0;
        await FollowAsync(client, watcher, Hurt, faults.Clear);

        void Hurt() => faults.Do(new() { Action = Hurts[turn++ % 3] });
    }

    // The sandbox may answer a deletion of many with what is left, where the API answers with what was deleted.
    private static int Counted(string server, int deleted) => server == "sandbox" ? 0 : deleted;

    /// <summary>Writes at random; what the watch tells, folded, must make sense and end as what is listed.</summary>
    private static async Task FollowAsync(KubernetesClient client, KubernetesClient watcher, Action hurt, Action calm)
    {
        var name = NewName();
        var after = name + "-after";
        var folded = new Dictionary<string, string>();
        var final = new ConcurrentDictionary<string, string>();
        var written = new TaskCompletionSource();
        using var stop = new CancellationTokenSource(Waiting.Limit);
        var follow = Task.Run(async () =>
        {
            await foreach (var it in watcher.WatchAsync(Kind.ConfigMap, Ns, $"test={name}", stop.Token))
            {
                switch (it)
                {
                    case WatchEvent.Added(var added):
                        Assert.True(folded.TryAdd(added.Name, added.Uid + added.ResourceVersion));
                        break;
                    case WatchEvent.Modified(var modified):
                        Assert.StartsWith(modified.Uid, folded[modified.Name]);
                        folded[modified.Name] = modified.Uid + modified.ResourceVersion;
                        break;
                    case WatchEvent.Deleted(var deleted):
                        Assert.True(folded.Remove(deleted.Name));
                        break;
                }

                if (!written.Task.IsCompleted) continue;
                var others = folded.Keys.Where(key => key != after);
                if (final.All(folded.Contains) && others.All(final.ContainsKey)) return;
            }
        });

        var random = new Random(11);
        for (var i = 0; i < 150; i++)
        {
            var one = $"{name}-{random.Next(6)}";
            if (random.Next(3) == 0) await client.DeleteAsync(Kind.ConfigMap, one);
            else await client.ApplyAsync(ConfigMap(one, name, ("i", $"{i}")));
            if (i % 20 == 10) hurt();
        }

        calm();
        await foreach (var it in client.ListAsync(Kind.ConfigMap, Ns, $"test={name}", Waiting.Token))
        {
            final[it.Name] = it.Uid + it.ResourceVersion;
        }

        // One more event, so that the reader looks when the final state is known.
        written.SetResult();
        await client.CreateAsync(ConfigMap(after, name), Waiting.Token);
        await follow;
        await client.DeleteAllAsync(Kind.ConfigMap, name);
    }
}
