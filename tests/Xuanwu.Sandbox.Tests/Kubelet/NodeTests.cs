using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Kubelet;

public sealed class NodeTests
{
    [Fact]
    public async Task A_deployment_becomes_ready_pods_that_answer_on_their_own_addresses()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", replicas: 2)).Must();
        var pods = await kube.Cluster.WaitForPodsAsync(
            it => it.Count(pod => pod is { Ready: true, Phase: "Running" }) == 2, "flink");
        Assert.Equal(2, pods.Select(it => it.Address).Distinct().Count());
        Assert.All(pods, it => Assert.Matches("^job-[a-z0-9]+-[a-z0-9]{5}$", it.Name));
        Assert.All(pods, it => Assert.StartsWith("127.", it.Address, StringComparison.Ordinal));
        using var client = new HttpClient();
        var answer = await client.GetStringAsync($"http://{pods[0].Address}:8081/x");
        Assert.Equal($"{pods[0].Name} GET /x ", answer);
        var deployments = await kube.Cluster.WaitAsync(
            "deployments", it => (int?)it[0]["status"]?["readyReplicas"] == 2, "flink");
        var status = deployments[0]["status"]!;
        Assert.Equal(1, (int?)status["observedGeneration"]);
        Assert.Equal(2, (int?)status["availableReplicas"]);
        Assert.Contains(status["conditions"]!.AsArray(), it => (string?)it!["type"] == "Available"
            && (string?)it["status"] == "True");
    }

    [Fact]
    public async Task A_container_gets_its_arguments_environment_and_files()
    {
        await using var kube = await Kube.StartAsync();
        var conf = Kube.ConfigMap("conf", """ "config.yaml": "a: 1", "MODE": "fast" """);
        await kube.PostAsync(Kube.ConfigMaps, conf).Must();
        await kube.PostAsync("/api/v1/namespaces/flink/secrets", """
            { "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" }, "stringData": { "key": "hidden" } }
            """).Must();
        await kube.PostAsync(Kube.Pods, """
            {
              "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p", "labels": { "app": "x" } },
              "spec": {
                "volumes": [ { "name": "conf", "configMap": { "name": "conf" } } ],
                "containers": [ {
                  "name": "main", "image": "echo", "command": [ "8081" ], "args": [ "$(PORT)" ],
                  "envFrom": [ { "configMapRef": { "name": "conf" }, "prefix": "C_" } ],
                  "env": [
                    { "name": "PORT", "value": "8082" },
                    { "name": "ADDRESS", "value": "$(POD_IP):$(PORT) $$(PORT) $(NONE)" },
                    { "name": "POD_IP", "valueFrom": { "fieldRef": { "fieldPath": "status.podIP" } } },
                    { "name": "LATER", "value": "$(POD_IP)" },
                    { "name": "APP", "valueFrom": { "fieldRef": { "fieldPath": "metadata.labels['app']" } } },
                    { "name": "KEY", "valueFrom": { "secretKeyRef": { "name": "s", "key": "key" } } },
                    { "name": "MEMORY",
                      "valueFrom": { "resourceFieldRef": { "resource": "limits.memory", "divisor": "1Mi" } } }
                  ],
                  "resources": { "limits": { "memory": "2Gi" } },
                  "readinessProbe": { "tcpSocket": { "port": 8082 } },
                  "volumeMounts": [
                    { "name": "conf", "mountPath": "/opt/conf" },
                    { "name": "conf", "mountPath": "/etc/one.yaml", "subPath": "config.yaml" } ]
                } ]
              }
            }
            """).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
        var container = Assert.Single(kube.Programs.Started);
        Assert.Equal(["8081", "8082"], container.Arguments);
        Assert.Equal(("a: 1", "fast"), (container.Files["/opt/conf/config.yaml"], container.Files["/opt/conf/MODE"]));
        Assert.Equal("a: 1", container.Files["/etc/one.yaml"]);
        var environment = container.Environment;
        Assert.Equal("$(POD_IP):8082 $(PORT) $(NONE)", environment["ADDRESS"]);
        Assert.Equal(container.Address.ToString(), environment["LATER"]);
        Assert.Equal(("x", "hidden", "2048", "fast"),
            (environment["APP"], environment["KEY"], environment["MEMORY"], environment["C_MODE"]));
    }

    [Fact]
    public async Task A_pod_waits_for_a_missing_config_map_and_starts_when_it_comes()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment(
            "job", extra: """ "volumes": [ { "name": "conf", "configMap": { "name": "late" } } ], """)
            .Replace("\"image\":", "\"volumeMounts\": [ { \"name\": \"conf\", \"mountPath\": \"/c\" } ], \"image\":",
            StringComparison.Ordinal)).Must();
        await kube.Cluster.WaitAsync("events", it => it.Any(o => (string?)o["reason"] == "FailedMount"
            && (string?)o["message"] == "MountVolume.SetUp failed for volume \"conf\" : configmap \"late\" not found"),
            "flink");
        var waiting = await kube.Cluster.WaitForPodsAsync(it => it.Count == 1 && it[0].Waiting is not null, "flink");
        Assert.Equal(("Pending", "ContainerCreating"), (waiting[0].Phase, waiting[0].Waiting));
        await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("late")).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
    }

    [Fact]
    public async Task An_image_without_a_program_cannot_be_pulled_and_the_message_says_what_can()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", image: "nginx:1.27")).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Waiting == "ImagePullBackOff"), "flink");
        var message = (string?)kube.Cluster.Objects(
            "pods", "flink")[0]["status"]!["containerStatuses"]![0]!["state"]!["waiting"]!["message"];
        Assert.Contains("no program for image \"nginx:1.27\"; it knows: echo, crash", message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_ends_is_restarted_with_back_off_and_keeps_how_it_ended()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", image: "crash", args: "\"3\"")).Must();
        await kube.Cluster.WaitForPodsAsync(
            it => it.Any(pod => pod is { Waiting: "CrashLoopBackOff", Restarts: >= 2 }), "flink");
        var status = kube.Cluster.Objects("pods", "flink")[0]["status"]!["containerStatuses"]![0]!;
        var last = status["lastState"]!["terminated"]!;
        Assert.Equal((3, "Error"), ((int)last["exitCode"]!, (string?)last["reason"]));
        Assert.False((bool)status["ready"]!);
    }

    [Theory]
    [InlineData("Never", "0", "Succeeded")]
    [InlineData("Never", "1", "Failed")]
    [InlineData("OnFailure", "0", "Succeeded")]
    public async Task A_pod_that_need_not_be_restarted_ends(string policy, string exitCode, string phase)
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Pods, $$"""
            { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" }, "spec": {
              "restartPolicy": "{{policy}}",
              "containers": [ { "name": "main", "image": "crash", "args": [ "{{exitCode}}" ] } ] } }
            """).Must();
        var pods = await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Phase == phase), "flink");
        Assert.Equal((false, 0), (pods[0].Ready, pods[0].Restarts));
    }

    [Fact]
    public async Task Init_containers_run_before_and_unknown_ones_are_taken_as_done()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", extra: """
            "initContainers": [
              { "name": "copy", "image": "busybox", "command": [ "cp", "a", "b" ] },
              { "name": "check", "image": "crash", "args": [ "0" ] } ],
            """)).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
        Assert.Equal(["check", "main"], kube.Programs.Started.Select(it => it.Name));
        var statuses = kube.Cluster.Objects("pods", "flink")[0]["status"]!["initContainerStatuses"]!.AsArray();
        Assert.All(statuses, it => Assert.Equal("Completed", (string?)it!["state"]!["terminated"]!["reason"]));
    }

    [Fact]
    public async Task A_deleted_pod_stops_gracefully_and_is_replaced()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job")).Must();
        var first = (await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink"))[0];
        var answer = await kube.DeleteAsync($"{Kube.Pods}/{first.Name}").Must();
        Assert.NotNull(answer["metadata"]!["deletionTimestamp"]);
        var pods = await kube.Cluster.WaitForPodsAsync(
            it => it.Count == 1 && it[0] is { Ready: true } && it[0].Uid != first.Uid, "flink");
        Assert.NotEqual(first.Name, pods[0].Name);
    }

    [Fact]
    public async Task A_program_that_does_not_hear_is_given_up_after_the_grace_period()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Pods, """
            { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" },
              "spec": { "containers": [ { "name": "main", "image": "deaf" } ] } }
            """).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
        await kube.DeleteAsync($"{Kube.Pods}/p?gracePeriodSeconds=1").Must();
        Assert.True((await kube.Cluster.WaitForPodsAsync(it => it is [{ Terminating: true }], "flink"))[0].Terminating);
        await kube.Cluster.WaitForPodsAsync(it => it.Count == 0, "flink");
    }

    [Fact]
    public async Task A_crash_closes_the_ports_truly_until_the_restart()
    {
        await using var kube = await Kube.StartAsync(
            it => it with { CrashBackOff = TimeSpan.FromMinutes(1), CrashBackOffLimit = TimeSpan.FromMinutes(1) });
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job")).Must();
        var pod = (await kube.Cluster.WaitForPodsAsync(it => it.Any(one => one.Ready), "flink"))[0];
        for (var i = 1; i <= 2; i++)
        {
            Assert.Equal([pod.Name], kube.Cluster.Faults.Do(
                new() { Action = "crash", Selector = "app=job", ExitCode = 9 }));
            await kube.Cluster.WaitForPodsAsync(it => it[0].Restarts == i, "flink");
            if (i == 1) await kube.Cluster.WaitForPodsAsync(it => it[0].Ready, "flink");
        }

        await kube.Cluster.WaitForPodsAsync(it => it[0] is { Ready: false, Waiting: "CrashLoopBackOff" }, "flink");
        using var client = new TcpClient();
        var refused = await Assert.ThrowsAsync<SocketException>(
            () => client.ConnectAsync(IPAddress.Parse(pod.Address!), 8081));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public async Task Logs_are_served_whole_by_their_tail_followed_and_of_the_previous_run()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job")).Must();
        var pod = (await kube.Cluster.WaitForPodsAsync(it => it.Any(one => one.Ready), "flink"))[0];
        var container = kube.Programs.Started.Single();
        container.WriteLine("one\ntwo");
        var path = $"{Kube.Pods}/{pod.Name}/log";
        Assert.Equal("listening\none\ntwo\n", await kube.Http.GetStringAsync(path));
        Assert.Equal("two\n", await kube.Http.GetStringAsync(path + "?tailLines=1&container=main"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z two\n$",
            await kube.Http.GetStringAsync(path + "?tailLines=1&timestamps=true"));

        using var following = await kube.Http.GetAsync(
            path + "?follow=true&tailLines=1", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await following.Content.ReadAsStreamAsync());
        Assert.Equal("two", await reader.ReadLineAsync());
        container.WriteLine("three");
        Assert.Equal("three", await reader.ReadLineAsync());

        kube.Cluster.Faults.Do(new() { Action = "crash" });
        Assert.Null(await reader.ReadLineAsync());
        await kube.Cluster.WaitForPodsAsync(it => it[0] is { Restarts: 1, Ready: true }, "flink");
        Assert.Equal("listening\none\ntwo\nthree\n", await kube.Http.GetStringAsync(path + "?previous=true"));
        var (code, status) = await kube.GetAsync($"{path}?container=other");
        Assert.Equal(HttpStatusCode.BadRequest, code);
        Assert.Contains("container other is not valid", (string?)status["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pod_proxy_passes_every_method_and_bodies_even_of_GET()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job")).Must();
        var pod = (await kube.Cluster.WaitForPodsAsync(it => it.Any(one => one.Ready), "flink"))[0];
        foreach (var method in new[] { "GET", "POST", "PATCH", "DELETE" })
        {
            using var request = new HttpRequestMessage(
                new HttpMethod(method), $"{Kube.Pods}/{pod.Name}:8081/proxy/jobs/1?mode=x")
            {
                Content = new StringContent("body"),
            };
            using var response = await kube.Http.SendAsync(request);
            Assert.Equal($"{pod.Name} {method} /jobs/1?mode=x body", await response.Content.ReadAsStringAsync());
        }

        Assert.Equal($"{pod.Name} GET / ", await kube.Http.GetStringAsync($"{Kube.Pods}/{pod.Name}:rest/proxy/"));
        var (code, status) = await kube.GetAsync($"{Kube.Pods}/{pod.Name}:9999/proxy/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains("connect: connection refused", (string?)status["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_http_probe_decides_on_readiness()
    {
        await using var kube = await Kube.StartAsync();
        var o = JsonNode.Parse(Kube.Deployment("job"))!;
        o["spec"]!["template"]!["spec"]!["containers"]![0]!["readinessProbe"] =
            JsonNode.Parse("""{ "httpGet": { "port": 8081, "path": "/health" }, "periodSeconds": 1 }""");
        await kube.PostAsync(Kube.Deployments, o.ToJsonString()).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
        kube.Cluster.Faults.Do(new() { Action = "freeze" });
        await kube.Cluster.WaitForPodsAsync(it => it.All(pod => !pod.Ready), "flink");
        kube.Cluster.Faults.Do(new() { Action = "thaw" });
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
    }
}
