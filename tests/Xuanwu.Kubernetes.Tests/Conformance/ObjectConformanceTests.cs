using System.Net;
using System.Text.Json.Nodes;
using static Xuanwu.Kubernetes.Tests.Manifests;

namespace Xuanwu.Kubernetes.Tests;

/// <summary>What the client promises about single objects, against every server there is.</summary>
public sealed class ObjectConformanceTests(ConformanceServers servers) : IClassFixture<ConformanceServers>
{
    private const string Ns = ConformanceServers.Namespace;

    public static TheoryData<string> Servers => ConformanceServers.Names;

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task The_server_says_its_version(string server)
    {
        using var client = servers.Client(server);

        Assert.StartsWith("v", (await client.VersionAsync(Waiting.Token)).GitVersion);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_wrong_token_is_told_as_such(string server)
    {
        var connection = servers.Connection(server);
        var authority = connection.Trust.Authorities!.ExportCertificatePems();
        using var client = new KubernetesClient(KubernetesConnection.FromToken(connection.Server, "wrong", authority));

        var error = await Assert.ThrowsAsync<ApiError>(() => client.FindAsync(Kind.ConfigMap, Ns, "a", Waiting.Token));

        Assert.True(error.IsUnauthorized);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task An_object_is_created_once_found_and_deleted_once(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        Assert.Null(await client.FindAsync(Kind.ConfigMap, Ns, name, Waiting.Token));

        var created = await client.CreateAsync(ConfigMap(name, name, ("a", "1")), Waiting.Token);
        var again = await Assert.ThrowsAsync<ApiError>(
            () => client.CreateAsync(ConfigMap(name, name, ("a", "2")), Waiting.Token));
        var found = await client.GetAsync(Kind.ConfigMap, Ns, name, Waiting.Token);

        Assert.True(again.IsAlreadyExists);
        Assert.Equal((created.Uid, created.ResourceVersion), (found.Uid, found.ResourceVersion));
        Assert.Equal("1", found.TextAt("data", "a"));
        Assert.NotNull(found.CreationTimestamp);
        Assert.True(await client.DeleteAsync(Kind.ConfigMap, name));
        Assert.False(await client.DeleteAsync(Kind.ConfigMap, name));
        Assert.Null(await client.FindAsync(Kind.ConfigMap, Ns, name, Waiting.Token));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_namespace_that_is_not_there_takes_nothing_and_holds_nothing(string server)
    {
        using var client = servers.Client(server);
        var lost = ConfigMap("a", "a").With(it => it["metadata"]!["namespace"] = "no-such-namespace");

        var applied = await Assert.ThrowsAsync<ApiError>(() => client.ApplyAsync(lost));
        var created = await Assert.ThrowsAsync<ApiError>(() => client.CreateAsync(lost, Waiting.Token));

        Assert.True(applied.IsNotFound);
        Assert.True(created.IsNotFound);
        Assert.Equal("no-such-namespace", created.ObjectName);
        Assert.Null(await client.FindAsync(Kind.ConfigMap, "no-such-namespace", "a", Waiting.Token));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Applying_twice_changes_nothing(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();

        KubernetesObject[] manifests =
        [
            ConfigMap(name, name, ("a", "1")),
            Secret(name, name),
            ServiceAccount(name, name),
            Role(name, name),
            RoleBinding(name, name),
            Service(name, name),
            Ingress(name, name),
            Lease(name, name),
            Deployment(name, name),
        ];
        foreach (var manifest in manifests)
        {
            var first = await client.ApplyAsync(manifest);
            var (before, after, tries) = (first, first, 0);
            do
            {
                (before, after) = (after, await client.ApplyAsync(manifest));
                Assert.Equal((manifest.KindName, first.Uid), (manifest.KindName, after.Uid));
                Assert.Equal((manifest.KindName, first.Generation), (manifest.KindName, after.Generation));
                // Controllers write some versions of their own, but not for ever.
                Assert.True(++tries < 5, $"{manifest.KindName}: every apply makes another version.");
            }
            while (before.ResourceVersion != after.ResourceVersion);
        }

        foreach (var manifest in manifests)
        {
            await client.DeleteAllAsync(manifest.Kind, name);
            Assert.Null(await client.FindAsync(manifest.Kind, Ns, name, Waiting.Token));
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task An_apply_removes_what_it_no_longer_names_and_leaves_what_others_own(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        await client.ApplyAsync(ConfigMap(name, name, ("ours", "1"), ("gone", "1")), "one", force: false);
        await client.ApplyAsync(ConfigMap(name, name, ("theirs", "1")), "two", force: false);

        var now = await client.ApplyAsync(ConfigMap(name, name, ("ours", "2")), "one", force: false);

        Assert.Equal(
            ["ours=2", "theirs=1"],
            ((JsonObject)now.At("data")!).Select(it => $"{it.Key}={it.Value}").Order());
        await client.DeleteAsync(Kind.ConfigMap, name);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_field_of_another_manager_is_a_conflict_unless_forced(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        await client.ApplyAsync(ConfigMap(name, name, ("a", "1")), "one", force: false);

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.ApplyAsync(ConfigMap(name, name, ("a", "2")), "two", force: false));
        var forced = await client.ApplyAsync(ConfigMap(name, name, ("a", "2")), "two", force: true);

        Assert.True(error.IsConflict);
        var cause = Assert.Single(error.Causes);
        Assert.Equal(("FieldManagerConflict", ".data.a"), (cause.Reason, cause.Field));
        Assert.Contains("one", cause.Message);
        Assert.Equal("2", forced.TextAt("data", "a"));
        await client.DeleteAsync(Kind.ConfigMap, name);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Applies_of_many_managers_at_once_all_arrive(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => client.ApplyAsync(
            ConfigMap(name, name, ($"k{i}", "1")), $"manager-{i}", force: false)));

        var found = await client.GetAsync(Kind.ConfigMap, Ns, name, Waiting.Token);
        Assert.Equal(8, ((JsonObject)found.At("data")!).Count);
        await client.DeleteAsync(Kind.ConfigMap, name);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Every_text_survives_an_apply(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        (string Key, string Value)[] texts =
        [
            ("chinese", "SELECT '直播间' FROM 表 -- 注释"),
            ("emoji", "😀 and 👩‍🚀"),
            ("separators", "next\u0085line\u2028paragraph\u2029end\u00a0nbsp\ufeffbom"),
            ("controls", "\u0001\u0007\u001b\u007f\u0080\u009f"),
            ("white", " \t lead\r\n\ttrail \n\n"),
            ("quotes", """ "double" 'single' \back\slash / `tick` ${x} {{y}} <b>&amp;</b> """),
            ("yaml", "- a: b\n? c\n: d\n&x *x !tag |\n>\n%dir\n---\n...\n#no"),
            ("edges", "\ue000\ufffd\ud7ff"),
            ("yes", "yes"),
            ("number", "1e3"),
            ("null", "null"),
            ("empty", ""),
            ("long", new string('x', 200_000) + " " + string.Concat(Enumerable.Repeat("行\n", 20_000))),
        ];

        await client.ApplyAsync(ConfigMap(name, name, texts));
        var found = await client.GetAsync(Kind.ConfigMap, Ns, name, Waiting.Token);

        foreach (var (key, value) in texts) Assert.Equal((key, value), (key, found.TextAt("data", key)));
        await client.DeleteAsync(Kind.ConfigMap, name);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Lists_of_containers_are_merged_by_name(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        await client.ApplyAsync(Deployment(name, name), "one", force: false);
        var sidecar = Deployment(name, name).With(it =>
        {
            it["spec"] = new JsonObject
            {
                ["template"] = new JsonObject
                {
                    ["spec"] = new JsonObject
                    {
                        ["containers"] = new JsonArray(
                            new JsonObject { ["name"] = "side", ["image"] = "example/side:1" }),
                    },
                },
            };
        });

        var both = await client.ApplyAsync(sidecar, "two", force: false);
        var upgraded = await client.ApplyAsync(Deployment(name, name, "example/none:2"), "one", force: false);

        Assert.Equal(["main", "side"], Containers(both).Select(it => (string?)it["name"]).Order());
        Assert.Equal(
            ["example/none:2", "example/side:1"], Containers(upgraded).Select(it => (string?)it["image"]).Order());
        Assert.True(upgraded.Generation > both.Generation);
        await client.DeleteAsync(Kind.Deployment, name);

        static IEnumerable<JsonNode> Containers(KubernetesObject it) =>
            ((JsonArray)it.At("spec", "template", "spec", "containers")!).OfType<JsonNode>();
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Labels_alone_do_not_change_the_generation(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        var first = await client.ApplyAsync(Deployment(name, name));

        var labelled = await client.PatchAsync(
            Kind.Deployment,
            Ns,
            name,
            new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["more"] = "1" } } },
            Waiting.Token);

        Assert.Equal((first.Generation, "1"), (labelled.Generation, labelled.Labels["more"]));
        await client.DeleteAsync(Kind.Deployment, name);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task An_object_that_cannot_be_is_invalid_and_says_where(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        var mismatch = Deployment(name, name).With(
            it => it["spec"]!["template"]!["metadata"]!["labels"] = new JsonObject { ["app"] = "other" });

        var applied = await Assert.ThrowsAsync<ApiError>(() => client.ApplyAsync(mismatch));
        var created = await Assert.ThrowsAsync<ApiError>(() => client.CreateAsync(mismatch, Waiting.Token));

        foreach (var error in new[] { applied, created })
        {
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "Invalid"), (error.Status, error.Reason));
            Assert.Contains(error.Causes, it => it.Field == "spec.template.metadata.labels");
        }

        Assert.Null(await client.FindAsync(Kind.Deployment, Ns, name, Waiting.Token));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_replace_from_an_old_version_is_a_conflict(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        var first = await client.CreateAsync(ConfigMap(name, name, ("a", "1")), Waiting.Token);

        var second = await client.ReplaceAsync(first.With(it => it["data"]!["a"] = "2"), Waiting.Token);
        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.ReplaceAsync(first.With(it => it["data"]!["a"] = "3"), Waiting.Token));

        Assert.True(error.IsConflict);
        Assert.NotEqual(first.ResourceVersion, second.ResourceVersion);
        Assert.Equal("2", (await client.GetAsync(Kind.ConfigMap, Ns, name, Waiting.Token)).TextAt("data", "a"));
        await client.DeleteAsync(Kind.ConfigMap, name);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_merge_patch_sets_and_removes(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        await client.CreateAsync(ConfigMap(name, name, ("a", "1"), ("b", "1")), Waiting.Token);

        var patched = await client.PatchAsync(
            Kind.ConfigMap, Ns, name, new() { ["data"] = new JsonObject { ["a"] = null, ["c"] = "1" } }, Waiting.Token);
        var absent = await Assert.ThrowsAsync<ApiError>(
            () => client.PatchAsync(Kind.ConfigMap, Ns, NewName(), [], Waiting.Token));

        Assert.Equal(["b", "c"], ((JsonObject)patched.At("data")!).Select(it => it.Key).Order());
        Assert.True(absent.IsNotFound);
        await client.DeleteAsync(Kind.ConfigMap, name);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Only_the_object_of_the_uid_is_deleted(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        var former = await client.CreateAsync(ConfigMap(name, name), Waiting.Token);
        await client.DeleteAsync(Kind.ConfigMap, name, former.Uid);
        var present = await client.CreateAsync(ConfigMap(name, name), Waiting.Token);

        Assert.False(await client.DeleteAsync(Kind.ConfigMap, name, former.Uid));
        Assert.Equal(present.Uid, (await client.FindAsync(Kind.ConfigMap, Ns, name, Waiting.Token))?.Uid);
        Assert.True(await client.DeleteAsync(Kind.ConfigMap, name, present.Uid));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task In_the_foreground_an_object_stays_until_what_it_owns_is_gone(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        var created = await client.CreateAsync(Deployment(name, name), Waiting.Token);

        Assert.True(await client.DeleteAsync(Kind.Deployment, Ns, name, Propagation.Foreground, Waiting.Token));

        // A server without controllers leaves it so; one with them may be done already.
        var found = await client.FindAsync(Kind.Deployment, Ns, name, Waiting.Token);
        if (found is null) return;
        Assert.Equal(created.Uid, found.Uid);
        Assert.NotNull(found.DeletionTimestamp);
        try
        {
            var free = new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } };
            await client.PatchAsync(Kind.Deployment, Ns, name, free, Waiting.Token);
        }
        catch (ApiError e) when (e.IsNotFound)
        {
            // Done meanwhile.
        }

        Assert.Null(await client.FindAsync(Kind.Deployment, Ns, name, Waiting.Token));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task Owners_are_kept(string server)
    {
        using var client = servers.Client(server);
        var name = NewName();
        var owner = await client.CreateAsync(ConfigMap(name, name), Waiting.Token);
        var reference = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["name"] = name,
            ["uid"] = owner.Uid,
            ["controller"] = true,
        };

        var owned = await client.ApplyAsync(
            ConfigMap(name + "-owned", name).With(it => it["metadata"]!["ownerReferences"] = new JsonArray(reference)),
            "conformance",
            force: true,
            Waiting.Token);

        Assert.Equal([new OwnerReference("v1", "ConfigMap", name, owner.Uid, true, false)], owned.OwnerReferences);
        await client.DeleteAllAsync(Kind.ConfigMap, name);
    }
}
