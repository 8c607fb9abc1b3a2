using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Xuanwu.Kubernetes;

/// <summary>
/// Sends requests to the server with the credential of the moment. A 401 renews the credential and sends once more:
/// the server did nothing yet, so that is right for every verb.
/// </summary>
internal sealed class ApiHandler : HttpMessageHandler
{
    private readonly KubernetesConnection _connection;
    private readonly KubernetesClientOptions _options;
    private readonly CredentialSource _credentials;
    private volatile Channel _channel;

    public ApiHandler(KubernetesConnection connection, KubernetesClientOptions options)
    {
        _connection = connection;
        _options = options;
        _credentials = connection.Login.Open(options.Clock);
        _channel = Open(null);
    }

    /// <exception cref="ConnectionError">There is no credential.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var credential = await _credentials.GetAsync(cancellationToken);
        var response = await SendAsync(request, credential, cancellationToken);
        var canRepeat = request.Content is null or ByteArrayContent;
        if (response.StatusCode != HttpStatusCode.Unauthorized || !canRepeat) return response;

        var renewed = await _credentials.RenewAsync(credential, cancellationToken);
        if (renewed is null) return response;
        response.Dispose();
        return await SendAsync(request, renewed, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _channel.Invoker.Dispose();
            _credentials.Dispose();
        }

        base.Dispose(disposing);
    }

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Credential credential, CancellationToken ct)
    {
        var channel = _channel;
        if (channel.Thumbprint != credential.Certificate?.Thumbprint)
        {
            // Connections belong to the certificate they were made with. The former channel is left, not disposed:
            // requests and watches may still run on it, and its idle connections close by themselves.
            _channel = channel = Open(credential.Certificate);
        }

        request.Headers.Authorization = credential.Token is null ? null : new("Bearer", credential.Token);
        if (request.Headers.UserAgent.Count == 0)
        {
            request.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        }

        return channel.Invoker.SendAsync(request, ct);
    }

    private Channel Open(ClientCertificate? certificate)
    {
        var sockets = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false, // nobody else may see the credential
            ConnectTimeout = _options.RequestTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10), // names are resolved anew
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ConnectCallback = (context, ct) => ConnectAsync(context.DnsEndPoint, certificate, ct),
        };
        return new(certificate?.Thumbprint, new HttpMessageInvoker(sockets, disposeHandler: true));
    }

    // TLS is made here, not by the handler, because the handler insists on the address's host as the server's name.
    private async ValueTask<Stream> ConnectAsync(
        DnsEndPoint server, ClientCertificate? certificate, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // A watch may be silent for minutes: only keep-alive tells that the other side is gone.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(server, ct);
            var stream = new NetworkStream(socket, ownsSocket: true);
            if (_connection.Server.Scheme != Uri.UriSchemeHttps) return stream;

            var tls = new SslStream(stream);
            var options = _connection.Trust.Options(_connection.Server.IdnHost, certificate?.Context);
            await tls.AuthenticateAsClientAsync(options, ct);
            return tls;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed record Channel(string? Thumbprint, HttpMessageInvoker Invoker);
}
