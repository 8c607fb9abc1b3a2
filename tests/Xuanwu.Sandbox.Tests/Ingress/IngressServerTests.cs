using System.Net;

namespace Xuanwu.Sandbox.Tests.Ingress;

public sealed class IngressServerTests
{
    [Fact]
    public async Task A_host_leads_through_the_service_to_a_ready_pod()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("web", replicas: 2)).Must();
        await kube.PostAsync(Kube.Services, Kube.Service("web")).Must();
        await kube.PostAsync(Kube.Ingresses, Kube.Ingress("web", "web.example.com")).Must();
        var pods = await kube.Cluster.WaitForPodsAsync(it => it.Count(pod => pod.Ready) == 2, "flink");
        await WaitForEndpointsAsync(kube, "web", 2);

        var answers = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            var (code, body) = await kube.ThroughIngressAsync("web.example.com:8080", "/a/b?c=d");
            Assert.Equal(HttpStatusCode.OK, code);
            Assert.EndsWith(" GET /a/b?c=d ", body, StringComparison.Ordinal);
            answers.Add(body.Split(' ')[0]);
        }

        Assert.Equal(pods.Select(it => it.Name).ToHashSet(), answers);
    }

    internal static Task WaitForEndpointsAsync(Kube kube, string name, int ready) => kube.Cluster.WaitAsync("endpoints", it =>
        (it.FirstOrDefault(o => (string?)o["metadata"]!["name"] == name)?["subsets"]?[0]?["addresses"]?.AsArray().Count ?? 0) == ready, "flink");
}
