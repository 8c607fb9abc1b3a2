using System.Globalization;

namespace Xuanwu.Kubernetes.Tests;

/// <summary>Credentials that change while a client runs: token files and commands.</summary>
public sealed class CredentialsTests : IDisposable
{
    private const string V1 = "client.authentication.k8s.io/v1";
    private static readonly Answer Absent = Answers.NotFound("pods", "a");
    private static readonly Answer Refused = Answers.Status(401, "Unauthorized");

    private readonly TestFolder _folder = new();
    private readonly PushedClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_token_file_is_read_again_after_a_while()
    {
        await using var server = await ScriptedServer.StartAsync(Absent, Absent, Absent);
        _folder.Write("token", "first");
        using var client = Client(server, "tokenFile: token");

        await AskAsync(client);
        _folder.Write("token", "second");
        await AskAsync(client);
        _clock.Push(TimeSpan.FromSeconds(11));
        await AskAsync(client);

        Assert.Equal(["Bearer first", "Bearer first", "Bearer second"], server.Requests.Select(it => it.Authorization));
    }

    [Fact]
    public async Task A_refused_token_is_read_again_at_once()
    {
        await using var server = await ScriptedServer.StartAsync(Absent, Refused, Absent);
        _folder.Write("token", "first");
        using var client = Client(server, "tokenFile: token");

        await AskAsync(client);
        _folder.Write("token", "second");
        await AskAsync(client);

        Assert.Equal(["Bearer first", "Bearer first", "Bearer second"], server.Requests.Select(it => it.Authorization));
    }

    [Fact]
    public async Task A_token_refused_while_there_is_no_other_is_an_error()
    {
        await using var server = await ScriptedServer.StartAsync(Refused);
        _folder.Write("token", "first");
        using var client = Client(server, "tokenFile: token");

        var error = await Assert.ThrowsAsync<ApiError>(() => AskAsync(client));

        Assert.True(error.IsUnauthorized);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_token_file_that_vanishes_leaves_the_answer_unknown()
    {
        await using var server = await ScriptedServer.StartAsync(Absent);
        var token = _folder.Write("token", "first");
        using var client = Client(server, "tokenFile: token");
        File.Delete(token);

        var error = await Assert.ThrowsAsync<ApiError>(() => AskAsync(client));

        Assert.Equal(("Credentials", true), (error.Reason, error.IsUnreachable));
        Assert.Contains("does not exist", error.Message);
    }

    [Theory]
    [InlineData("client.authentication.k8s.io/v1")]
    [InlineData("client.authentication.k8s.io/v1beta1")]
    public async Task A_command_gives_a_token_once(string version)
    {
        await using var server = await ScriptedServer.StartAsync([.. Enumerable.Repeat(Absent, 8)]);
        Plugin("bin/login", version, """{"token": "from-'"$1-$FLAVOUR"'"}""");
        using var client = Client(
            server, Exec("bin/login", version, "args: [prod], env: [{name: FLAVOUR, value: sweet}]"));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AskAsync(client)));

