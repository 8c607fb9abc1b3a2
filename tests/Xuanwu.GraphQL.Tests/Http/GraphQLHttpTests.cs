using System.Buffers;
using System.Text;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;

namespace Xuanwu.GraphQL.Tests.Http;

public sealed class GraphQLHttpTests
{
    private const string Modern = "application/graphql-response+json";
    private const string Json = "application/json";
    private static readonly GraphQLEngine Engine = new(Sample.Schema);

    [Theory]
    // executed
    [InlineData(Json, """{"query":"{ __typename }"}""", 200)]
    [InlineData(Modern, """{"query":"{ __typename }"}""", 200)]
    [InlineData(Modern, """{"query":"{ plan(id: \"x\") { name } }"}""", 200)]
    [InlineData(Modern, """{"query":"{ __typename }","operationName":null,"variables":null,"extensions":null}""", 200)]
    [InlineData(Modern, """{"query":"query A { __typename } query B { now }","operationName":"A"}""", 200)]
    [InlineData(Modern, """{"query":"\u007b __typename }","other":[1,{"a":2}]}""", 200)]
    // refused documents, variables and operations
    [InlineData(Modern, """{"query":"{"}""", 400)]
    [InlineData(Modern, """{"query":"{ nope }"}""", 400)]
    [InlineData(Modern, """{"query":"query ($a: Int!) { add(left: $a) }","variables":{"a":"x"}}""", 400)]
    [InlineData(Modern, """{"query":"{ __typename }","operationName":"Nope"}""", 400)]
    [InlineData(Json, """{"query":"{"}""", 200)]
    [InlineData(Json, """{"query":"{ nope }"}""", 200)]
    [InlineData(Json, """{"query":"query ($a: Int!) { add(left: $a) }","variables":{"a":"x"}}""", 200)]
    // what is no request at all
    [InlineData(Json, "{", 400)]
    [InlineData(Json, "", 400)]
    [InlineData(Json, "null", 400)]
    [InlineData(Json, "{}", 400)]
    [InlineData(Json, """{"query":null}""", 400)]
    [InlineData(Json, """{"query":"{ __typename }"} x""", 400)]
    [InlineData(Modern, """{"query":{"a":1}}""", 400)]
    [InlineData(Json, """{"query":"{ __typename }","variables":[]}""", 400)]
    [InlineData(Json, """{"query":"{ __typename }","variables":"{}"}""", 400)]
    [InlineData(Json, """{"query":"{ __typename }","operationName":1}""", 400)]
    [InlineData(Json, """{"query":"{ __typename }","extensions":1}""", 400)]
    [InlineData(Json, """[{"query":"{ __typename }"}]""", 400)]
    public async Task A_post_gets_the_status_of_its_media_type(string accept, string body, int status)
    {
        var (result, answer) = await Post(body, accept);

        Assert.Equal(status, result.Status);
        Assert.Equal(accept + "; charset=utf-8", result.ContentType);
        Assert.StartsWith("{\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, Json)]
    [InlineData("*/*", Json)]
    [InlineData("application/*", Json)]
    [InlineData("application/json; charset=utf-8", Json)]
    [InlineData("application/graphql-response+json, application/json;q=0.9", Modern)]
    [InlineData("application/graphql-response+json;q=0.5, application/json", Json)]
    [InlineData("text/html, application/graphql-response+json;q=0.1", Modern)]
    public async Task The_media_type_is_negotiated(string? accept, string expected)
    {
        var (result, _) = await Post("""{"query":"{ __typename }"}""", accept);

        Assert.Equal((200, expected + "; charset=utf-8"), (result.Status, result.ContentType));
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json;q=0")]
    [InlineData("application/json; charset=latin1")]
    public async Task What_cannot_be_written_is_not_acceptable(string accept)
    {
        var (result, answer) = await Post("""{"query":"{ __typename }"}""", accept);

        Assert.Equal(406, result.Status);
        Assert.Contains("HC0063", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Other_content_types_are_not_read(string? contentType)
    {
        var call = new HttpCall("POST", contentType, null, """{"query":"{ __typename }"}"""u8.ToArray(), null);

        Assert.Equal(415, (await Run(call)).Result.Status);
    }

    [Theory]
    [InlineData("?query=%7B__typename%7D", 200, """{"data":{"__typename":"Query"}}""")]
    [InlineData("query=query($l:Int!)%7Badd(left:$l)%7D&variables=%7B%22l%22:%201%7D", 200, """{"data":{"add":3}}""")]
    [InlineData("query=query+A%7B__typename%7D+query+B%7Bnow%7D&operationName=A", 200, """{"data":{"__typename":"Query"}}""")]
    [InlineData("", 400, "HC0012")]
    [InlineData("query=%7B__typename%7D&variables=%7B", 400, "HC0012")]
    [InlineData("query=%7B__typename%7D&variables=3", 400, "HC0012")]
    [InlineData("query=mutation%7BcreatePlan(input:%7Bname:%22a%22%7D)%7B__typename%7D%7D", 405, "METHOD_NOT_ALLOWED")]
    public async Task A_get_runs_queries(string query, int status, string expected)
    {
        var (result, answer) = await Run(new HttpCall("GET", null, Modern, default, query));

        Assert.Equal(status, result.Status);
        Assert.Contains(expected, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_methods_are_told_what_is_allowed()
    {
        var (result, _) = await Run(new HttpCall("PUT", Json, null, default, null));

        Assert.Equal((405, "GET, POST"), (result.Status, result.Allow));
    }

    [Fact]
    public async Task A_request_error_has_no_data()
    {
        var (_, answer) = await Post("""{"query":"{ nope }"}""", Modern);

        Assert.DoesNotContain("\"data\"", answer, StringComparison.Ordinal);
    }

    private static Task<(HttpResult Result, string Answer)> Post(string body, string? accept) =>
        Run(new HttpCall("POST", "application/json; charset=utf-8", accept, Encoding.UTF8.GetBytes(body), null));

    private static async Task<(HttpResult Result, string Answer)> Run(HttpCall call)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = await GraphQLHttp.HandleAsync(
            Engine, call, new RequestContext(), output, CancellationToken.None);
        return (result, Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
