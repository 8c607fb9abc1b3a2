namespace Xuanwu.FlinkSql.Tests;

public sealed class CreateCatalogTests
{
    [Fact]
    public void Names_keys_and_values_are_quoted()
    {
        var properties = new Dictionary<string, string> { ["uri"] = "thrift://it's", ["default-database"] = "ods" };

        Assert.Equal(
            "CREATE CATALOG `my``hive` WITH ('type' = 'hive', 'default-database' = 'ods', 'uri' = 'thrift://it''s')",
            CreateCatalog.Render("my`hive", "hive", properties));
    }
}
