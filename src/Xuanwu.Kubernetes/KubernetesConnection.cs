namespace Xuanwu.Kubernetes;

/// <summary>
/// Where an API server is, whom to trust as it, and as whom to speak to it. Text of it never shows a credential.
/// </summary>
public sealed record KubernetesConnection
{
    private const string MountedFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    internal KubernetesConnection(Uri server, ServerTrust trust, Login login) =>
        (Server, Trust, Login) = (server, trust, login);

    /// <summary>Address of the API server; may have a path, behind which the API begins.</summary>
    public Uri Server { get; }

    /// <summary>Namespace of objects that name none.</summary>
    public string Namespace { get; init; } = "default";

    internal ServerTrust Trust { get; }
    internal Login Login { get; }

    /// <summary>
    /// The connection a kubeconfig file describes (concepts/configuration/organize-cluster-access-kubeconfig). The
    /// file is trusted: it may name other files, relative to its folder, and a command to run for credentials.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="context">The context to use; null for the file's current-context.</param>
    /// <exception cref="ConnectionError">The file cannot be read or used; the message names the field.</exception>
    public static KubernetesConnection FromKubeconfig(string path, string? context = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        return Kubeconfig.Read(LocalFile.Read(full, "kubeconfig"), full, context, Path.GetDirectoryName(full));
    }

    /// <summary>
    /// The connection a kubeconfig text describes. Without a folder the text is not trusted, since it may come from
    /// a user: a text that names files of this machine, or a command to run on it, is refused.
    /// </summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="context">The context to use; null for the text's current-context.</param>
    /// <param name="folder">Where relative paths begin; null when the text may name no file and no command.</param>
    /// <exception cref="ConnectionError">The text cannot be used; the message names the field.</exception>
    public static KubernetesConnection FromKubeconfigText(string text, string? context = null, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Kubeconfig.Read(text, "kubeconfig", context, folder is null ? null : Path.GetFullPath(folder));
    }

    /// <summary>The connection of a pod by its service account (tasks/run-application/access-api-from-pod).</summary>
    /// <exception cref="ConnectionError">This process is in no pod, or has no service account mounted.</exception>
    public static KubernetesConnection InCluster() => InCluster(MountedFolder, Environment.GetEnvironmentVariable);

    /// <summary>A connection by a fixed bearer token.</summary>
    /// <param name="server">Address of the API server.</param>
    /// <param name="token">The token; empty to speak as nobody.</param>
    /// <param name="caPem">The only certificates trusted to vouch for the server; null for the system's.</param>
    /// <exception cref="ConnectionError">The address or the certificates cannot be used.</exception>
    public static KubernetesConnection FromToken(Uri server, string token, string? caPem = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(token);
        if (Kubeconfig.WrongWithServer(server) is { } wrong) throw new ConnectionError($"The server's address {wrong}");
        var trust = caPem is null ? ServerTrust.System : ServerTrust.Only(caPem, "the certificate authority");
        var login = token.Length == 0 ? Login.Nobody : new Login { Token = new(token, null) };
        return new(server, trust, login);
    }

    public override string ToString() => $"{Server} (namespace {Namespace}, as {Login}, {Trust})";

    internal static KubernetesConnection InCluster(string folder, Func<string, string?> environment)
    {
        var host = environment("KUBERNETES_SERVICE_HOST");
        var port = environment("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new ConnectionError(
                "Not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set in the environment.");
        }

        var isIPv6 = host.Contains(':', StringComparison.Ordinal);
        var address = isIPv6 ? $"https://[{host}]:{port}" : $"https://{host}:{port}";
        if (!Uri.TryCreate(address, UriKind.Absolute, out var server))
        {
            throw new ConnectionError($"KUBERNETES_SERVICE_HOST and _PORT make no address: '{address}'.");
        }

        var authority = Path.Combine(folder, "ca.crt");
        var token = Path.Combine(folder, "token");
        var trust = ServerTrust.Only(LocalFile.Read(authority, "the service account"), authority);
        LocalFile.Read(token, "the service account");
        var home = Path.Combine(folder, "namespace");
        return new(server, trust, new Login { Token = new(null, token) })
        {
            Namespace = File.Exists(home) ? LocalFile.Read(home, "the service account").Trim() : "default",
        };
    }
}

/// <summary>A kubeconfig, or a pod's mounted credentials, cannot be used; the message names file and field.</summary>
public sealed class ConnectionError : Exception
{
    internal ConnectionError(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
