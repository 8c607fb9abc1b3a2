using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Tests.Dictionary;

public sealed class SecretNamesTests
{
    [Theory]
    [InlineData("password", OptionSecrecy.Value)]
    [InlineData("properties.sasl.jaas.config", OptionSecrecy.Value)]
    [InlineData("fs.s3a.secret.key", OptionSecrecy.Value)]
    [InlineData("fs.oss.accessKeyId", OptionSecrecy.Value)]
    [InlineData("debezium.database.ssl.keystore.password", OptionSecrecy.Value)]
    [InlineData("properties.ssl.keystore.location", OptionSecrecy.None)]
    [InlineData("security.delegation.tokens.enabled", OptionSecrecy.None)]
    [InlineData("credentials-source", OptionSecrecy.None)]
    [InlineData("jdbc-url", OptionSecrecy.Embedded)]
    [InlineData("topic", OptionSecrecy.None)]
    public void A_name_tells_what_is_secret(string key, OptionSecrecy secrecy) =>
        Assert.Equal(secrecy, SecretNames.Of(key));

    [Theory]
    [InlineData("jdbc:mysql://db/x?user=a&password=hush&ssl=true", "hush")]
    [InlineData("mongodb://app:hush@mongo:27017/x", "hush")]
    [InlineData("jdbc:mysql://db/x?user=a", null)]
    [InlineData("mongodb://app:${secret:mongo}@mongo:27017/x", null)]
    [InlineData("http://es:9200;http://es2:9200", null)]
    [InlineData("jdbc:mysql://db/x?password=${secret:db}", null)]
    public void A_secret_within_a_url_is_found(string value, string? secret) =>
        Assert.Equal(secret, SecretNames.In(value) is { } range ? value[range] : null);
}
