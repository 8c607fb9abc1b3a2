using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.Catalogs;

public static class CatalogQueries
{
    /// <summary>Catalogs by name.</summary>
    public static Task<Connection<CatalogView>> GetCatalogs(
        PageArguments page,
        [GraphQLType("CatalogFilterInput")] InputValue? where,
        [GraphQLType("[CatalogSortInput!]")] IReadOnlyList<InputValue>? order,
        Lists lists,
        CancellationToken ct) => lists.CatalogsAsync(new(page, where, order), ct);
}
