using System.Net;
using Xuanwu.Postgres;
using Xuanwu.Server.Feeds;
using Xuanwu.Server.Tracking;

namespace Xuanwu.Server;

/// <summary>What a server is told from outside, by environment variables.</summary>
public sealed record ServerOptions
{
    /// <summary>XUANWU_POSTGRES: a connection string or a postgres:// URL. May hold a password: never
    /// printed.</summary>
    public required string Postgres { get; init; }

    /// <summary>XUANWU_LISTEN, or XUANWU_PORT on loopback.</summary>
    public required Uri Listen { get; init; }

    /// <summary>XUANWU_SANDBOX_KUBECONFIG: registers the embedded sandbox as the cluster "sandbox".</summary>
    public string? SandboxKubeconfig { get; init; }

    /// <summary>XUANWU_SANDBOX_INGRESS_PORT.</summary>
    public int SandboxIngressPort { get; init; }

    public TrackingOptions Tracking { get; init; } = new();

    public FeedOptions Feed { get; init; } = new();

    public static ServerOptions FromEnvironment()
    {
        var listen = Read("XUANWU_LISTEN") ?? $"http://127.0.0.1:{Number("XUANWU_PORT", 8080)}";
        return new()
        {
            Postgres = ConnectionString(Read("XUANWU_POSTGRES") ?? throw new OptionWrong(
                "XUANWU_POSTGRES is not set; give a connection string such as "
                + "Host=127.0.0.1;Database=xuanwu;Username=xuanwu.")),
            Listen = Uri.TryCreate(listen, UriKind.Absolute, out var uri) && uri.Scheme == "http"
                ? uri
                : throw new OptionWrong($"XUANWU_LISTEN is {listen}; give an address such as http://127.0.0.1:8080."),
            SandboxKubeconfig = Read("XUANWU_SANDBOX_KUBECONFIG"),
            SandboxIngressPort = Number("XUANWU_SANDBOX_INGRESS_PORT", 0),
        };
    }

    /// <summary>Until users can log in, whoever reaches the port is anyone he says he is.</summary>
    public void CheckListensOnLoopbackOnly()
    {
        var host = Listen.DnsSafeHost;
        if (host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address))) return;
        throw new OptionWrong(
            $"Refusing to listen on {Listen}: beyond loopback the server must know who calls, and authentication is "
                + $"not configured "
            + "(it comes in a later release). Listen on http://127.0.0.1:PORT.");
    }

    private static string ConnectionString(string text)
    {
        try
        {
            ConnectionSettings.Parse(text);
            return text;
        }
        catch (FormatException wrong)
        {
            throw new OptionWrong($"XUANWU_POSTGRES is wrong: {wrong.Message}");
        }
    }

    private static string? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static int Number(string name, int otherwise)
    {
        if (Read(name) is not { } text) return otherwise;
        return int.TryParse(text, out var number) && number is >= 0 and <= 65535
            ? number
            : throw new OptionWrong($"{name} is {text}; give a port number from 0 to 65535.");
    }
}

/// <summary>The server cannot start as it is told to; the message says what to change.</summary>
public sealed class OptionWrong(string message) : Exception(message);
