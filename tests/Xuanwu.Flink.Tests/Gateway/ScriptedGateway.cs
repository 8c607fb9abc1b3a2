using System.Text.Json;
using Xuanwu.Flink.Gateway;
using Xuanwu.Flink.Rest;
using Xuanwu.Flink.Tests.Rest;

namespace Xuanwu.Flink.Tests.Gateway;

/// <summary>
/// A gateway that speaks the wire's JSON and gives each statement the pages that a test wrote for it.
/// </summary>
internal sealed class ScriptedGateway : IAsyncDisposable
{
    private const string Ok = """
        {"resultType":"EOS","isQueryResult":false,"resultKind":"SUCCESS",
         "results":{"columns":[{"name":"result"}],"data":[{"kind":"INSERT","fields":["OK"]}]}}
        """;

    private readonly WireServer server;
    private readonly HttpClient http = FlinkHttp.Create();
    private readonly Func<string, Queue<string?>?> script;
    private readonly Dictionary<string, Queue<string?>> pages = [];

    /// <param name="script">
    /// The whole answers to the fetches of a statement's result, one by one; null lets it succeed. A null page says
    /// nothing.
    /// </param>
    /// <param name="versions">What /api_versions names.</param>
    public ScriptedGateway(Func<string, string?[]?> script, string versions = "\"V1\",\"V2\",\"V3\"")
    {
        this.script = statement => script(statement) is { } given ? new(given) : null;
        server = new WireServer(request => Answer(request, versions));
        http.BaseAddress = new Uri(server.Address, "/api/v1/namespaces/flink/pods/jm-0:8083/proxy");
        Gateway = new SqlGateway(
            http, new() { Timeout = TimeSpan.FromSeconds(2), PollInterval = TimeSpan.FromMilliseconds(1) });
    }

    public SqlGateway Gateway { get; }

    public IEnumerable<WireRequest> Requests => server.Requests;

    /// <summary>The statements that were sent, in their order.</summary>
    public IEnumerable<string> Statements => Requests
        .Where(request => request.Path.EndsWith("/statements", StringComparison.Ordinal))
        .Select(request => JsonDocument.Parse(request.Body).RootElement.GetProperty("statement").GetString()!);

    /// <summary>The properties that the session was opened with.</summary>
    public Dictionary<string, string> Properties => JsonSerializer.Deserialize<Dictionary<string, string>>(
        JsonDocument.Parse(Requests.Single(IsOpening).Body).RootElement.GetProperty("properties"))!;

    public static string Error(string trace) => WireServer.Json(
        500,
        JsonSerializer.Serialize(new
        {
            errors = new[] { "Internal server error.", $"<Exception on server side:\n"
            + $"{trace}\nEnd of exception on server side>" }
        }));

    public static string Page(string json) => WireServer.Json(200, json);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }

    private static bool IsOpening(WireRequest request) =>
        request is { Method: "POST" } && request.Path.EndsWith("/sessions", StringComparison.Ordinal);

    private string? Answer(WireRequest request, string versions)
    {
        if (request.Path.EndsWith("/api_versions", StringComparison.Ordinal))
        {
            return Page($$"""{"versions":[{{versions}}]}""");
        }

        if (IsOpening(request)) return Page("""{"sessionHandle":"s-1"}""");
        if (request.Method == "DELETE") return Page("""{"status":"CLOSED"}""");
        lock (pages)
        {
            if (request.Path.EndsWith("/statements", StringComparison.Ordinal))
            {
                var operation = $"o-{pages.Count}";
                pages[operation] = script(Statements.Last()) ?? new([Page(Ok)]);
                return Page($$"""{"operationHandle":"{{operation}}"}""");
            }

            return pages[request.Path.Split("/operations/")[1].Split('/')[0]].Dequeue();
        }
    }
}
