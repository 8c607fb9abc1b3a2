using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.Bench.GraphQL;

/// <summary>
/// The server that is measured: GraphQL at /graphql; at /bare/CASE an endpoint that writes the bytes of GraphQL's answer
/// and does nothing; at /stj/jobs one that makes objects for each request and writes them by System.Text.Json with
/// generated code.
/// </summary>
internal static class Endpoints
{
    public static async Task ServeAsync(string port)
    {
        var engine = new GraphQLEngine(Schema());
        var bare = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var it in Case.All) bare[it.Name] = await AnswerAsync(engine, it.Document(0));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        app.Map("/graphql", http => RunAsync(engine, http));
        app.MapPost("/bare/{name}", async (HttpContext http, string name) =>
        {
            await ReadAsync(http);
            await WriteAsync(http, bare[name]);
        });
        app.MapPost("/stj/jobs", async http =>
        {
            await ReadAsync(http);
            http.Response.ContentType = "application/json; charset=utf-8";
            await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
            JsonSerializer.Serialize(json, JobsAnswer.Make(), AnswerJson.Default.JobsAnswer);
        });
        app.MapGet("/allocated", () => GC.GetTotalAllocatedBytes(precise: true));
        await app.RunAsync();
    }

    private static Schema Schema() => new SchemaBuilder()
        .Query(typeof(BenchQueries))
        .Object<BenchJob>("Job")
        .Object<BenchVersion>("Version")
        .Fields<BenchJob>(typeof(BenchJobFields))
        .Enum<BenchState>("JobState")
        .FilterInput("JobFilterInput", ("name", "String"), ("state", "JobState"))
        .SortInput("JobSortInput", "name")
        .Paging(10, 200)
        .Build();

    private static async Task<byte[]> AnswerAsync(GraphQLEngine engine, string document)
    {
        var output = new ArrayBufferWriter<byte>();
        await engine.ExecuteAsync(new GraphQLRequest(document), new RequestContext(), output);
        var answer = output.WrittenSpan.ToArray();
        return answer.AsSpan().IndexOf("\"errors\""u8) < 0
            ? answer : throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
    }

    private static async Task RunAsync(GraphQLEngine engine, HttpContext http)
    {
        var reader = http.Request.BodyReader;
        var read = await reader.ReadAsync();
        while (!read.IsCompleted)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync();
        }

        var body = read.Buffer.IsSingleSegment ? read.Buffer.First : read.Buffer.ToArray();
        var call = new HttpCall(
            http.Request.Method, http.Request.ContentType, http.Request.Headers.Accept, body,
            http.Request.QueryString.Value);
        using var output = new PooledBuffer();
        var result = await GraphQLHttp.HandleAsync(
            engine, call, new RequestContext(http.RequestServices), output, http.RequestAborted);
        reader.AdvanceTo(read.Buffer.End);
        http.Response.StatusCode = result.Status;
        http.Response.ContentType = result.ContentType;
        http.Response.ContentLength = output.Written.Length;
        http.Response.BodyWriter.Write(output.Written.Span);
    }

    private static async ValueTask ReadAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync();
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }

    private static ValueTask WriteAsync(HttpContext http, byte[] bytes)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = bytes.Length;
        http.Response.BodyWriter.Write(bytes);
        return ValueTask.CompletedTask;
    }
}

/// <summary>The answer to the jobs case as objects.</summary>
internal sealed record JobsAnswer(JobsAnswer.DataPart Data)
{
    public static JobsAnswer Make() => new(new DataPart(new Jobs([.. BenchQueries.All.Take(50).Select(job => new Job(
        job.Id,
        job.Name,
        job.State.ToString().ToUpperInvariant(),
        new Versions([.. job.All.Take(5).Select(it => new Version(it.Number, it.CreatedAt))])))])));

    internal sealed record DataPart(Jobs Jobs);

    internal sealed record Jobs(IReadOnlyList<Job> Nodes);

    internal sealed record Job(string Id, string Name, string State, Versions Versions);

    internal sealed record Versions(IReadOnlyList<Version> Nodes);

    internal sealed record Version(int Number, DateTimeOffset CreatedAt);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JobsAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
