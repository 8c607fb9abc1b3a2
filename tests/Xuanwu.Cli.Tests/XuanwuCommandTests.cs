using System.Text.Json;
using Xuanwu.Flink.Tests.Rest;

namespace Xuanwu.Cli.Tests;

public sealed class XuanwuCommandTests : IDisposable
{
    private const string Script = """
        CREATE TABLE clicks (id BIGINT, name STRING) WITH ('connector' = 'datagen');
        CREATE TABLE shown (id BIGINT, name STRING) WITH ('connector' = 'print');
        INSERT INTO shown SELECT id, name FROM clicks;
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("xuanwu-cli-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Check_prints_one_line_of_json_per_file()
    {
        var (good, bad) = (Write("good.sql", Script), Write("bad.sql", "SELECT id FRM clicks;"));

        var (code, output, _) = await RunAsync("check", "--syntax", "--json", good, bad);

        Assert.Equal(ExitCode.Wrong, code);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        var first = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal(good, first.GetProperty("file").GetString());
        Assert.True(first.GetProperty("ok").GetBoolean());
        Assert.Equal(
            ["CREATE_TABLE", "CREATE_TABLE", "INSERT"],
            first.GetProperty("statements").EnumerateArray().Select(each => each.GetProperty("kind").GetString()));
        Assert.Equal(3, first.GetProperty("statements")[2].GetProperty("line").GetInt32());
        Assert.Equal("""[["clicks","shown"]]""", first.GetProperty("lineage").GetProperty("edges").GetRawText());
        var second = JsonDocument.Parse(lines[1]).RootElement;
        Assert.False(second.GetProperty("ok").GetBoolean());
        Assert.Equal("error", second.GetProperty("diagnostics")[0].GetProperty("severity").GetString());
    }

    [Fact]
    public async Task Check_tells_errors_as_file_line_and_column()
    {
        var bad = Write("bad.sql", "\nSELECT id FROM ;");

        var (code, output, error) = await RunAsync("check", "--syntax", bad);

        Assert.Equal((ExitCode.Wrong, ""), (code, output));
        Assert.StartsWith($"{bad}:2:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("check", "--flink", "new", "x.sql")]
    [InlineData("check", "/no/such/file.sql")]
    [InlineData("run", "--file", "x.sql")]
    [InlineData("run", "--file", "x.sql", "--gateway", "ftp://gateway")]
    [InlineData("fly")]
    public async Task Wrong_use_is_two(params string[] args)
    {
        var (code, _, error) = await RunAsync(args);
        Assert.Equal(ExitCode.Trouble, code);
        Assert.StartsWith("xuanwu: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Map_writes_the_script_for_another_version()
    {
        var old = Write("old.sql", "SET 'state.checkpoints.dir' = 's3://c';");

        var (code, output, error) = await RunAsync("map", old, "--to", "2.0");

        Assert.Equal((ExitCode.Ok, "SET 'execution.checkpointing.dir' = 's3://c';"), (code, output));
        Assert.StartsWith($"{old}:1:", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mock_leaves_no_connector_of_production()
    {
        var file = Write("job.sql", Script.Replace("datagen", "kafka", StringComparison.Ordinal));

        var (code, output, _) = await RunAsync("mock", file, "--flink", "1.20");

        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("'datagen'", output, StringComparison.Ordinal);
        Assert.DoesNotContain("kafka", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_shows_the_changes_of_a_query_and_leaves_nothing_behind()
    {
        await using var server = new WireServer(Answer);
        var file = Write("q.sql", "SET a = 1;\nSELECT name, n FROM clicks;");

        var (code, output, _) = await RunAsync("run", "--file", file, "--gateway", server.Address.ToString());

        Assert.Equal(ExitCode.Ok, code);
        Assert.Equal(
            ["op  name  n", "--  ----  -", "+I  rose  1", "-U  rose  1", "+U  rose  2", ""], output.Split('\n'));
        Assert.Equal(
            ["SET 'a' = '1'", "SELECT name, n FROM clicks"],
            server.Requests.Where(request => request.Path.EndsWith("/statements", StringComparison.Ordinal)).Select(
                request => JsonDocument.Parse(request.Body).RootElement.GetProperty("statement").GetString()));
        Assert.Equal(("DELETE", "/v2/sessions/s"), (server.Requests.Last().Method, server.Requests.Last().Path));
    }

    [Fact]
    public async Task A_limit_ends_the_query_in_the_gateway_too()
    {
        await using var server = new WireServer(Answer);
        var file = Write("q.sql", "SELECT name, n FROM clicks;");

        var (code, output, _) = await RunAsync(
            "run", "--file", file, "--gateway", server.Address.ToString(), "--limit", "1", "--json");

        Assert.Equal(ExitCode.Ok, code);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(JsonDocument.Parse(lines[0]).RootElement.GetProperty("gateway").GetProperty("simulated")
            .GetBoolean());
        Assert.Equal("""{"statement":1,"op":"+I","row":{"name":"rose","n":1}}""", Assert.Single(lines[1..]));
        Assert.Contains(server.Requests, request => request.Path.EndsWith("/cancel", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_trouble_and_not_a_wrong_script()
    {
        var (code, _, error) = await RunAsync(
            "run", "--file", Write("q.sql", "SELECT 1;"), "--gateway", "http://127.0.0.1:9/");
        Assert.Equal(ExitCode.Trouble, code);
        Assert.Contains("No SQL gateway answers", error, StringComparison.Ordinal);
    }

    private static string Answer(WireRequest request) => WireServer.Json(200, request switch
    {
        { Path: "/v1/info" } => """{"productName":"Apache Flink (Xuanwu sandbox)","version":"1.20.0"}""",
        { Path: "/api_versions" } => """{"versions":["V1","V2"]}""",
        { Path: "/v2/sessions" } => """{"sessionHandle":"s"}""",
        { Path: "/v2/sessions/s/statements" } when request.Body.Contains("SET", StringComparison.Ordinal) =>
            """{"operationHandle":"set"}""",
        { Path: "/v2/sessions/s/statements" } => """{"operationHandle":"query"}""",
        { Path: "/v2/sessions/s/operations/set/result/0?rowFormat=JSON" } =>
            """{"resultType":"EOS","results":{"columns":[],"data":[]}}""",
        { Path: "/v2/sessions/s/operations/query/result/0?rowFormat=JSON" } => """
            {"resultType":"PAYLOAD","isQueryResult":true,"jobID":"0f1e2d3c4b5a69788796a5b4c3d2e1f0",
             "results":{"columns":[{"name":"name","logicalType":{"type":"VARCHAR","nullable":true,"length":9}},
                                   {"name":"n","logicalType":{"type":"BIGINT","nullable":false}}],
                        "data":[{"kind":"INSERT","fields":["rose",1]},{"kind":"UPDATE_BEFORE","fields":["rose",1]},
                                {"kind":"UPDATE_AFTER","fields":["rose",2]}]},
             "nextResultUri":"/v2/sessions/s/operations/query/result/1?rowFormat=JSON"}
            """,
        { Path: "/v2/sessions/s/operations/query/result/1?rowFormat=JSON" } =>
            """{"resultType":"EOS","results":{"columns":[],"data":[]}}""",
        _ => """{"status":"CLOSED"}""",
    });

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await XuanwuCommand.RunAsync(args, new Terminal(output, error), default);
        return (code, output.ToString(), error.ToString());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
