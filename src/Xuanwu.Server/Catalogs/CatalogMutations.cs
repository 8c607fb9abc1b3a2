using Xuanwu.Domain.Catalogs;
using Xuanwu.Server.Commands;
using Xuanwu.Server.GraphQL;
using Xuanwu.Server.Http;

namespace Xuanwu.Server.Catalogs;

/// <param name="Name">The catalog's name, as jobs and SQL name it.</param>
/// <param name="Type">The catalog's type, such as hive, jdbc or iceberg.</param>
/// <param name="Properties">The other properties of CREATE CATALOG.</param>
/// <param name="Secrets">Secret properties, as references: env:NAME or file:PATH.</param>
/// <param name="CommandId">Makes a repeat of this command harmless.</param>
public sealed record RegisterCatalogInput(
    string Name, string Type, IReadOnlyList<KeyValue>? Properties, IReadOnlyList<KeyValue>? Secrets, string? CommandId);

public sealed record RegisterCatalogPayload(CatalogView? Catalog, IReadOnlyList<Error>? Errors);

public static class CatalogMutations
{
    /// <summary>Registers a catalog that jobs may name.</summary>
    public static async Task<RegisterCatalogPayload> RegisterCatalog(
        RegisterCatalogInput input,
        Caller caller,
        CommandRunner commands,
        EventStore.EventStore store,
        CancellationToken ct)
    {
        var id = Catalog.IdOf(input.Name);
        var (properties, wrongProperty) = KeyValue.Read(input.Properties, "properties");
        var (secrets, wrongSecret) = KeyValue.Read(input.Secrets, "secrets");
        var command = new RegisterCatalog(input.Name, input.Type, properties, secrets);
        var result = await commands.RunAsync(
            caller.By<RegisterCatalog>(input.CommandId),
            caller.Key<RegisterCatalog>(input.CommandId, id),
            async scope => wrongProperty ?? wrongSecret
                ?? await scope.DecideAsync(Aggregates.Catalog, id, catalog => Catalog.Decide(catalog, command)),
            ct);
        return result.Rejection is null
            ? new(await store.FindViewAsync<CatalogView>(id, ct), Errors: null)
            : new(Catalog: null, Error.Of(result.Rejection));
    }
}
