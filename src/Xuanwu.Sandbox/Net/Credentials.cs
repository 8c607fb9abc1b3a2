using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Net;

/// <summary>The cluster's certificate authority, the certificate of its API, and the token that opens it.</summary>
internal sealed class Credentials
{
    private readonly byte[] _token;

    private Credentials(string token, X509Certificate2 authority)
    {
        (Token, Authority) = (token, authority);
        _token = Encoding.UTF8.GetBytes("Bearer " + token);
    }

    private string Token { get; }

    private X509Certificate2 Authority { get; }

    /// <summary>
    /// Reads the credentials of the directory, or makes and keeps them there, so that a kubeconfig outlives a restart.
    /// </summary>
    public static Credentials LoadOrCreate(string? directory)
    {
        if (directory is null) return Create();
        var path = Path.Combine(directory, "credentials.json");
        if (File.Exists(path))
        {
            var saved = Json.Parse(File.ReadAllBytes(path));
            var authority = X509Certificate2.CreateFromPem(saved.Text("certificate"), saved.Text("key"));
            return new Credentials(saved.Text("token")!, authority);
        }

        var created = Create();
        Directory.CreateDirectory(directory);
        PrivateFile.Write(path, Json.Write(new JsonObject
        {
            ["token"] = created.Token,
            ["certificate"] = created.Authority.ExportCertificatePem(),
            ["key"] = created.Authority.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
        }));
        return created;
    }

    /// <summary>Whether an Authorization header opens the API; takes the same time whatever it says.</summary>
    public bool Accept(string? header) =>
        header is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header), _token);

    /// <summary>A fresh certificate for the loopback addresses, signed by the authority.</summary>
    public X509Certificate2 ServerCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=xuanwu-sandbox", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
                Authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using var bare = request.Create(
            Authority, DateTimeOffset.UtcNow.AddHours(-1), Authority.NotAfter.AddDays(-1), serial);
        return bare.CopyWithPrivateKey(key);
    }

    /// <summary>What clients need: address, authority and token.</summary>
    public string Kubeconfig(Uri server)
    {
        var authority = server.Scheme == "https"
            ? "    certificate-authority-data: " +
                Convert.ToBase64String(Encoding.ASCII.GetBytes(Authority.ExportCertificatePem())) + "\n"
            : "";
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: xuanwu-sandbox
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}

            """ + authority + $"""
            users:
            - name: xuanwu-sandbox
              user:
                token: {Token}
            contexts:
            - name: xuanwu-sandbox
              context:
                cluster: xuanwu-sandbox
                user: xuanwu-sandbox
                namespace: flink
            current-context: xuanwu-sandbox

            """;
    }

    private static Credentials Create()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=xuanwu-sandbox-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(5));
        return new Credentials(RandomNumberGenerator.GetHexString(48, lowercase: true), authority);
    }

    public override string ToString() => nameof(Credentials);
}

/// <summary>Files that only their owner may read, replaced as a whole.</summary>
internal static class PrivateFile
{
    public static void Write(string path, byte[] content) => Write(path, file => file.Write(content));

    /// <summary>Replaces the file by what is written to the stream, or leaves it as it is when that fails.</summary>
    public static void Write(string path, Action<Stream> content)
    {
        var aside = path + ".tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 64 * 1024 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(aside, options))
        {
            content(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}
