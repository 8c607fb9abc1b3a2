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

    private sealed class OnlyClock : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(Clock) ? new Clock() : null;
    }
}
