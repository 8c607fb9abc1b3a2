using System.Buffers;
using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests;

// Runs one request and gives the response's text.
internal static class Answers
{
    public static async Task<string> AskAsync(
        this GraphQLEngine engine, string query, string? variables = null, string? operation = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var request = new GraphQLRequest(query)
        {
            OperationName = operation,
            Variables = variables is null ? default : JsonElement.Parse(variables),
        };
        await engine.ExecuteAsync(request, new RequestContext(new OnlyClock()), output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static Task<string> AskAsync(this Schema schema, string query, string? variables = null) =>
        new GraphQLEngine(schema).AskAsync(query, variables);

    /// <summary>All responses of a stream, and in the end what it was refused or broken off for.</summary>
    public static async Task<List<string>> FollowAsync(
        this GraphQLEngine engine, string query, string? variables = null, CancellationToken ct = default)
    {
        var request = new GraphQLRequest(query)
        {
            Variables = variables is null ? default : JsonElement.Parse(variables),
        };
        await using var stream = await engine.SubscribeAsync(request, new RequestContext(new OnlyClock()), ct);
        var all = new List<string>();
        while (await stream.NextTextAsync() is { } response) all.Add(response);
        if (stream.Errors.Count == 0) return all;
        var output = new ArrayBufferWriter<byte>();
        stream.WriteErrors(output);
        all.Add(Encoding.UTF8.GetString(output.WrittenSpan));
        return all;
    }

    /// <summary>The next response; null at the end.</summary>
    public static async Task<string?> NextTextAsync(this ResponseStream stream)
    {
        var output = new ArrayBufferWriter<byte>();
        return await stream.NextAsync(output) ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }

    private sealed class OnlyClock : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(Clock) ? new Clock() : null;
    }
}
