using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Types;

public sealed class SchemaBuilderTests
{
    [Fact]
    public void The_sample_schema_is_as_its_snapshot_says()
    {
        var printed = SchemaPrinter.Print(Sample.Schema);
        var file = Path.Combine(AppContext.BaseDirectory, "Types", "sample.graphql");
        Assert.Equal(File.ReadAllText(file), printed);
    }
}
