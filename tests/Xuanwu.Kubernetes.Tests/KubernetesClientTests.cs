using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes.Tests;

public sealed class KubernetesClientTests
{
    public static TheoryData<string, Answer> NoAnswers => new()
    {
        { "a proxy's 404", Answers.Html(404) },
        { "the API's 404 for an address it does not serve", Answers.Text("404 page not found", "text/plain", 404) },
        { "a 404 about the namespace", Answers.NotFound("namespaces", "default") },
        { "a 404 about another object", Answers.NotFound("configmaps", "b") },
        { "a 404 about another kind", Answers.NotFound("secrets", "a") },
        { "a 404 about nothing", Answers.Status(404, "NotFound") },
        { "a proxy's login page", Answers.Html(200) },
        { "JSON that is no object", Answers.Text("[]", "application/json") },
        { "an object of another kind", Answers.Json(new JsonObject { ["kind"] = "Pod", ["apiVersion"] = "v1" }) },
        { "another object", Answers.Json(Answers.ConfigMap("b", "1")) },
        { "forbidden", Answers.Status(403, "Forbidden") },
        { "unauthorized", Answers.Status(401, "Unauthorized") },
    };

    private enum Deletion
    {
        Asked,
        WasAbsent,
        Unknown,
    }

    [Fact]
    public async Task Absent_is_what_the_API_server_says_about_exactly_this_object()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.NotFound("configmaps", "a"));
        using var client = server.Client();

        Assert.Null(await client.FindAsync(Kind.ConfigMap, "default", "a", Waiting.Token));
    }

    [Theory]
    [MemberData(nameof(NoAnswers))]
    public async Task Whatever_else_is_answered_is_unknown_and_never_absent(string name, Answer answer)
    {
        await using var server = await ScriptedServer.StartAsync(answer, answer);
        using var client = server.Client();

        var found = await Assert.ThrowsAsync<ApiError>(
            () => client.FindAsync(Kind.ConfigMap, "default", "a", Waiting.Token));
        Assert.False(found.IsNotFound && found.ObjectName == "a" && found.ObjectPlural == "configmaps", name);
        Assert.NotEqual(Deletion.WasAbsent, await DeleteAsync());

        async Task<Deletion> DeleteAsync()
        {
            try
            {
                return await client.DeleteAsync(Kind.ConfigMap, "default", "a", Propagation.Background, Waiting.Token)
                    ? Deletion.Asked
                    : Deletion.WasAbsent;
            }
            catch (ApiError)
            {
                return Deletion.Unknown;
            }
        }
    }

    [Fact]
    public async Task Apply_sends_a_server_side_apply()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.Json(Answers.ConfigMap("a", "7"), 201));
        using var client = server.Client();

        var applied = await client.ApplyAsync(new(Answers.ConfigMap("a", "")), "xuanwu", force: true, Waiting.Token);

        var seen = Assert.Single(server.Requests);
        Assert.Equal(("PATCH", "/api/v1/namespaces/default/configmaps/a"), (seen.Method, seen.Path));
        Assert.Equal("xuanwu", seen.Query["fieldManager"]);
        Assert.Equal("true", seen.Query["force"]);
        Assert.Equal("application/apply-patch+yaml", seen.ContentType);
        Assert.Equal("7", applied.ResourceVersion);
    }

    [Fact]
    public async Task A_race_of_two_applies_is_run_again_and_a_conflict_of_owners_is_not()
    {
        var owners = new JsonObject
        {
            ["name"] = "a",
            ["kind"] = "configmaps",
            ["causes"] = new JsonArray(new JsonObject
            {
                ["reason"] = "FieldManagerConflict",
                ["message"] = "conflict with \"other\"",
                ["field"] = ".data.value",
            }),
        };
        await using var server = await ScriptedServer.StartAsync(
            Answers.Status(409, "Conflict"), Answers.Status(409, "Conflict", owners));
        using var client = server.Client();

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.ApplyAsync(new(Answers.ConfigMap("a", "")), "xuanwu", force: false, Waiting.Token));

        Assert.True(error.IsConflict);
        Assert.Equal(
            [new ApiErrorCause("FieldManagerConflict", "conflict with \"other\"", ".data.value")], error.Causes);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Deleting_names_propagation_and_uid()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.Success, Answers.NotFound("deployments", "jm"));
        using var client = server.Client();

        Assert.True(
            await client.DeleteAsync(Kind.Deployment, "flink", "jm", Propagation.Foreground, "u1", Waiting.Token));
        Assert.False(await client.DeleteAsync(Kind.Deployment, "flink", "jm", Propagation.Orphan, Waiting.Token));

        var bodies = server.Requests.Select(it => JsonNode.Parse(it.Body)!).ToList();
        Assert.Equal("Foreground", (string?)bodies[0]["propagationPolicy"]);
        Assert.Equal("u1", (string?)bodies[0]["preconditions"]!["uid"]);
        Assert.Null(bodies[1]["preconditions"]);
        Assert.All(server.Requests, it => Assert.Equal("/apis/apps/v1/namespaces/flink/deployments/jm", it.Path));
    }

    [Fact]
    public async Task Another_object_of_the_name_is_not_the_one_to_delete()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.Status(409, "Conflict"), Answers.Json(Answers.ConfigMap("a", "9", uid: "newer")));
        using var client = server.Client();

        Assert.False(await client.DeleteAsync(
            Kind.ConfigMap, "default", "a", Propagation.Background, "older", Waiting.Token));
    }

    [Fact]
    public async Task Where_a_collection_cannot_be_deleted_its_members_are()
    {
        var services = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ServiceList",
            ["metadata"] = new JsonObject { ["resourceVersion"] = "5" },
            ["items"] = new JsonArray(Named("a"), Named("b")),
        };
        await using var server = await ScriptedServer.StartAsync(
            Answers.Status(405, "MethodNotAllowed"),
            Answers.Json(services),
            Answers.Success,
            Answers.NotFound("services", "b"));
        using var client = server.Client();

        var count = await client.DeleteAllAsync(Kind.Service, "flink", "run=1", Propagation.Background, Waiting.Token);

        Assert.Equal(1, count);
        Assert.Equal(["DELETE", "GET", "DELETE", "DELETE"], server.Requests.Select(it => it.Method));

        static JsonObject Named(string name) => new()
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "flink", ["uid"] = "u" + name },
        };
    }

    [Fact]
    public async Task Everything_is_never_deleted_for_want_of_a_selector()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = server.Client();

        await Assert.ThrowsAnyAsync<ArgumentException>(
            () => client.DeleteAllAsync(Kind.Pod, "flink", " ", Propagation.Background, Waiting.Token));
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("../secrets/x")]
    [InlineData("")]
    [InlineData("A")]
    public async Task Names_that_would_change_the_address_are_never_sent(string name)
    {
        await using var server = await ScriptedServer.StartAsync();
        using var client = server.Client();

        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync(Kind.Pod, "flink", name, Waiting.Token));
        if (name.Length > 0)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync(Kind.Pod, name, "a", Waiting.Token));
        }

        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task An_empty_namespace_is_that_of_the_connection()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.NotFound("pods", "a"));
        using var client = new KubernetesClient(server.Connection() with { Namespace = "home" }, ScriptedServer.Fast);

        await client.FindAsync(Kind.Pod, "", "a", Waiting.Token);

        Assert.Equal("/api/v1/namespaces/home/pods/a", server.Requests.Single().Path);
    }

    [Fact]
    public async Task A_server_below_a_path_is_asked_there()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.NotFound("pods", "a"));
        var below = new Uri(server.Address, "/k8s/clusters/c1/");
        using var client = new KubernetesClient(KubernetesConnection.FromToken(below, "t", server.Authority.Pem));

        await client.FindAsync(Kind.Pod, "flink", "a", Waiting.Token);

        Assert.Equal("/k8s/clusters/c1/api/v1/namespaces/flink/pods/a", server.Requests.Single().Path);
    }

    [Fact]
    public async Task The_version_is_read()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.Json(new JsonObject
        {
            ["gitVersion"] = "v1.30.2",
            ["major"] = "1",
            ["minor"] = "30",
            ["platform"] = "linux/amd64",
        }));
        using var client = server.Client();

        Assert.Equal(new ServerVersion("v1.30.2", "1", "30", "linux/amd64"), await client.VersionAsync(Waiting.Token));
    }

    [Fact]
    public async Task A_port_of_a_pod_is_reached_through_the_API_server()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.Json(new JsonObject { ["jobs"] = 1 }), Answers.Html(502));
        using var client = server.Client();
        using var flink = client.PodProxy("flink", "jm-0", 8081);

        var jobs = await flink.GetFromJsonAsync<JsonObject>("jobs/overview?x=1", Waiting.Token);
        using var second = await flink.PostAsJsonAsync("jars", new { a = 1 }, Waiting.Token);

        Assert.Equal(1, (int?)jobs?["jobs"]);
        Assert.Equal(502, (int)second.StatusCode);
        var seen = server.Requests.ToList();
        Assert.Equal("/api/v1/namespaces/flink/pods/jm-0:8081/proxy/jobs/overview", seen[0].Path);
        Assert.Equal("1", seen[0].Query["x"]);
        Assert.All(seen, it => Assert.Equal("Bearer secret-token", it.Authorization));
    }
}
