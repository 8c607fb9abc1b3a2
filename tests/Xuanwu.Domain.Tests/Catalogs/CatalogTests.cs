using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Xuanwu.Domain.Catalogs;

namespace Xuanwu.Domain.Tests.Catalogs;

public sealed class CatalogTests
{
    private static readonly Aggregate<Catalog, CatalogEvent> TheCatalog = new(
        Catalog.Absent, Catalog.Evolve, (catalog, command) => Catalog.Decide(catalog, (RegisterCatalog)command));

    private static readonly IReadOnlyDictionary<string, string> None = ImmutableSortedDictionary<string, string>.Empty;

    private static readonly RegisterCatalog Hive =
        new("hive", "hive", Pair("hive-conf-dir", "/opt/hive/conf"), Pair("password", "env:HIVE_PASSWORD"));

    private static Story<Catalog, CatalogEvent> Given(params CatalogEvent[] past) => TheCatalog.Given(past);

    private static Dictionary<string, string> Pair(string key, string value) => new() { [key] = value };

    [Fact]
    public void A_catalog_is_registered_under_a_name_of_its_own()
    {
        Given().When(Hive).Then(new CatalogRegistered(Hive.Name, Hive.Type, Hive.Properties, Hive.Secrets))
            .When(Hive with { Type = "jdbc" }).ThenRejected("CATALOG_NAME_TAKEN", "name");
    }

    [Fact]
    public void Name_and_type_must_be_given()
    {
        Given().When(Hive with { Name = "a b" }).ThenRejected("CATALOG_NAME_INVALID", "name");
        Given().When(Hive with { Type = " " }).ThenRejected("CATALOG_TYPE_MISSING", "type");
        Given().When(Hive with { Properties = Pair("type", "hive") })
            .ThenRejected("CATALOG_PROPERTY_INVALID", "properties");
    }

    [Theory]
    [InlineData("password")]
    [InlineData("default-Password")]
    [InlineData("s3.secret-key")]
    [InlineData("s3.access-key")]
    [InlineData("auth.token")]
    [InlineData("fs.oss.accessKeyId")]
    [InlineData("gcp.credentials")]
    public void A_secret_is_never_stored_in_clear_text(string key)
    {
        var why = Given().When(Hive with { Properties = Pair(key, "hunter2") })
            .ThenRejected("SECRET_IN_CLEAR_TEXT", "properties");
        Assert.DoesNotContain("hunter2", why.Message, StringComparison.Ordinal);
        Given().When(Hive with { Properties = None, Secrets = Pair(key, "file:secrets/one") })
            .Then(new CatalogRegistered("hive", "hive", None, Pair(key, "file:secrets/one")));
    }

    [Theory]
    [InlineData("hunter2")]
    [InlineData("")]
    [InlineData("vault:x")]
    [InlineData("env:")]
    [InlineData("file:")]
    public void A_secret_is_given_as_a_reference(string value)
    {
        var why = Given().When(Hive with { Secrets = Pair("password", value) })
            .ThenRejected("SECRET_REFERENCE_INVALID", "secrets");
        Assert.True(value.Length < 7 || !why.Message.Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_is_a_property_or_a_secret_and_not_both() =>
        Given().When(Hive with { Properties = Pair("user", "li"), Secrets = Pair("user", "env:USER") })
            .ThenRejected("CATALOG_PROPERTY_INVALID", "secrets");

    private static readonly Gen<object> Commands =
        from name in Gen.Elements("hive", "", "jdbc")
        from type in Gen.Elements("hive", "")
        from properties in Gen.Elements(None, Pair("a", "1"), Pair("token", "1"))
        select (object)new RegisterCatalog(name, type, properties, None);

    [Fact]
    public void Whatever_is_asked_a_catalog_begins_once() =>
        Laws.Hold(TheCatalog, Commands, events => events.Count <= 1);

    private sealed record CatalogPainted : CatalogEvent;

    [Fact]
    public void An_event_of_a_later_release_is_an_error() =>
        Assert.Throws<UnknownEvent>(() => Given(new CatalogPainted()));
}
