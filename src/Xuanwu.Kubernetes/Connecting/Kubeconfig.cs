using System.Text;
using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes;

/// <summary>
/// Reads kubeconfig files (reference/config-api/kubeconfig.v1). What would silently change who is trusted or who
/// speaks (a proxy, an authentication plugin of old) is refused rather than ignored.
/// </summary>
internal static class Kubeconfig
{
    private const string ExecGroup = "client.authentication.k8s.io/";

    /// <param name="text">YAML or JSON.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="context">The context to use; null for current-context.</param>
    /// <param name="folder">Where relative paths begin; null when files and commands are refused.</param>
    public static KubernetesConnection Read(string text, string source, string? context, string? folder)
    {
        var root = ConfigField.Parse(text, source);
        var name = context ?? root["current-context"].Text
            ?? throw root["current-context"].Wrong($"is not set, and no context was asked for{Choice(root)}");
        var chosen = Named(root, "contexts", "context", name)
            ?? throw root["contexts"].Wrong($"has no context named '{name}'{Choice(root)}");

        var clusterField = chosen["cluster"];
        var cluster = Named(root, "clusters", "cluster", clusterField.Required)
            ?? throw clusterField.Wrong($"names the cluster '{clusterField.Text}', which is not among clusters");
        var userField = chosen["user"];
        var user = userField.Text is not { } userName
            ? null
            : Named(root, "users", "user", userName)
                ?? throw userField.Wrong($"names the user '{userName}', which is not among users");

        var server = Server(cluster["server"]);
        if (cluster["proxy-url"].Text is not null)
        {
            throw cluster["proxy-url"].Wrong("is not supported; the server must be reachable directly");
        }

        var trust = Trust(cluster, folder);
        var login = user is null ? Login.Nobody : ReadLogin(user, folder, server, cluster, trust);
        var connection = new KubernetesConnection(server, trust, login);
        return chosen["namespace"].Text is { } ns ? connection with { Namespace = ns } : connection;
    }

    public static string? WrongWithServer(Uri server) => server switch
    {
        { IsAbsoluteUri: false } => "must be a full address, as in https://host:6443.",
        { Scheme: not ("https" or "http") } => "must begin with https:// (or http:// for a proxy on this machine).",
        { UserInfo.Length: > 0 } => "may not hold a user name or password.",
        { Query.Length: > 0 } or { Fragment.Length: > 0 } => "may not hold a query or fragment.",
        _ => null,
    };

    private static Uri Server(ConfigField field)
    {
        if (!Uri.TryCreate(field.Required, UriKind.Absolute, out var server))
        {
            throw field.Wrong("must be a full address, as in https://host:6443");
        }

        return WrongWithServer(server) is { } wrong ? throw field.Wrong(wrong) : server;
    }

    private static ServerTrust Trust(ConfigField cluster, string? folder)
    {
        var insecure = cluster["insecure-skip-tls-verify"];
        var authority = Stored(cluster, "certificate-authority", folder);
        if (insecure.Flag && authority is not null)
        {
            throw insecure.Wrong("may not be true beside a certificate-authority: it would not be asked");
        }

        var field = cluster[authority is { File: null } ? "certificate-authority-data" : "certificate-authority"].Where;
        var trust = authority is null ? ServerTrust.System : ServerTrust.Only(authority.Read(field), field);
        return trust with { Insecure = insecure.Flag, ServerName = cluster["tls-server-name"].Text };
    }

