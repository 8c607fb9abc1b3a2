using System.Text.Json;

namespace Xuanwu.EventStore.Tests;

public enum Weather
{
    Sunny,
    Rainy,
}

public sealed record Place(string City, double? Height);

public abstract record DiaryEvent;

public sealed record DayNoted(
    int Day, string Text, string? Mood, Weather Weather, Weather? Tomorrow, DateTimeOffset At, Guid Writer,
    bool Holiday,
    IReadOnlyList<Place> Places, IReadOnlyDictionary<string, string> Labels, long? Steps) : DiaryEvent;

public sealed record DiaryBurnt : DiaryEvent;

public sealed class EventShapeTests
{
    private static readonly EventTypes Types = new EventTypes().Register<DiaryEvent>();

    [Fact]
    public void A_shape_names_every_property_with_its_type()
    {
        var shape = Types.Catalogue().Single(shape => shape.Name == "day_noted");
        Assert.Equal("""
            {"Day":"int","Text":"string","Mood?":"string","Weather":"Weather (Sunny | Rainy)","Tomorrow?":"Weather? (Sunny | Rainy)",
            "At":"DateTimeOffset","Writer":"Guid","Holiday":"boolean","Places":[{"City":"string","Height?":"double?"}],
            "Labels":{"*":"string"},"Steps?":"long?"}
            """.ReplaceLineEndings(""), shape.Properties.ToJsonString());
        Assert.Equal("Xuanwu.EventStore.Tests.DayNoted, Xuanwu.EventStore.Tests", shape.DotnetType);
    }

    [Fact]
    public void Shapes_are_in_the_order_of_their_names_and_print_the_same_each_time()
    {
        Assert.Equal(["day_noted", "diary_burnt"], Types.Catalogue().Select(shape => shape.Name));
        Assert.Equal(
            Types.Catalogue().Select(shape => shape.ToJson()), Types.Catalogue().Select(shape => shape.ToJson()));
        Assert.StartsWith("{\n  \"name\": \"day_noted\",", Types.Catalogue()[0].ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_can_be_read_as_its_type()
    {
        var noted = Types.Catalogue()[0].Sample.Deserialize<DayNoted>(Types.Json)!;
        Assert.Equal(("Text", Weather.Sunny, "City"), (noted.Text, noted.Weather, noted.Places[0].City));
        Assert.Equal(new DiaryBurnt(), Types.Catalogue()[1].Sample.Deserialize<DiaryBurnt>(Types.Json));
    }
}
