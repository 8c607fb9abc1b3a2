using System.Text;
using Microsoft.Net.Http.Headers;

namespace Xuanwu.Server.Http;

/// <summary>
/// What a browser gets at /graphql: GraphiQL, which eng/graphiql.sh has fetched into the folder that XUANWU_GRAPHIQL
/// names (.xuanwu/graphiql unless set), or a plain page that says how to get it. Neither needs a network.
/// </summary>
public sealed class GraphiQLPage
{
    private const string Policy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self' ws: wss:; frame-ancestors 'none'";

    // Only these, whatever else is in the folder.
    private static readonly Dictionary<string, string> Files = new(StringComparer.Ordinal)
    {
        ["graphiql.min.js"] = "text/javascript; charset=utf-8",
        ["graphiql.min.css"] = "text/css; charset=utf-8",
        ["react.production.min.js"] = "text/javascript; charset=utf-8",
        ["react-dom.production.min.js"] = "text/javascript; charset=utf-8",
        ["graphql-ws.min.js"] = "text/javascript; charset=utf-8",
    };

    private const string Page = """
        <!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Xuanwu GraphQL</title>
            <link rel="stylesheet" href="/graphql/ui/graphiql.min.css">
            <style>body { margin: 0 } #graphiql { height: 100dvh }</style>
          </head>
          <body>
            <div id="graphiql">GraphiQL is being loaded. The schema is at <a href="/graphql?sdl">/graphql?sdl</a>.</div>
            <script src="/graphql/ui/react.production.min.js"></script>
            <script src="/graphql/ui/react-dom.production.min.js"></script>
            <script src="/graphql/ui/graphql-ws.min.js"></script>
            <script src="/graphql/ui/graphiql.min.js"></script>
            <script src="/graphql/ui/start.js"></script>
          </body>
        </html>
        """;

    private const string Script = """
        const socket = location.origin.replace(/^http/, 'ws') + '/graphql';
        const fetcher = GraphiQL.createFetcher({
          url: '/graphql',
          wsClient: graphqlWs.createClient({ url: socket, lazy: true }),
        });
        ReactDOM.createRoot(document.getElementById('graphiql')).render(
          React.createElement(GraphiQL, { fetcher, defaultEditorToolsVisibility: true }));
        """;

    private const string Plain = """
        <!doctype html>
        <html lang="en">
          <head><meta charset="utf-8"><title>Xuanwu GraphQL</title></head>
          <body>
            <h1>Xuanwu GraphQL</h1>
            <p>This is the GraphQL endpoint: send queries by POST as JSON. The schema is at
              <a href="/graphql?sdl">/graphql?sdl</a>.</p>
            <p>GraphiQL is not here yet: <code>eng/graphiql.sh</code> fetches it, once; then reload this page.</p>
          </body>
        </html>
        """;

    private readonly string folder;

    public GraphiQLPage(string folder) => this.folder = Path.GetFullPath(folder);

    /// <summary>Whether a browser asks for a page: it wants HTML most, and there is no query.</summary>
    public static bool IsFor(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && !request.Query.ContainsKey("query") && !request.Query.ContainsKey("sdl") && !request.Query.ContainsKey("id")
        && request.GetTypedHeaders().Accept is { Count: > 0 } accept
        && accept.OrderByDescending(it => it.Quality ?? 1).First().MediaType
            .Equals("text/html", StringComparison.Ordinal);

    public void Map(WebApplication app)
    {
        app.MapGet("/graphql/ui/start.js", http => SendAsync(http, "text/javascript; charset=utf-8", Script));
        app.MapGet("/graphql/ui/{file}", async (HttpContext http, string file) =>
        {
            if (!Files.TryGetValue(file, out var type) || !File.Exists(Path.Combine(folder, file)))
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            http.Response.ContentType = type;
            http.Response.Headers[HeaderNames.CacheControl] = "public, max-age=3600";
            http.Response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
            await http.Response.SendFileAsync(Path.Combine(folder, file), http.RequestAborted);
        });
    }

    public Task SendAsync(HttpContext http)
    {
        var isThere = Files.Keys.All(it => File.Exists(Path.Combine(folder, it)));
        http.Response.Headers[HeaderNames.ContentSecurityPolicy] = Policy;
        http.Response.Headers[HeaderNames.Vary] = HeaderNames.Accept;
        return SendAsync(http, "text/html; charset=utf-8", isThere ? Page : Plain);
    }

    private static async Task SendAsync(HttpContext http, string type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        http.Response.ContentType = type;
        http.Response.ContentLength = bytes.Length;
        http.Response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }
}
