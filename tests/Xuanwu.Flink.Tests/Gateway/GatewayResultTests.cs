using System.Numerics;
using Xuanwu.Flink.Gateway;
using Xuanwu.Flink.Rest;
using Xuanwu.Flink.Tests.Rest;
using static Xuanwu.Flink.Tests.Gateway.ScriptedGateway;

namespace Xuanwu.Flink.Tests.Gateway;

public sealed class GatewayResultTests
{
    public static TheoryData<string, string, string, object?> Values() => new()
    {
        { """{"type":"BOOLEAN","nullable":false}""", "true", "BOOLEAN NOT NULL", true },
        { """{"type":"TINYINT","nullable":true}""", "-128", "TINYINT", (sbyte)-128 },
        { """{"type":"SMALLINT","nullable":true}""", "7", "SMALLINT", (short)7 },
        { """{"type":"INTEGER","nullable":true}""", "7", "INT", 7 },
        { """{"type":"BIGINT","nullable":true}""", "9223372036854775807", "BIGINT", long.MaxValue },
        { """{"type":"FLOAT","nullable":true}""", "1.5", "FLOAT", 1.5f },
        { """{"type":"DOUBLE","nullable":true}""", "\"NaN\"", "DOUBLE", double.NaN },
        {
            """{"type":"DECIMAL","nullable":true,"precision":38,"scale":2}""",
            "123456789012345678901234567890123456.7E0", "DECIMAL(38, 2)",
            new SqlDecimal(BigInteger.Parse("12345678901234567890123456789012345670", null), 2)
        },
        {
            """{"type":"DECIMAL","nullable":true,"precision":9,"scale":9}""", "1E-9", "DECIMAL(9, 9)",
            new SqlDecimal(1, 9)
        },
        { """{"type":"VARCHAR","nullable":true,"length":2147483647}""", "\"玄武\"", "STRING", "玄武" },
        { """{"type":"CHAR","nullable":true,"length":2}""", "\"ab\"", "CHAR(2)", "ab" },
        { """{"type":"DATE","nullable":true}""", "\"2026-02-28\"", "DATE", new DateOnly(2026, 2, 28) },
        {
            """{"type":"TIME_WITHOUT_TIME_ZONE","nullable":true,"precision":3}""", "\"10:15:30.123\"", "TIME(3)",
            new TimeOnly(10, 15, 30, 123)
        },
        {
            """{"type":"TIMESTAMP_WITHOUT_TIME_ZONE","nullable":true,"precision":9}""",
            "\"2026-02-28T10:15:30.123456789\"", "TIMESTAMP(9)",
            new SqlTimestamp(new DateTime(2026, 2, 28, 10, 15, 30).AddTicks(1_234_567), 89)
        },
        {
            """{"type":"TIMESTAMP_WITH_LOCAL_TIME_ZONE","nullable":true,"precision":3}""",
            "\"2026-02-28T10:15:30.5Z\"", "TIMESTAMP_LTZ(3)",
            new SqlTimestamp(new DateTime(2026, 2, 28, 10, 15, 30, 500, DateTimeKind.Utc), 0)
        },
        {
            """{"type":"INTERVAL_YEAR_MONTH","nullable":true,"precision":2,"resolution":"YEAR_TO_MONTH"}""", "14",
            "INTERVAL YEAR TO MONTH", new SqlMonths(14)
        },
        {
            """{"type":"INTERVAL_DAY_TIME","nullable":true,"precision":2,"fractionalPrecision":3,"resolution":"DAY"}""",
            "86400000", "INTERVAL DAY", TimeSpan.FromDays(1)
        },
        { """{"type":"NULL"}""", "null", "NULL", null },
        { """{"type":"VARIANT","nullable":true}""", """{"a":1}""", "VARIANT", """{"a":1}""" },
        { """{"type":"INTEGER","nullable":true}""", "\"not a number\"", "INT", "not a number" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_value_has_the_type_of_its_column(string type, string json, string name, object? expected)
    {
        var result = await OneAsync(type, json);
        Assert.Equal(name, Assert.Single(result.Columns).Type.ToString());
        Assert.Equal(expected, Assert.Single(Assert.Single(result.Rows).Fields));
    }

    [Fact]
    public async Task Values_within_values_are_typed_too()
    {
        const string row = """
            {"type":"ROW","nullable":true,"fields":[
              {"name":"tags","fieldType":{"type":"ARRAY","nullable":true,"elementType":{"type":"DATE","nullable":true}}},
              {"name":"n","fieldType":{"type":"MAP","nullable":true,
                "keyType":{"type":"VARCHAR","nullable":false,"length":3},"valueType":{"type":"BIGINT","nullable":true}}},
              {"name":"raw","fieldType":{"type":"VARBINARY","nullable":true,"length":2147483647}}]}
            """;

        var result = await OneAsync(row, """{"tags":["2026-01-01",null],"n":{"a":1},"raw":"AQI="}""");

        Assert.Equal(
            "ROW<`tags` ARRAY<DATE>, `n` MAP<VARCHAR(3) NOT NULL, BIGINT>, `raw` BYTES>",
            result.Columns[0].Type.ToString());
        Assert.Equal("([2026-01-01, NULL], {a=1}, x'0102')", SqlValue.Show(result.Rows[0].Fields[0]));
    }

    [Fact]
    public async Task A_look_at_a_result_has_three_answers_and_a_failure_is_one_that_exists()
    {
        await using var scripted = new ScriptedGateway(_ =>
        [
            WireServer.Answer(200, "text/html", "<html>"),
            Page("""{"resultType":"LATER"}"""),
            Error("org.apache.flink.table.gateway.api.utils.SqlGatewayException: Session 's-1' does not exist."),
            Error("org.apache.flink.table.api.TableException: x\n\tat a.B.c(B.java:1)\nCaused by: "
                + "java.lang.ArithmeticException: / by zero\n\tat a.B.c(B.java:1)"),
        ]);
        var session = await scripted.Gateway.OpenSessionAsync(new Dictionary<string, string>(), default);
        var operation = await session.StartAsync("SELECT 1 / 0", default);

        Assert.IsType<Unknown<ResultPage>>(await operation.FetchAsync(0, default));
        Assert.IsType<Unknown<ResultPage>>(await operation.FetchAsync(0, default));
        Assert.IsType<Absent<ResultPage>>(await operation.FetchAsync(0, default));
        var failed = Assert.IsType<Failed>(
            Assert.IsType<Exists<ResultPage>>(await operation.FetchAsync(0, default)).Value);
        Assert.Equal("java.lang.ArithmeticException: / by zero", failed.Error.Message);
    }

    [Fact]
    public async Task A_forgotten_session_is_told_apart_from_a_gateway_that_says_nothing()
    {
        await using var scripted = new ScriptedGateway(_ =>
            [Error("org.apache.flink.table.gateway.api.utils.SqlGatewayException: Session 's-1' does not exist.")]);
        var session = await scripted.Gateway.OpenSessionAsync(new Dictionary<string, string>(), default);
        await Assert.ThrowsAsync<SessionLost>(() => session.ExecuteAsync("SELECT 1", default));
    }

    private static async Task<StatementResult> OneAsync(string type, string value)
    {
        await using var scripted = new ScriptedGateway(_ =>
        [
            Page($$$"""
                {"resultType":"EOS","isQueryResult":true,"results":{
                  "columns":[{"name":"c","logicalType":{{{type}}},"comment":null}],
                  "data":[{"kind":"INSERT","fields":[{{{value}}}]}]}}
                """),
        ]);
        var session = await scripted.Gateway.OpenSessionAsync(new Dictionary<string, string>(), default);
        return await session.ExecuteAsync("SELECT c", default);
    }
}