        Assert.All(server.Requests, it => Assert.Equal("Bearer from-prod-sweet", it.Authorization));
        Assert.Equal(1, Runs());
        Assert.Contains("bin/login", client.Connection.ToString());
    }

    [Fact]
    public async Task A_command_runs_again_when_what_it_gave_has_expired()
    {
        await using var server = await ScriptedServer.StartAsync(Absent, Absent, Absent);
        var expires = DateTimeOffset.UtcNow.AddMinutes(10).ToString("s", CultureInfo.InvariantCulture) + "Z";
        Plugin("login", V1, $$"""{"token": "run-'"$(wc -l < runs)"'", "expirationTimestamp": "{{expires}}"}""");
        using var client = Client(server, Exec("./login"));

        await AskAsync(client);
        await AskAsync(client);
        _clock.Push(TimeSpan.FromMinutes(11));
        await AskAsync(client);

        Assert.Equal(["Bearer run-1", "Bearer run-1", "Bearer run-2"], server.Requests.Select(it => it.Authorization));
    }

    [Fact]
    public async Task A_command_runs_again_when_what_it_gave_is_refused_but_not_in_a_storm()
    {
        await using var server = await ScriptedServer.StartAsync(Absent, Refused, Absent, Refused);
        Plugin("login", V1, """{"token": "run-'"$(wc -l < runs)"'"}""");
        using var client = Client(server, Exec("./login"));

        await AskAsync(client);
        _clock.Push(TimeSpan.FromSeconds(2));
        await AskAsync(client);
        var error = await Assert.ThrowsAsync<ApiError>(() => AskAsync(client)); // refused right after it was given

        Assert.True(error.IsUnauthorized);
        Assert.Equal(
            ["Bearer run-1", "Bearer run-1", "Bearer run-2", "Bearer run-2"],
            server.Requests.Select(it => it.Authorization));
        Assert.Equal(2, Runs());
    }

    [Fact]
    public async Task A_command_may_give_a_client_certificate_and_another_later()
    {
        await using var server = await ScriptedServer.StartAsync(Absent, Absent, Absent);
        WriteCertificate("ann");
        Plugin("login", V1, """
            {"clientCertificateData": "'"$(cat crt)"'", "clientKeyData": "'"$(cat key)"'",
             "expirationTimestamp": "2000-01-01T00:00:00Z"}
            """);
        using var client = Client(server, Exec("./login"));

        await AskAsync(client);
        await AskAsync(client); // expired, but given within the second
        WriteCertificate("bob");
        _clock.Push(TimeSpan.FromSeconds(2));
        await AskAsync(client);

        Assert.Equal(["CN=ann", "CN=ann", "CN=bob"], server.Requests.Select(it => it.Client));

        void WriteCertificate(string name)
        {
            var certificate = server.Authority.Issue(name);
            _folder.Write("crt", certificate.ExportCertificatePem().ReplaceLineEndings("\\n"));
            _folder.Write("key", certificate.GetECDsaPrivateKeyPem().ReplaceLineEndings("\\n"));
        }
    }

    [Fact]
    public async Task A_command_is_told_of_the_cluster_when_it_asks()
    {
        await using var server = await ScriptedServer.StartAsync(Absent);
        Plugin("login", V1, """{"token": "t"}""", "printf '%s' \"$KUBERNETES_EXEC_INFO\" > told");
        using var client = Client(server, Exec("./login", V1, "provideClusterInfo: true"));

        await AskAsync(client);

        var told = KubernetesObject.Parse(File.ReadAllText(Path.Combine(_folder.Path, "told")));
        Assert.Equal(("ExecCredential", V1), (told.KindName, told.ApiVersion));
        Assert.Equal(server.Address, new Uri(told.TextAt("spec", "cluster", "server")!));
        Assert.Equal("eu", told.TextAt("spec", "cluster", "config", "region"));
        Assert.NotNull(told.TextAt("spec", "cluster", "certificate-authority-data"));
    }

    [Theory]
    [InlineData("echo 'please log in' >&2; exit 3", "ended with code 3: please log in.")]
    [InlineData("echo 'bad token eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.secret' >&2; exit 1", "bad token ***")]
    [InlineData("echo secret", "printed no JSON object")]
    [InlineData("""printf '%s"v2", "status": {"token": "secret"}}' "$HEAD" """, "printed no ExecCredential of")]
    [InlineData("""printf '%s"%s", "status": {}}' "$HEAD" "$V1" """, "printed neither")]
    [InlineData("""printf '%s"%s", "status": {"token": "t", "clientKeyData": "secret"}}' "$HEAD" "$V1" """, "only one")]
    public async Task A_command_that_fails_is_told_without_its_secrets(string script, string complaint)
    {
        await using var server = await ScriptedServer.StartAsync(Absent);
        _folder.WriteScript("login", $$"""
            HEAD='{"kind": "ExecCredential", "apiVersion": ' V1={{V1}}
            {{script}}
            """);
        using var client = Client(server, Exec("./login"));

        var error = await Assert.ThrowsAsync<ApiError>(() => AskAsync(client));

        Assert.Equal(("Credentials", true), (error.Reason, error.IsUnreachable));
        Assert.Contains(complaint, error.Message);
        Assert.DoesNotContain("secret", error.ToString());
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_command_that_is_not_there_tells_how_to_get_it()
    {
        await using var server = await ScriptedServer.StartAsync(Absent);
        using var client = Client(server, Exec("no-such-command-here", V1, "installHint: Get it from the wiki."));

        var error = await Assert.ThrowsAsync<ApiError>(() => AskAsync(client));

        Assert.Contains("no-such-command-here cannot be started", error.Message);
        Assert.Contains("Get it from the wiki.", error.Message);
    }

    [Theory]
    [InlineData("command: ./login", "apiVersion is missing")]
    [InlineData("apiVersion: client.authentication.k8s.io/v1", "command is missing")]
    [InlineData($"command: a, apiVersion: {V1}alpha1", "must be client.authentication.k8s.io/v1 or")]
    [InlineData($"command: a, apiVersion: {V1}, interactiveMode: Always", "nobody sits at a terminal")]
    [InlineData($"command: a, apiVersion: {V1}, env: [{{value: b}}]", "env[0].name is missing")]
    public async Task A_command_that_cannot_be_run_is_refused_when_the_file_is_read(string exec, string complaint)
    {
        await using var server = await ScriptedServer.StartAsync();

        var error = Assert.Throws<ConnectionError>(() => Client(server, $"exec: {{{exec}}}"));

        Assert.Contains("users[0].user.exec", error.Message);
        Assert.Contains(complaint, error.Message);
    }

    private static async Task AskAsync(KubernetesClient client) =>
        Assert.Null(await client.FindAsync(Kind.Pod, "default", "a", Waiting.Token));

    private static string Exec(string command, string version = V1, string more = "") =>
        $"exec: {{command: {command}, apiVersion: {version}{(more.Length == 0 ? "" : ", " + more)}}}";

    private int Runs() => File.ReadAllLines(Path.Combine(_folder.Path, "runs")).Length;

    // A command that counts its runs and prints a credential; in the status the shell's quoting applies.
    private void Plugin(string name, string version, string status, string more = "") => _folder.WriteScript(name, $$"""
        cd '{{_folder.Path}}'
        echo run >> runs
        {{more}}
        printf '%s' '{"kind": "ExecCredential", "apiVersion": "{{version}}", "status": {{status}} }'
        """);

    private KubernetesClient Client(ScriptedServer server, string user)
    {
        _folder.Write("ca.crt", server.Authority.Pem);
        var config = _folder.Write("config", $$"""
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u} }]
            clusters:
            - name: k
              cluster:
                server: "{{server.Address}}"
                certificate-authority: ca.crt
                extensions: [{name: client.authentication.k8s.io/exec, extension: {region: eu} }]
            users: [{name: u, user: { {{user}} } }]
            """);
        return new(KubernetesConnection.FromKubeconfig(config), ScriptedServer.Fast with { Clock = _clock });
    }
}
