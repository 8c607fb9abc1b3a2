namespace Xuanwu.Server.Tests;

/// <summary>A script is checked, mapped and mocked over GraphQL, before there is any job.</summary>
[Collection(nameof(XuanwuCollection))]
public sealed class SqlStories(XuanwuFixture fixture)
{
    private const string Script =
        """
        CREATE TABLE clicks (ad STRING, ts TIMESTAMP(3)) WITH (
          'connector' = 'kafka', 'topic' = 'clicks', 'properties.bootstrap.servers' = 'k:9092',
          'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
        CREATE TABLE done (ad STRING) WITH (
          'connector' = 'kafka', 'topic' = 'done', 'properties.bootstrap.servers' = 'k:9092',
          'format' = 'json', 'sink.semantic' = 'at-least-once');
        INSERT INTO done SELECT ad FROM clicks WHERE ad = 'x';
        """;

    private readonly XuanwuHost _host = fixture.Host;

    [Fact]
    public async Task A_check_tells_what_is_wrong_where_and_how_to_mend_it()
    {
        var answer = (await _host.QueryAsync(
            """
            query ($sql: String!) {
              checkSql(sql: $sql, flinkVersion: "1.20") {
                ok
                findings { code severity line column fix { title edits { start length text } } }
                statements { kind line }
                lineage { sources sinks lookups edges { source sink } connectors }
              }
            }
            """,
            new { sql = Script.Replace("'topic' = 'clicks'", "'topik' = 'clicks'", StringComparison.Ordinal) }))
            ["checkSql"]!;
        Assert.False((bool)answer["ok"]!);
        var finding = answer["findings"]!.AsArray().First(it => (int)it!["line"]! == 2)!;
        Assert.Equal("ERROR", (string?)finding["severity"]);
        Assert.Equal(
            ["CREATE_TABLE", "CREATE_TABLE", "INSERT"],
            answer["statements"]!.AsArray().Select(it => (string)it!["kind"]!));
        Assert.Equal("clicks", (string?)answer["lineage"]!["edges"]![0]!["source"]);
        Assert.Equal("done", (string?)answer["lineage"]!["edges"]![0]!["sink"]);
        Assert.Equal("kafka", (string?)Assert.Single(answer["lineage"]!["connectors"]!.AsArray()));
    }

    [Fact]
    public async Task A_map_says_what_changed_and_why()
    {
        var answer = (await _host.QueryAsync(
            """
            query ($sql: String!) {
              mapSql(sql: $sql, flinkVersion: "2.0") { sql unified changes { before after why line } findings { code } }
            }
            """,
            new { sql = Script }))["mapSql"]!;
        Assert.Contains("sink.delivery-guarantee", (string)answer["sql"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("sink.semantic", (string)answer["sql"]!, StringComparison.Ordinal);
        Assert.Contains("-", (string)answer["unified"]!, StringComparison.Ordinal);
        Assert.NotEmpty((string)answer["changes"]![0]!["why"]!);
    }

    [Fact]
    public async Task A_mock_reaches_nothing_of_production()
    {
        var answer = (await _host.QueryAsync(
            "query ($sql: String!) { mockSql(sql: $sql, rows: 20) { sql harmless changes { subject why } } }",
            new { sql = Script }))["mockSql"]!;
        Assert.True((bool)answer["harmless"]!);
        Assert.DoesNotContain("kafka", (string)answer["sql"]!, StringComparison.Ordinal);
        Assert.Contains("datagen", (string)answer["sql"]!, StringComparison.Ordinal);
        Assert.NotEmpty(answer["changes"]!.AsArray());
    }

    [Theory]
    [InlineData("checkSql(sql: \"SELECT 1\", flinkVersion: \"9.99\") { ok }", "FLINK_VERSION_UNKNOWN")]
    [InlineData("mapSql(sql: \"SELECT 1\", flinkVersion: \"two\") { sql }", "FLINK_VERSION_UNKNOWN")]
    [InlineData("mockSql(sql: \"SELECT 1\", rows: 0) { sql }", "ROWS_INVALID")]
    public async Task What_cannot_be_asked_is_refused_with_a_code(string field, string code)
    {
        var answer = await _host.SendAsync($"{{ {field} }}");
        Assert.Equal(code, (string?)answer["errors"]![0]!["extensions"]!["code"]);
    }

    [Fact]
    public async Task A_script_that_is_no_SQL_is_a_finding_and_never_an_error_of_the_server()
    {
        var answer = (await _host.QueryAsync(
            "query ($sql: String!) { checkSql(sql: $sql) { ok findings { code message line } } }",
            new { sql = new string('(', 100_000) }))["checkSql"]!;
        Assert.False((bool)answer["ok"]!);
        Assert.NotEmpty(answer["findings"]!.AsArray());
    }
}
