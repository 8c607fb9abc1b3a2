using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Xuanwu.Sandbox.Tests;

/// <summary>
/// A sandbox without delays, the test programs it runs, and a raw HTTP client that trusts its authority alone.
/// </summary>
public sealed partial class Kube : IAsyncDisposable
{
    private Kube(SandboxCluster cluster, TestPrograms programs)
    {
        (Cluster, Programs) = (cluster, programs);
        Token = TokenPattern().Match(cluster.Kubeconfig).Groups[1].Value;
        Http = Client(cluster);
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Http.DefaultRequestHeaders.UserAgent.ParseAdd("tests/1.0");
    }

    public SandboxCluster Cluster { get; }

    public TestPrograms Programs { get; }

    public HttpClient Http { get; }

    public string Token { get; }

    public static Task<Kube> StartAsync(Func<SandboxOptions, SandboxOptions>? configure = null) =>
        StartAsync(new TestPrograms(), configure);

    public static async Task<Kube> StartAsync(
        TestPrograms programs, Func<SandboxOptions, SandboxOptions>? configure = null)
    {
        var options = new SandboxOptions
        {
            Programs = [programs.Find],
            KnownImages = ["echo", "crash"],
            PodStartDelay = TimeSpan.Zero,
            CrashBackOff = TimeSpan.FromMilliseconds(20),
            CrashBackOffLimit = TimeSpan.FromMilliseconds(100),
            Seed = 1,
        };
        return new Kube(await SandboxCluster.StartAsync(configure is null ? options : configure(options)), programs);
    }

    /// <summary>A client that trusts the cluster's authority and carries no token.</summary>
    public static HttpClient Client(SandboxCluster cluster)
    {
        var handler = new SocketsHttpHandler();
        if (AuthorityPattern().Match(cluster.Kubeconfig) is { Success: true } match)
        {
            var pem = Encoding.ASCII.GetString(Convert.FromBase64String(match.Groups[1].Value));
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(pem));
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return new HttpClient(handler) { BaseAddress = cluster.ApiServer, Timeout = TimeSpan.FromSeconds(30) };
    }

    public async Task<(HttpStatusCode Code, JsonObject Body)> SendAsync(
        HttpMethod method, string path, string? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, JsonNode.Parse(text)!.AsObject());
    }

    public Task<(HttpStatusCode Code, JsonObject Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<(HttpStatusCode Code, JsonObject Body)> PostAsync(string path, string body) =>
        SendAsync(HttpMethod.Post, path, body);

    public Task<(HttpStatusCode Code, JsonObject Body)> PutAsync(string path, JsonNode body) =>
        SendAsync(HttpMethod.Put, path, body.ToJsonString());

    public Task<(HttpStatusCode Code, JsonObject Body)> DeleteAsync(string path, string? body = null) =>
        SendAsync(HttpMethod.Delete, path, body);

    public Task<(HttpStatusCode Code, JsonObject Body)> MergeAsync(string path, string body) =>
        SendAsync(HttpMethod.Patch, path, body, "application/merge-patch+json");

    public Task<(HttpStatusCode Code, JsonObject Body)> ApplyAsync(
        string path, string body, string manager = "xuanwu", bool force = false) =>
        SendAsync(HttpMethod.Patch, $"{path}?fieldManager={manager}&force={(force ? "true" : "false")}", body,
        "application/apply-patch+yaml");

    /// <summary>A Deployment of the echo program that listens on 8081, as JSON.</summary>
    public static string Deployment(
        string name, int replicas = 1, string image = "echo", string args = "\"8081\"", string extra = "") => $$"""
        {
          "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "{{name}}" },
          "spec": {
            "replicas": {{replicas}},
            "selector": { "matchLabels": { "app": "{{name}}" } },
            "template": {
              "metadata": { "labels": { "app": "{{name}}" } },
              "spec": {
                "terminationGracePeriodSeconds": 2,
                {{extra}}
                "containers": [ {
                  "name": "main", "image": "{{image}}", "args": [ {{args}} ],
                  "ports": [ { "name": "rest", "containerPort": 8081 } ],
                  "readinessProbe": { "tcpSocket": { "port": "rest" } }
                } ]
              }
            }
          }
        }
        """;

    public static string Service(string name) => $$"""
        {
          "apiVersion": "v1", "kind": "Service", "metadata": { "name": "{{name}}" },
          "spec": {
            "selector": { "app": "{{name}}" }, "ports": [ { "name": "rest", "port": 80, "targetPort": "rest" } ]
          }
        }
        """;

    public static string Ingress(string name, string host, string path = "/", string type = "Prefix") => $$"""
        {
          "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": { "name": "{{name}}" },
          "spec": { "rules": [ { "host": "{{host}}", "http": { "paths": [ {
            "path": "{{path}}", "pathType": "{{type}}",
            "backend": { "service": { "name": "{{name}}", "port": { "number": 80 } } }
          } ] } } ] }
        }
        """;

    public const string Deployments = "/apis/apps/v1/namespaces/flink/deployments";
    public const string Pods = "/api/v1/namespaces/flink/pods";
    public const string ConfigMaps = "/api/v1/namespaces/flink/configmaps";
    public const string Services = "/api/v1/namespaces/flink/services";
    public const string Ingresses = "/apis/networking.k8s.io/v1/namespaces/flink/ingresses";

    public static string ConfigMap(string name, string data = "\"a\": \"1\"") =>
        $$"""{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "{{name}}" }, "data": { {{data}} } }""";

    /// <summary>A request through the ingress.</summary>
    public async Task<(HttpStatusCode Code, string Body)> ThroughIngressAsync(string host, string path)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Cluster.IngressPort}{path}");
        request.Headers.Host = host;
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Cluster.DisposeAsync();
    }

    [GeneratedRegex(@"token: (\S+)")]
    private static partial Regex TokenPattern();

    [GeneratedRegex(@"certificate-authority-data: (\S+)")]
    private static partial Regex AuthorityPattern();
}

/// <summary>Answers that must be successes.</summary>
public static class Answers
{
    public static async Task<JsonObject> Must(this Task<(HttpStatusCode Code, JsonObject Body)> answer)
    {
        var (code, body) = await answer;
        Assert.True((int)code is >= 200 and < 300, $"{(int)code}: {body["message"]}");
        return body;
    }
}