    private static Login ReadLogin(
        ConfigField user, string? folder, Uri server, ConfigField cluster, ServerTrust trust)
    {
        foreach (var old in new[] { "auth-provider", "username" })
        {
            if (user[old].IsPresent) throw user[old].Wrong("is not supported; use exec, a token or a certificate");
        }

        foreach (var other in new[] { "as", "as-uid", "as-groups", "as-user-extra" })
        {
            if (user[other].IsPresent) throw user[other].Wrong("is not supported: this client speaks for itself only");
        }

        if (user["exec"].IsPresent) return new() { Command = Exec(user["exec"], folder, server, cluster, trust) };

        var token = user["tokenFile"].Text is not null
            ? new TextOrFile(null, LocalPath(user["tokenFile"], folder))
            : user["token"].Text is { } text ? new TextOrFile(text, null) : null;
        var certificate = Stored(user, "client-certificate", folder);
        var key = Stored(user, "client-key", folder);
        if (certificate is null != key is null)
        {
            var missing = certificate is null ? "client-certificate" : "client-key";
            throw user[missing].Wrong("is missing (or its -data form): certificate and key go together");
        }

        if (certificate is not null)
        {
            var field = user["client-certificate"].Where;
            ClientCertificate.FromPem(certificate.Read(field), key!.Read(user["client-key"].Where), field);
        }

        token?.Read(user["tokenFile"].Where);
        return new() { Token = token, Certificate = certificate, Key = key };
    }

    private static ExecCommand Exec(
        ConfigField exec, string? folder, Uri server, ConfigField cluster, ServerTrust trust)
    {
        if (folder is null) throw exec.Wrong("names a command to run; that is accepted from a kubeconfig file only");
        var version = exec["apiVersion"].Required;
        if (version is not (ExecGroup + "v1" or ExecGroup + "v1beta1"))
        {
            throw exec["apiVersion"].Wrong($"must be {ExecGroup}v1 or {ExecGroup}v1beta1, not '{version}'");
        }

        switch (exec["interactiveMode"].Text)
        {
            case null or "Never" or "IfAvailable": break;
            case "Always": throw exec["interactiveMode"].Wrong("is Always, but nobody sits at a terminal here");
            default: throw exec["interactiveMode"].Wrong("must be Never, IfAvailable or Always");
        }

        var command = exec["command"].Required;
        if (Path.GetFileName(command) != command) command = Path.GetFullPath(command, folder);

        return new(
            version,
            command,
            [.. exec["args"].Items.Select(it => it.Given)],
            [.. exec["env"].Items.Select(it => KeyValuePair.Create(it["name"].Required, it["value"].Given))],
            exec["installHint"].Text,
            exec["provideClusterInfo"].Flag ? ClusterForCommand(server, cluster, trust) : null);
    }

    private static JsonObject ClusterForCommand(Uri server, ConfigField cluster, ServerTrust trust)
    {
        var told = new JsonObject { ["server"] = server.OriginalString };
        if (trust.ServerName is not null) told["tls-server-name"] = trust.ServerName;
        if (trust.Insecure) told["insecure-skip-tls-verify"] = true;
        if (trust.Authorities is { } authorities)
        {
            var pem = Encoding.UTF8.GetBytes(authorities.ExportCertificatePems());
            told["certificate-authority-data"] = Convert.ToBase64String(pem);
        }

        var own = cluster["extensions"].Items.FirstOrDefault(it => it["name"].Text == ExecGroup + "exec");
        if (own is not null) told["config"] = own["extension"].Json();
        return told;
    }

    private static TextOrFile? Stored(ConfigField owner, string name, string? folder)
    {
        var data = owner[name + "-data"];
        if (data.Text is { } encoded)
        {
            try
            {
                return new(Encoding.UTF8.GetString(Convert.FromBase64String(encoded)), null);
            }
            catch (FormatException)
            {
                throw data.Wrong("is not base64");
            }
        }

        return owner[name].Text is null ? null : new(null, LocalPath(owner[name], folder));
    }

    private static string LocalPath(ConfigField field, string? folder) => folder is null
        ? throw field.Wrong("names a file of this machine; that is accepted from a kubeconfig file only")
        : Path.GetFullPath(field.Required, folder);

    private static ConfigField? Named(ConfigField root, string list, string content, string name) =>
        root[list].Items.FirstOrDefault(it => it["name"].Text == name)?[content];

    private static string Choice(ConfigField root)
    {
        var names = root["contexts"].Items.Select(it => it["name"].Text).OfType<string>().ToList();
        return names.Count == 0 ? "; the file has no contexts" : $"; there are: {string.Join(", ", names)}";
    }
}
