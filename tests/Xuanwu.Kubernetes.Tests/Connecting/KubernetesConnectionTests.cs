using System.Text;

namespace Xuanwu.Kubernetes.Tests;

public sealed class KubernetesConnectionTests
{
    private static readonly TestAuthority Authority = TestAuthority.Create();

    private static readonly string Good = $$"""
        apiVersion: v1
        kind: Config
        current-context: dev
        preferences: {}
        contexts:
        - name: dev
          context: {cluster: near, user: ann, namespace: flink}
        - name: prod
          context: {cluster: far, user: bob}
        - name: nobody
          context: {cluster: near}
        clusters:
        - name: near
          cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: {{Base64(Authority.Pem)}} }
        - name: far
          cluster: {server: "https://k8s.example/prod"}
        users:
        - name: ann
          user: {token: top-secret-token}
        - name: bob
          user: {token: another-secret-token}
        """;

    [Fact]
    public void The_current_context_is_taken_unless_another_is_asked_for()
    {
        var dev = KubernetesConnection.FromKubeconfigText(Good);
        var prod = KubernetesConnection.FromKubeconfigText(Good, "prod");

        Assert.Equal((new Uri("https://10.0.0.1:6443"), "flink"), (dev.Server, dev.Namespace));
        Assert.Equal((new Uri("https://k8s.example/prod"), "default"), (prod.Server, prod.Namespace));
        Assert.Contains("nobody", KubernetesConnection.FromKubeconfigText(Good, "nobody").ToString());
    }

    [Fact]
    public void Its_text_shows_no_credential()
    {
        var text = KubernetesConnection.FromKubeconfigText(Good).ToString();

        Assert.Contains("https://10.0.0.1:6443", text);
        Assert.Contains("bearer of a token", text);
        Assert.DoesNotContain("secret", text);
    }

    [Fact]
    public void JSON_is_a_kubeconfig_too()
    {
        var connection = KubernetesConnection.FromKubeconfigText("""
            {"current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k", "user": ""}}],
             "clusters": [{"name": "k", "cluster": {"server": "http://127.0.0.1:8001"}}], "users": null}
            """);

        Assert.Equal(new Uri("http://127.0.0.1:8001"), connection.Server);
    }

