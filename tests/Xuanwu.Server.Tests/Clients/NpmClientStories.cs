using System.Diagnostics;
using System.Text.Json.Nodes;
using Xuanwu.Testing;

namespace Xuanwu.Server.Tests.Clients;

/// <summary>Clients that others wrote, by the protocols that they publish.</summary>
public sealed class NpmClientStories(XuanwuFixture fixture) : IClassFixture<XuanwuFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [NpmTheory]
    [InlineData("graphql-ws")]
    [InlineData("graphql-sse")]
    public async Task Npm_clients_query_mutate_and_come_again_without_missing_anything(string client)
    {
        var start = new ProcessStartInfo("node")
        {
            ArgumentList =
            {
                Repository.At("tests/Xuanwu.Server.Tests/Clients/clients.mjs"), NpmTheoryAttribute.Folder,
                fixture.Host.Address.GetLeftPart(UriPartial.Authority), client,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync();
        var errors = node.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await node.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            node.Kill(entireProcessTree: true);
        }

        Assert.True(node.HasExited && node.ExitCode == 0, $"{await output}\n{await errors}");
        var told = JsonNode.Parse(await output)!;
        Assert.Equal("Query", (string?)told["typename"]);
        Assert.Equal(
            Enumerable.Range(0, 6).Select(it => $"npm-{client}-{it}"),
            told["seen"]!.AsArray().Select(it => (string)it!));
        Assert.StartsWith("Cannot query field \"nope\"", (string?)told["refused"], StringComparison.Ordinal);
    }
}

/// <summary>
/// Runs where node is, and the packages graphql, graphql-ws, graphql-sse and ws: in the folder that XUANWU_NPM_CLIENTS
/// names, or in .xuanwu/clients (<c>npm install --prefix .xuanwu/clients graphql graphql-ws graphql-sse ws</c>).
/// </summary>
public sealed class NpmTheoryAttribute : TheoryAttribute
{
    public NpmTheoryAttribute()
    {
        string[] packages = ["graphql", "graphql-ws", "graphql-sse", "ws"];
        var missing = packages.FirstOrDefault(it => !Directory.Exists(Path.Combine(Folder, "node_modules", it)));
        if (missing is not null) Skip = $"The npm package {missing} is not in {Folder}.";
        else if (!HasNode()) Skip = "There is no node.";
    }

    public static string Folder { get; } = Environment.GetEnvironmentVariable("XUANWU_NPM_CLIENTS") is { Length: > 0 } it
        ? it : Repository.At(".xuanwu/clients");

    private static bool HasNode() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(it => File.Exists(Path.Combine(it, "node")));
}
