using System.Text;

namespace Xuanwu.Kubernetes.Tests;

public sealed class ServerTrustTests
{
    private static readonly Answer Absent = Answers.NotFound("pods", "a");

    [Fact]
    public async Task A_server_of_another_authority_is_refused()
    {
        await using var server = await ScriptedServer.StartAsync(Absent);

        var other = TestAuthority.Create("other").Pem;
        await RefusedAsync(server, KubernetesConnection.FromToken(server.Address, "t", other));
        await RefusedAsync(server, KubernetesConnection.FromToken(server.Address, "t")); // the system does not know it
    }

    [Fact]
    public async Task Authorities_of_the_same_name_with_another_key_are_refused()
    {
        await using var server = await ScriptedServer.StartAsync(Absent);
        var twin = TestAuthority.Create();
        Assert.Equal(server.Authority.Certificate.Subject, twin.Certificate.Subject);

        await RefusedAsync(server, KubernetesConnection.FromToken(server.Address, "t", twin.Pem));
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_unless_that_name_is_asked_for()
    {
        await using var server = await ScriptedServer.StartAsync("kubernetes.example", 0, [Absent]);

        await RefusedAsync(server, server.Connection());
        await AcceptedAsync(server, "tls-server-name: kubernetes.example");
        await RefusedAsync(server, Connection(server, "tls-server-name: other.example"));
    }

    [Fact]
    public async Task Any_server_is_accepted_when_the_kubeconfig_says_so()
    {
        await using var server = await ScriptedServer.StartAsync("kubernetes.example", 0, [Absent]);

        var connection = Connection(server, "insecure-skip-tls-verify: true", authority: null);
        using var client = new KubernetesClient(connection);

        Assert.Null(await client.FindAsync(Kind.Pod, "default", "a", Waiting.Token));
        Assert.Contains("trusting any server", connection.ToString());
    }

    [Fact]
    public async Task An_intermediate_authority_may_be_the_one_trusted()
    {
        var root = TestAuthority.Create();
        var between = root.Intermediate();
        var leaf = between.Issue("127.0.0.1");
        await using var server = await ScriptedServer.StartAsync("127.0.0.1", 0, [Absent], root, leaf);
        using var client = new KubernetesClient(KubernetesConnection.FromToken(server.Address, "t", between.Pem));

        Assert.Null(await client.FindAsync(Kind.Pod, "default", "a", Waiting.Token));
        await RefusedAsync(server, KubernetesConnection.FromToken(server.Address, "t", root.Intermediate().Pem));
    }

    [Fact]
    public async Task A_bundle_may_hold_several_authorities()
    {
        await using var server = await ScriptedServer.StartAsync(Absent);
        var bundle = TestAuthority.Create("former").Pem + "\n" + server.Authority.Pem + "\n";
        using var client = new KubernetesClient(KubernetesConnection.FromToken(server.Address, "t", bundle));

        Assert.Null(await client.FindAsync(Kind.Pod, "default", "a", Waiting.Token));
    }

    private static async Task AcceptedAsync(ScriptedServer server, string more)
    {
        using var client = new KubernetesClient(Connection(server, more));
        Assert.Null(await client.FindAsync(Kind.Pod, "default", "a", Waiting.Token));
    }

    private static async Task RefusedAsync(ScriptedServer server, KubernetesConnection connection)
    {
        var before = server.Requests.Count;
        using var client = new KubernetesClient(connection, ScriptedServer.Fast);

        var error = await Assert.ThrowsAsync<ApiError>(
            () => client.FindAsync(Kind.Pod, "default", "a", Waiting.Token));

        Assert.Equal(("UntrustedCertificate", true), (error.Reason, error.IsUnreachable));
        Assert.Equal(before, server.Requests.Count);
    }

    private static KubernetesConnection Connection(ScriptedServer server, string more) =>
        Connection(server, more, server.Authority.Pem);

    private static KubernetesConnection Connection(ScriptedServer server, string more, string? authority)
    {
        var ca = authority is null
            ? ""
            : $"certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(authority))}";
        return KubernetesConnection.FromKubeconfigText($"""
            current-context: c
            contexts: [{"{"}name: c, context: {"{"}cluster: k{"}"}{"}"}]
            clusters:
            - name: k
              cluster:
                server: {server.Address}
                {more}
                {ca}
            """);
    }
}