    public static TheoryData<string, string, string> Broken => new()
    {
        {
            "current-context: dev",
            "",
            "current-context is not set, and no context was asked for; there are: dev, prod, nobody."
        },
        {
            "current-context: dev",
            "current-context: test",
            "contexts (line 6) has no context named 'test'; there are: dev, prod, nobody."
        },
        {
            "cluster: near, user: ann",
            "cluster: lost, user: ann",
            "contexts[0].context.cluster (line 7) names the cluster 'lost', which is not among clusters."
        },
        {
            "user: ann,",
            "user: eve,",
            "contexts[0].context.user (line 7) names the user 'eve', which is not among users."
        },
        { "server: \"https://10.0.0.1:6443\",", "", "clusters[0].cluster.server is missing." },
        {
            "https://10.0.0.1:6443",
            "10.0.0.1:6443",
            "clusters[0].cluster.server (line 14) must be a full address, as in https://host:6443."
        },
        { "https://10.0.0.1:6443", "ftp://10.0.0.1", "must begin with https://" },
        { "https://10.0.0.1:6443", "https://u:p@10.0.0.1", "may not hold a user name or password" },
        {
            "certificate-authority-data: ",
            "certificate-authority-data: YQ==, x: ",
            "certificate-authority-data: holds no PEM certificate"
        },
        {
            "certificate-authority-data: ",
            "insecure-skip-tls-verify: true, certificate-authority-data: ",
            "insecure-skip-tls-verify (line 14) may not be true beside a certificate-authority"
        },
        {
            "certificate-authority-data: ",
            "insecure-skip-tls-verify: maybe, certificate-authority-data: ",
            "must be true or false"
        },
        {
            "certificate-authority-data: ",
            "proxy-url: http://p, certificate-authority-data: ",
            "proxy-url (line 14) is not supported"
        },
        {
            "token: top-secret-token",
            "auth-provider: {name: gcp}",
            "users[0].user.auth-provider (line 19) is not supported"
        },
        {
            "token: top-secret-token",
            "token: top-secret-token, as: root",
            "users[0].user.as (line 19) is not supported"
        },
        { "token: top-secret-token", "token: [top-secret-token]", "users[0].user.token (line 19) must be a text." },
        { "token: top-secret-token", "token: 'top-secret token", "is not valid YAML at line" },
        {
            "token: top-secret-token",
            "tokenFile: /etc/hostname",
            "users[0].user.tokenFile (line 19) names a file of this machine"
        },
        {
            "token: top-secret-token",
            "client-certificate: /etc/hostname, client-key: k",
            "names a file of this machine"
        },
        {
            "token: top-secret-token",
            "exec: {command: id, apiVersion: client.authentication.k8s.io/v1}",
            "users[0].user.exec (line 19) names a command to run"
        },
        { "token: top-secret-token", "client-certificate-data: YQ==", "users[0].user.client-key is missing" },
        {
            "token: top-secret-token",
            "client-certificate-data: YQ==, client-key-data: YQ==",
            "not a PEM certificate with its private key"
        },
        {
            "token: top-secret-token",
            "client-certificate-data: '*', client-key-data: YQ==",
            "client-certificate-data (line 19) is not base64."
        },
        { "contexts:", "contexts: 5\nother:", "contexts (line 5) must be a list" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_wrong_is_named_with_its_place(string part, string instead, string complaint)
    {
        var text = Good.Replace(part, instead, StringComparison.Ordinal);
        Assert.NotEqual(Good, text);

        var error = Assert.Throws<ConnectionError>(() => KubernetesConnection.FromKubeconfigText(text));

        Assert.StartsWith("kubeconfig: ", error.Message);
        Assert.Contains(complaint, error.Message);
        Assert.DoesNotContain("secret", error.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a")]
    [InlineData("text")]
    public void Other_YAML_is_no_kubeconfig(string text)
    {
        var error = Assert.Throws<ConnectionError>(() => KubernetesConnection.FromKubeconfigText(text));

        Assert.Contains("is not a kubeconfig", error.Message);
    }

    [Fact]
    public void Errors_name_the_file()
    {
        using var folder = new TestFolder();
        var lost = Path.Combine(folder.Path, "lost");
        var text = Good.Replace("token: top-secret-token", "tokenFile: lost/token", StringComparison.Ordinal);
        var config = folder.Write("config", text);

        var noConfig = Assert.Throws<ConnectionError>(() => KubernetesConnection.FromKubeconfig(lost));
        var noToken = Assert.Throws<ConnectionError>(() => KubernetesConnection.FromKubeconfig(config));

        Assert.Contains($"the file {lost} does not exist", noConfig.Message);
        Assert.StartsWith(
            $"{config}: users[0].user.tokenFile: the file {Path.Combine(lost, "token")} does not exist",
            noToken.Message);
    }

    [Fact]
    public async Task Relative_files_begin_at_the_kubeconfigs_folder()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.NotFound("pods", "a"));
        using var folder = new TestFolder();
        folder.Write("pki/ca.crt", server.Authority.Pem);
        folder.Write("pki/token", "from-a-file\n");
        var config = folder.Write("config", $$"""
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u} }]
            clusters: [{name: k, cluster: {server: "{{server.Address}}", certificate-authority: pki/ca.crt } }]
            users: [{name: u, user: {token: overruled, tokenFile: pki/token} }]
            """);

        using var client = new KubernetesClient(KubernetesConnection.FromKubeconfig(config));
        await client.FindAsync(Kind.Pod, "default", "a", Waiting.Token);

        Assert.Equal("Bearer from-a-file", server.Requests.Single().Authorization);
    }

    [Fact]
    public async Task A_client_certificate_is_shown_to_the_server()
    {
        var absent = Answers.NotFound("pods", "a");
        await using var server = await ScriptedServer.StartAsync(absent, absent);
        var certificate = server.Authority.Issue("ann");
        var key = certificate.GetECDsaPrivateKeyPem();
        using var folder = new TestFolder();
        folder.Write("ann.crt", certificate.ExportCertificatePem());
        folder.Write("ann.key", key);
        string Config(string user) => $$"""
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u} }]
            clusters:
            - name: k
              cluster: {server: "{{server.Address}}", certificate-authority-data: {{Base64(server.Authority.Pem)}} }
            users: [{name: u, user: { {{user}} } }]
            """;
        var byFile = folder.Write("config", Config("client-certificate: ann.crt, client-key: ann.key"));
        var byText = Config(
            $"client-certificate-data: {Base64(certificate.ExportCertificatePem())}, client-key-data: {Base64(key)}");

        KubernetesConnection[] both =
            [KubernetesConnection.FromKubeconfig(byFile), KubernetesConnection.FromKubeconfigText(byText)];
        foreach (var connection in both)
        {
            using var client = new KubernetesClient(connection);
            await client.FindAsync(Kind.Pod, "default", "a", Waiting.Token);
            Assert.Contains("holder of a certificate", connection.ToString());
        }

        Assert.All(server.Requests, it => Assert.Equal(("CN=ann", null), (it.Client, it.Authorization)));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_pod_speaks_as_its_service_account()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.NotFound("pods", "a"));
        using var folder = new TestFolder();
        folder.Write("ca.crt", server.Authority.Pem);
        folder.Write("token", "mounted\n");
        folder.Write("namespace", "flink\n");
        var environment = new Dictionary<string, string?>
        {
            ["KUBERNETES_SERVICE_HOST"] = server.Address.Host,
            ["KUBERNETES_SERVICE_PORT"] = $"{server.Address.Port}",
        };

        var connection = KubernetesConnection.InCluster(folder.Path, environment.GetValueOrDefault);
        using var client = new KubernetesClient(connection);
        await client.FindAsync(Kind.Pod, "", "a", Waiting.Token);

        var seen = server.Requests.Single();
        Assert.Equal(("Bearer mounted", "/api/v1/namespaces/flink/pods/a"), (seen.Authorization, seen.Path));
    }

    [Fact]
    public void Outside_a_pod_there_is_no_service_account()
    {
        using var folder = new TestFolder();

        var outside = Assert.Throws<ConnectionError>(() => KubernetesConnection.InCluster(folder.Path, _ => null));
        var unmounted = Assert.Throws<ConnectionError>(() => KubernetesConnection.InCluster(folder.Path, _ => "1"));

        Assert.Contains("KUBERNETES_SERVICE_HOST", outside.Message);
        Assert.Contains("ca.crt does not exist", unmounted.Message);
    }

    [Fact]
    public void A_service_address_may_be_IPv6()
    {
        using var folder = new TestFolder();
        folder.Write("ca.crt", Authority.Pem);
        folder.Write("token", "t");

        var connection = KubernetesConnection.InCluster(
            folder.Path, name => name.EndsWith("HOST", StringComparison.Ordinal) ? "fd00::1" : "443");

        Assert.Equal(new Uri("https://[fd00::1]:443"), connection.Server);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
