using System.Buffers;
using System.Text.Json;
using Xuanwu.GraphQL.Conformance;

// A server that runs any document on any schema, so that any suite can be run against the engine:
//   dotnet run --project tests/Xuanwu.GraphQL.Conformance -- --port N
//   POST /execute {schema, query, variables?, operationName?, root?, validateOnly?}
if (args is not ["--port", var text] || !ushort.TryParse(text, out var port))
{
    Console.Error.WriteLine("Usage: Xuanwu.GraphQL.Conformance --port N");
    return 2;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
var app = builder.Build();
var harness = new Harness();
app.MapPost("/execute", async http =>
{
    var output = new ArrayBufferWriter<byte>();
    try
    {
        using var body = await JsonDocument.ParseAsync(
            http.Request.Body, new JsonDocumentOptions { MaxDepth = 1000 }, http.RequestAborted);
        await harness.ExecuteAsync(body.RootElement, output, http.RequestAborted);
    }
    catch (Exception wrong) when (wrong is JsonException or HarnessException)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        await http.Response.WriteAsJsonAsync(
            new Dictionary<string, string> { ["harnessError"] = wrong.Message }, http.RequestAborted);
        return;
    }

    http.Response.ContentType = "application/json; charset=utf-8";
    http.Response.ContentLength = output.WrittenCount;
    await http.Response.Body.WriteAsync(output.WrittenMemory, http.RequestAborted);
});
Console.WriteLine($"http://127.0.0.1:{port}/execute");
await app.RunAsync();
return 0;
