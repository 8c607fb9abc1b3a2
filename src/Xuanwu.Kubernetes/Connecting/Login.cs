using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Xuanwu.Kubernetes;

/// <summary>As whom to speak to the API server: what a kubeconfig says of a user.</summary>
internal sealed record Login
{
    public static Login Nobody { get; } = new();

    public TextOrFile? Token { get; init; }
    public TextOrFile? Certificate { get; init; }
    public TextOrFile? Key { get; init; }
    public ExecCommand? Command { get; init; }

    public CredentialSource Open(TimeProvider clock) => this switch
    {
        { Command: { } command } => new ExecCredentials(command, clock),
        _ => new StoredCredentials(this, clock),
    };

    public override string ToString() => this switch
    {
        { Command: { } command } => $"whom the command {command.Command} names",
        { Token: { } token } => $"bearer of a token {token}",
        { Certificate: { } certificate } => $"holder of a certificate {certificate}",
        _ => "nobody",
    };
}

/// <summary>What to show the server: a bearer token, a client certificate, both or neither.</summary>
internal sealed record Credential(string? Token, ClientCertificate? Certificate)
{
    public override string ToString() => nameof(Credential);
}

/// <summary>A client certificate with its key and the certificates between it and its authority.</summary>
internal sealed record ClientCertificate(SslStreamCertificateContext Context, string Thumbprint)
{
    /// <exception cref="ConnectionError">The texts are no certificate with its key.</exception>
    public static ClientCertificate FromPem(string certificate, string key, string origin)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPem(certificate, key);
            if (OperatingSystem.IsWindows())
            {
                // SChannel cannot use a key that lives in memory only.
                leaf = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);
            }

            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            return new(SslStreamCertificateContext.Create(leaf, chain, offline: true), leaf.Thumbprint);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ConnectionError($"{origin}: not a PEM certificate with its private key.", e);
        }
    }

    public override string ToString() => nameof(ClientCertificate);
}

/// <summary>Gives the credential to use now.</summary>
internal abstract class CredentialSource : IDisposable
{
    /// <exception cref="ConnectionError">It cannot be had.</exception>
    public abstract ValueTask<Credential> GetAsync(CancellationToken ct);

    /// <summary>Another credential than the one the server has just refused; null when there is none.</summary>
    /// <exception cref="ConnectionError">It cannot be had.</exception>
    public abstract ValueTask<Credential?> RenewAsync(Credential refused, CancellationToken ct);

    public abstract void Dispose();
}

/// <summary>
/// Credentials written in the kubeconfig or in files. Files are read again after ten seconds and whenever the server
/// refuses what they held: the kubelet renews mounted tokens long before they expire.
/// </summary>
internal sealed class StoredCredentials(Login login, TimeProvider clock) : CredentialSource
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly bool _fixed = login is { Token: null or { File: null }, Certificate: null or { File: null } }
        && login.Key is null or { File: null };

    private (string? Token, string? Certificate, string? Key) _texts;
    private Credential? _current;
    private long _readAt;

    public override ValueTask<Credential> GetAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            return new(_current is not null && (_fixed || clock.GetElapsedTime(_readAt) < Fresh) ? _current : Read());
        }
    }

    public override ValueTask<Credential?> RenewAsync(Credential refused, CancellationToken ct)
    {
        lock (_lock)
        {
            var now = _fixed ? _current : Read();
            return new(ReferenceEquals(now, refused) ? null : now);
        }
    }

    public override void Dispose()
    {
    }

    // Gives the same instance as long as the texts are the same.
    private Credential Read()
    {
        var texts = (
            Token: login.Token?.Read("token").Trim(),
            Certificate: login.Certificate?.Read("client certificate"),
            Key: login.Key?.Read("client key"));
        if (_current is null || texts != _texts)
        {
            if (texts.Token?.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0)
            {
                throw new ConnectionError($"The token {login.Token} has a blank or a line break inside.");
            }

            var certificate = texts is { Certificate: { } pem, Key: { } key }
                ? ClientCertificate.FromPem(pem, key, $"client certificate {login.Certificate}")
                : null;
            _current = new(texts.Token is { Length: > 0 } token ? token : null, certificate);
            _texts = texts;
        }

        _readAt = clock.GetTimestamp();
        return _current;
    }
}
