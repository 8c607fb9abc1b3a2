using System.Text.Json;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Types;

public sealed class SchemaBuilderTests
{
    public sealed record Everything(
        byte[] Bytes, Uri Address, DateOnly Day, TimeOnly Time, decimal Price, short Small, byte Tiny, JsonElement Any,
        float Single, Ticket Ticket, IReadOnlyDictionary<string, int> Counts, Pair Pair, Shape Shape, int?[]? Maybe);

    public readonly record struct Ticket(int Number);

    public readonly record struct Pair(int Left, string Right);

    public abstract record Shape(double Area);

    public sealed record Circle(double Area, double Radius) : Shape(Area);

    public sealed record Square(double Area) : Shape(Area);

    public sealed record Loop(Loop? Next, string Name);

    public static class Queries
    {
        public static Everything Everything() => new(
            [1, 2], new Uri("https://example.org/a"), new DateOnly(2026, 2, 3), new TimeOnly(4, 5, 6), 1.50m, 7, 8,
            JsonElement.Parse("""{"a":[1,null]}"""), 0.1f, new Ticket(9), new Dictionary<string, int> { ["k"] = 1 },
            new Pair(1, "r"), new Circle(2, 3), [1, null]);

        public static string Show(
            byte[] bytes, DateOnly day, TimeOnly time, decimal price, JsonElement any, Ticket ticket, DateTime at,
            TimeSpan span, IReadOnlyDictionary<string, int> counts, ISet<int> set, float single) =>
            FormattableString.Invariant(
                $"{bytes.Length} {day:O} {time:O} {price} {any.GetRawText()} {ticket.Number} {at:O} {span} {counts["k"]} {set.Count} {single}");

        public static Loop Loop() => new(new Loop(null, "inner"), "outer");
    }

    public static class Twice
    {
        public static int GetLoop() => 1;
    }

    private static SchemaBuilder Builder() => new SchemaBuilder()
        .Query(typeof(Queries))
        .Union<Shape>(null, typeof(Circle), typeof(Square))
        .Scalar("Ticket", text => new Ticket(int.Parse(text.TrimStart('#'), null)), it => $"#{it.Number}");

    [Fact]
    public void The_sample_schema_is_as_its_snapshot_says()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Types", "sample.graphql");

        Assert.Equal(File.ReadAllText(file), SchemaPrinter.Print(Sample.Schema));
    }

    [Fact]
    public void A_printed_schema_can_be_read_again()
    {
        var printed = SchemaPrinter.Print(Sample.Schema);

        Assert.Equal(printed, SchemaPrinter.Print(SdlSchema.Build(printed, new SdlResolvers { Resolve = _ => null })));
    }

    [Fact]
    public async Task Every_scalar_is_written_in_its_format() => Assert.Equal(
        """{"data":{"everything":{"bytes":"AQI=","address":"https://example.org/a","day":"2026-02-03","time":"04:05:06","price":1.50,"small":7,"tiny":8,"any":{"a":[1,null]},"single":0.1,"ticket":"#9","counts":[{"key":"k","value":1}],"pair":{"left":1,"right":"r"},"shape":{"__typename":"Circle","radius":3},"maybe":[1,null]}}}""",
        await Builder().Build().AskAsync("""
            { everything {
              bytes address day time price small tiny any single ticket counts { key value } pair { left right }
              shape { __typename ... on Circle { radius } } maybe
            } }
            """));

    [Fact]
    public async Task Every_scalar_is_read_from_its_format() => Assert.Equal(
        """{"data":{"show":"2 2026-02-03 04:05:06.0000000 1.50 {\"a\":[1,null]} 9 2026-01-01T22:00:00.0000000Z 01:30:00 5 2 0.5"}}""",
        await Builder().Build().AskAsync("""
            { show(
              bytes: "AQI=", day: "2026-02-03", time: "04:05:06", price: 1.50, any: {a: [1, null]}, ticket: "#9",
              at: "2026-01-02T00:00:00+02:00", span: "PT1H30M", counts: [{key: "k", value: 5}], set: [1, 2, 2], single: 0.5
            ) }
            """));

    [Fact]
    public async Task Types_may_refer_to_themselves() => Assert.Equal(
        """{"data":{"loop":{"name":"outer","next":{"name":"inner","next":null}}}}""",
        await Builder().Build().AskAsync("{ loop { name next { name next { name } } } }"));

    [Fact]
    public void Two_methods_of_one_field_name_are_an_error()
    {
        var thrown = Assert.Throws<SchemaException>(() => Builder().Query(typeof(Twice)).Build());

        Assert.Contains("two fields \"loop\"", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parameter_that_cannot_be_an_argument_is_an_error()
    {
        var thrown = Assert.Throws<SchemaException>(
            () => new SchemaBuilder().Query(typeof(NeedsService)).Build());

        Assert.Contains("NeedsService.Stream", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("is it a service?", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_service_fails_the_field_alone()
    {
        var schema = new SchemaBuilder().Query(typeof(NeedsService)).Services(it => it == typeof(Stream)).Build();

        Assert.Contains("Unexpected Execution Error", await schema.AskAsync("{ stream }"), StringComparison.Ordinal);
    }

    public static class NeedsService
    {
        public static long? Stream(Stream stream) => stream.Length;
    }
}
