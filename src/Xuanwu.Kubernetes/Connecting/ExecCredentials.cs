using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Xuanwu.Kubernetes;

/// <summary>A command that prints credentials (reference/access-authn-authz/authentication, plugins).</summary>
/// <param name="ApiVersion">client.authentication.k8s.io/v1 or /v1beta1.</param>
/// <param name="Command">A full path, or a name looked for in PATH.</param>
/// <param name="InstallHint">What to tell the user when the command is not there.</param>
/// <param name="Cluster">What the command is told of the cluster; null when it does not ask.</param>
internal sealed record ExecCommand(
    string ApiVersion,
    string Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<KeyValuePair<string, string>> Environment,
    string? InstallHint,
    JsonObject? Cluster);

/// <summary>
/// Credentials a command prints. Kept until they expire or the server refuses them; one run of the command at a time,
/// and none within a second of the last: what was printed just now and is refused will not be cured by printing again.
/// </summary>
internal sealed partial class ExecCredentials(ExecCommand command, TimeProvider clock) : CredentialSource
{
    private const int MaxOutput = 1 << 20;
    private static readonly TimeSpan RunLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _running = new(1, 1);
    private Credential? _current;
    private DateTimeOffset? _expires;
    private long _ranAt;

    public override async ValueTask<Credential> GetAsync(CancellationToken ct)
    {
        await _running.WaitAsync(ct);
        try
        {
            var isValid = _expires is null || clock.GetUtcNow() < _expires || RanJustNow;
            return _current is not null && isValid ? _current : await RunAsync(ct);
        }
        finally
        {
            _running.Release();
        }
    }

    public override async ValueTask<Credential?> RenewAsync(Credential refused, CancellationToken ct)
    {
        await _running.WaitAsync(ct);
        try
        {
            if (!ReferenceEquals(_current, refused)) return _current;
            return RanJustNow ? null : await RunAsync(ct);
        }
        finally
        {
            _running.Release();
        }
    }

    public override void Dispose() => _running.Dispose();

    private bool RanJustNow => clock.GetElapsedTime(_ranAt) < Pause;

    private async Task<Credential> RunAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(RunLimit);
        string output;
        try
        {
            output = await OutputAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Failed($"did not end within {RunLimit.TotalSeconds:0} s");
        }

        (_current, _expires) = Read(output);
        _ranAt = clock.GetTimestamp();
        return _current;
    }

    private async Task<string> OutputAsync(CancellationToken ct)
    {
        using var process = new Process { StartInfo = StartInfo() };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            var hint = command.InstallHint is { Length: > 0 } text ? $" {text.Trim()}" : "";
            throw Failed($"cannot be started ({e.Message}).{hint}", e);
        }

        try
        {
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput, ct);
            var errors = ReadAsync(process.StandardError, ct);
            await process.WaitForExitAsync(ct);
            var complaint = await errors;
            if (process.ExitCode != 0) throw Failed($"ended with code {process.ExitCode}: {Harmless(complaint)}");
            return await output;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private ProcessStartInfo StartInfo()
    {
        var start = new ProcessStartInfo(command.Command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        foreach (var argument in command.Arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in command.Environment) start.Environment[name] = value;

        var spec = new JsonObject { ["interactive"] = false };
        if (command.Cluster is not null) spec["cluster"] = command.Cluster.DeepClone();
        var request = new JsonObject
        {
            ["apiVersion"] = command.ApiVersion,
            ["kind"] = "ExecCredential",
            ["spec"] = spec,
        };
        start.Environment["KUBERNETES_EXEC_INFO"] = Encoding.UTF8.GetString(ApiJson.Write(request));
        return start;
    }

    private async Task<string> ReadAsync(StreamReader reader, CancellationToken ct)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer, ct) is > 0 and var count)
        {
            if (text.Length + count > MaxOutput) throw Failed("prints more than 1 MB");
            text.Append(buffer, 0, count);
        }

        return text.ToString();
    }

    private (Credential Credential, DateTimeOffset? Expires) Read(string output)
    {
        JsonObject json;
        try
        {
            json = ApiJson.ReadObject(Encoding.UTF8.GetBytes(output));
        }
        catch (JsonException)
        {
            throw Failed("printed no JSON object"); // no inner exception: it may quote the output
        }

        var printed = new KubernetesObject(json);
        if (printed.KindName != "ExecCredential" || printed.ApiVersion != command.ApiVersion)
        {
            throw Failed($"printed no ExecCredential of {command.ApiVersion}");
        }

        var status = json["status"] as JsonObject ?? throw Failed("printed an ExecCredential without status");
        var token = KubernetesObject.Text(status["token"]);
        var certificate = KubernetesObject.Text(status["clientCertificateData"]);
        var key = KubernetesObject.Text(status["clientKeyData"]);
        if (string.IsNullOrEmpty(token) && string.IsNullOrEmpty(certificate))
        {
            throw Failed("printed neither status.token nor status.clientCertificateData");
        }

        if (string.IsNullOrEmpty(certificate) != string.IsNullOrEmpty(key))
        {
            throw Failed("printed only one of status.clientCertificateData and status.clientKeyData");
        }

        DateTimeOffset? expires = null;
        if (KubernetesObject.Text(status["expirationTimestamp"]) is { Length: > 0 } text)
        {
            const DateTimeStyles style = DateTimeStyles.AssumeUniversal;
            expires = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, style, out var time)
                ? time
                : throw Failed("printed a status.expirationTimestamp that is no RFC 3339 time");
        }

        var shown = string.IsNullOrEmpty(certificate)
            ? null
            : ClientCertificate.FromPem(certificate, key!, $"client certificate of the command {command.Command}");
        return (new(string.IsNullOrEmpty(token) ? null : token, shown), expires);
    }

    private ConnectionError Failed(string what, Exception? inner = null) =>
        new($"The credential command {command.Command} {what.TrimEnd('.')}.", inner);

    // Commands complain in clear text, and some print what they were given.
    private static string Harmless(string complaint)
    {
        var text = Opaque().Replace(complaint.Trim(), "***");
        return text.Length == 0 ? "it said nothing" : text.Length > 300 ? text[^300..] : text;
    }

    [GeneratedRegex(@"[A-Za-z0-9_\-.=+/]{20,}")]
    private static partial Regex Opaque();
}
