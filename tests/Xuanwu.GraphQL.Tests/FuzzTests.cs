using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Conformance;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests;

// Real documents, damaged: whatever comes, the answer is JSON with a status that blames the right side, and it comes
// soon. XUANWU_FUZZ sets how many there are (20,000 unless set) and XUANWU_FUZZ_SEED with which ones to begin.
public sealed class FuzzTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly string[] Pieces =
    [
        "{", "}", "(", ")", "[", "]", ":", "!", "$x", "@skip(if: true)", "@include(if: $x)", "...", "... on ", "fragment F on ",
        "...F", "query ", "mutation ", "subscription ", "\"\"\"", "\"", "\\u", "\\u{1F600}", "null", "true", "1e999", "-", "0",
        "99999999999999999999", "__typename", "__schema { types { name fields { name } } }", "#", "\n", "\0", "\uFEFF", "\uD83D\uDE00",
        "extend type Query { a: Int }", "on", ",", "=", "|", "&", "{a: [{b: $x}]}", "((((", "{{{{", "[[[[",
    ];

    [Fact]
    public async Task Damaged_requests_are_answered()
    {
        var count = Number("XUANWU_FUZZ", 20_000);
        var random = new Random(Number("XUANWU_FUZZ_SEED", 1));
        var engines = new[] { "pets", "exec" }.ToDictionary(it => it, Engine);
        var documents = Corpus.Cases.Where(it => it.TryGetProperty("document", out _))
            .Select(it => (Schema: it.GetProperty("schema").GetString()!, Text: it.GetProperty("document").GetString()!))
            .ToList();
        var executed = 0;
        for (var i = 0; i < count; i++)
        {
            var (schema, text) = documents[random.Next(documents.Count)];
            var other = documents[random.Next(documents.Count)].Text;
            var damaged = random.Next(10) == 0 ? text : Damage(text, other, random);
            if (await IsExecuted(engines[schema], Body(damaged, random), random.Next(8) == 0)) executed++;
        }

        // Were all refused by the lexer, nothing else would have been tried.
        Assert.InRange(executed, count / 50, count);
    }

    private static async Task<bool> IsExecuted(GraphQLEngine engine, byte[] body, bool isGet)
    {
        var call = isGet
            ? new HttpCall("GET", null, MediaTypes.Response, default, "?query=" + Encoding.Latin1.GetString(body))
            : new HttpCall("POST", "application/json", MediaTypes.Response, body, null);
        var output = new ArrayBufferWriter<byte>();
        var watch = Stopwatch.StartNew();
        try
        {
            var result = await GraphQLHttp.HandleAsync(
                engine, call, new RequestContext(), output, new HttpOptions { MaxBatch = 5 });
            using var answer = JsonDocument.Parse(output.WrittenMemory, new JsonDocumentOptions { MaxDepth = 1_000 });
            Assert.Contains(result.Status, (int[])[200, 400, 405]);
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, Soon);
            return result.Status == 200;
        }
        catch (Exception thrown) when (thrown is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{thrown}\n{Convert.ToBase64String(body)}\n{Encoding.UTF8.GetString(body)}");
            return false;
        }
    }

    private static string Damage(string text, string other, Random random)
    {
        var damaged = new StringBuilder(text);
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(damaged.Length + 1);
            var length = Math.Min(random.Next(1, 12), damaged.Length - at);
            switch (random.Next(7))
            {
                case 0:
                    damaged.Remove(at, length);
                    break;
                case 1:
                    damaged.Insert(at, damaged.ToString(at, length));
                    break;
                case 2:
                    damaged.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 3:
                    damaged.Remove(at, length).Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 4:
                    var from = random.Next(other.Length + 1);
                    damaged.Insert(at, other.AsSpan(from, random.Next(other.Length - from + 1)));
                    break;
                case 5:
                    damaged.Insert(at, (char)random.Next(0x250));
                    break;
                default:
                    var piece = Pieces[random.Next(Pieces.Length)];
                    damaged.Insert(at, string.Concat(Enumerable.Repeat(piece, random.Next(600))));
                    break;
            }
        }

        return damaged.ToString();
    }

    // Mostly the request that a client would send; now and then its bytes are damaged too.
    private static byte[] Body(string document, Random random)
    {
        var variables = random.Next(4) switch
        {
            0 => "null",
            1 => """{"x":true,"v":1,"n":[1,null,{"a":"b"}]}""",
            2 => """{"v":{"req":1,"inner":{"b":[1,2]}},"x":"\ud83d\ude00"}""",
            _ => "{}",
        };
        var body = Encoding.UTF8.GetBytes(
            $$"""{"query":{{JsonSerializer.Serialize(document)}},"variables":{{variables}}}""");
        if (random.Next(10) > 0) return body;
        for (var times = random.Next(1, 4); times > 0; times--) body[random.Next(body.Length)] = (byte)random.Next(256);
        return body;
    }

    private static GraphQLEngine Engine(string name)
    {
        DefaultValues? values = null;
        var schema = SdlSchema.Build(Corpus.Sdl(name), new SdlResolvers
        {
            Resolve = call => call.Field.Name == "fail" ? throw new InvalidOperationException() : values!.Of(call.Field.Type),
            TypeName = (value, _) => (value as DefaultValues.Instance)?.TypeName,
        });
        values = new DefaultValues(schema);
        return new GraphQLEngine(schema);
    }

    private static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var it)
            ? it : usual;
}
