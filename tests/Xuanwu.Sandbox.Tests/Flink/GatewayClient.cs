using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Flink;

/// <summary>A session on a gateway, over its REST API.</summary>
public sealed class GatewayClient(FlinkHost host, FlinkPod pod, string session, string api)
{
    public string Session => session;

    public static async Task<GatewayClient> OpenAsync(
        FlinkHost host, FlinkPod pod, Dictionary<string, string>? properties = null, string api = "v2")
    {
        var body = new JsonObject { ["properties"] = ToJson(properties) };
        var (status, answer) = await pod.SendAsync("POST", $"/{api}/sessions", body, 8083);
        Assert.Equal(200, status);
        return new GatewayClient(host, pod, (string)answer["sessionHandle"]!, api);
    }

    public Task<(int Status, JsonNode Body)> SendAsync(string method, string path, JsonNode? body = null) =>
        pod.SendAsync(method, $"/{api}/sessions/{session}{path}", body, 8083);

    public async Task<string> SubmitAsync(string sql, Dictionary<string, string>? config = null)
    {
        var body = new JsonObject { ["statement"] = sql };
        if (config is not null) body["executionConfig"] = ToJson(config);
        var (status, answer) = await SendAsync("POST", "/statements", body);
        Assert.Equal(200, status);
        return (string)answer["operationHandle"]!;
    }

    public async Task<string> StatusAsync(string operation) =>
        (string)(await SendAsync("GET", $"/operations/{operation}/status")).Body["status"]!;

    public Task<(int Status, JsonNode Body)> FetchAsync(string operation, int token = 0) =>
        SendAsync("GET", $"/operations/{operation}/result/{token}{(api == "v1" ? "" : "?rowFormat=JSON")}");

    /// <summary>Runs a statement to its end, for up to five seconds of the clock.</summary>
    public async Task<(int Status, JsonNode Body)> RunAsync(string sql, Dictionary<string, string>? config = null)
    {
        var operation = await SubmitAsync(sql, config);
        for (var i = 0; i < 50; i++)
        {
            var fetched = await FetchAsync(operation);
            if ((string?)fetched.Body["resultType"] != "NOT_READY") return fetched;
            host.Advance(0.1);
        }

        throw new TimeoutException(sql);
    }

    public async Task OkAsync(string sql)
    {
        var (status, body) = await RunAsync(sql);
        Assert.True(status == 200, body.ToJsonString());
    }

    /// <summary>The failure's stack trace.</summary>
    public async Task<string> FailAsync(string sql, Dictionary<string, string>? config = null)
    {
        var (status, body) = await RunAsync(sql, config);
        Assert.True(status == 500, body.ToJsonString());
        Assert.Equal("Internal server error.", (string?)body["errors"]![0]);
        return (string)body["errors"]![1]!;
    }

    /// <summary>Makes a source, a sink and the job between them; answers the job id.</summary>
    public async Task<string> StartJobAsync(
        Dictionary<string, string>? config = null, string source = "'connector'='kafka'")
    {
        await OkAsync($"CREATE TABLE IF NOT EXISTS clicks (id BIGINT, at TIMESTAMP(3)) WITH ({source})");
        await OkAsync("CREATE TABLE IF NOT EXISTS shown (id BIGINT) WITH ('connector'='print')");
        var (status, body) = await RunAsync("INSERT INTO shown SELECT id FROM clicks", config);
        Assert.True(status == 200, body.ToJsonString());
        return (string)body["results"]!["data"]![0]!["fields"]![0]!;
    }

    private static JsonObject ToJson(Dictionary<string, string>? map)
    {
        var json = new JsonObject();
        foreach (var (key, value) in map ?? []) json[key] = value;
        return json;
    }
}
