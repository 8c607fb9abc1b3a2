using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xuanwu.Server.Http;

namespace Xuanwu.Server.Tests;

public sealed class GraphiQLPageTests
{
    [Theory]
    [InlineData("GET", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", true)]
    [InlineData("GET", "text/html", "?query={a}", false)]
    [InlineData("GET", "text/html", "?sdl", false)]
    [InlineData("GET", "application/json", "", false)]
    [InlineData("GET", "text/html;q=0.1, application/json", "", false)]
    [InlineData("GET", "", "", false)]
    [InlineData("POST", "text/html", "", false)]
    public void A_page_is_for_browsers(string method, string accept, string query, bool expected)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = method;
        http.Request.QueryString = new QueryString(query);
        if (accept.Length > 0) http.Request.Headers.Accept = accept;

        Assert.Equal(expected, GraphiQLPage.IsFor(http.Request));
    }

    [Fact]
    public async Task GraphiQL_is_shown_once_it_is_there_and_a_plain_page_until_then()
    {
        var folder = Directory.CreateTempSubdirectory("graphiql");
        try
        {
            await using var app = WebApplication.CreateSlimBuilder().Build();
            app.Urls.Add("http://127.0.0.1:0");
            var page = new GraphiQLPage(folder.FullName);
            page.Map(app);
            app.MapGet("/graphql", page.SendAsync);
            await app.StartAsync();
            using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
            string[] files =
            [
                "graphiql.min.js", "graphiql.min.css", "react.production.min.js", "react-dom.production.min.js",
                "graphql-ws.min.js",
            ];

            Assert.Contains("eng/graphiql.sh", await http.GetStringAsync("/graphql"), StringComparison.Ordinal);
            foreach (var it in files) await File.WriteAllTextAsync(Path.Combine(folder.FullName, it), "/* " + it);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "secret"), "x");

            var text = await http.GetStringAsync("/graphql");
            foreach (var it in files)
            {
                Assert.Contains("/graphql/ui/" + it, text, StringComparison.Ordinal);
                Assert.Equal("/* " + it, await http.GetStringAsync("/graphql/ui/" + it));
            }

            Assert.Contains("graphqlWs", await http.GetStringAsync("/graphql/ui/start.js"), StringComparison.Ordinal);
            Assert.DoesNotContain("http", text, StringComparison.Ordinal); // nothing from another place
            Assert.Equal(404, (int)(await http.GetAsync("/graphql/ui/secret")).StatusCode);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
