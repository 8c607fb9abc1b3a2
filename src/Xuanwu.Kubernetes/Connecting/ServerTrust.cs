using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Xuanwu.Kubernetes;

/// <summary>Whom to accept as the API server.</summary>
/// <param name="Authorities">The only ones trusted to vouch for it; null for those of the system.</param>
/// <param name="Insecure">Accept anybody (insecure-skip-tls-verify).</param>
/// <param name="ServerName">The name its certificate must carry, when that is not the host of its address.</param>
internal sealed record ServerTrust(X509Certificate2Collection? Authorities, bool Insecure, string? ServerName)
{
    public static ServerTrust System { get; } = new(null, Insecure: false, null);

    /// <summary>Trusts the certificates of a PEM text and nobody else.</summary>
    /// <exception cref="ConnectionError">There is no certificate in it.</exception>
    public static ServerTrust Only(string pem, string origin)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new ConnectionError($"{origin}: holds a certificate that cannot be read.", e);
        }

        return authorities.Count > 0
            ? new(authorities, Insecure: false, null)
            : throw new ConnectionError($"{origin}: holds no PEM certificate (-----BEGIN CERTIFICATE-----).");
    }

    public SslClientAuthenticationOptions Options(string host, SslStreamCertificateContext? client)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = ServerName ?? host,
            ClientCertificateContext = client,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = Accept,
        };
        if (Authorities is not null)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            policy.CustomTrustStore.AddRange(Authorities);
            policy.ExtraStore.AddRange(Authorities);
            options.CertificateChainPolicy = policy;
        }

        return options;
    }

    public override string ToString() => this switch
    {
        { Insecure: true } => "trusting any server",
        { Authorities: null } => "trusting the system's authorities",
        _ => "trusting its own authority",
    };

    private bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (Insecure || errors == SslPolicyErrors.None) return true;
        if (errors == SslPolicyErrors.RemoteCertificateChainErrors && EndsInAuthority(chain)) return true;
        var why = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
            ? "it is for another name"
            : string.Join(", ", chain?.ChainStatus.Select(it => it.Status.ToString()).Distinct() ?? ["none was sent"]);
        throw new AuthenticationException($"The server's certificate is not accepted: {why}.");
    }

    // A bundle may hold an intermediate authority without its root. As in Go's x509 package each certificate of the
    // bundle is an anchor, while .NET asks for a self-signed one.
    private bool EndsInAuthority(X509Chain? chain)
    {
        if (Authorities is null || chain is null || chain.ChainElements.Count == 0) return false;
        if (chain.ChainStatus.Any(it => it.Status != X509ChainStatusFlags.PartialChain)) return false;

        var last = chain.ChainElements[^1].Certificate.RawDataMemory.Span;
        foreach (var authority in Authorities)
        {
            if (authority.RawDataMemory.Span.SequenceEqual(last)) return true;
        }

        return false;
    }
}
