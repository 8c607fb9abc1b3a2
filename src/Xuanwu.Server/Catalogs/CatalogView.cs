using System.Collections.Immutable;
using Xuanwu.Domain;
using Xuanwu.Domain.Catalogs;
using Xuanwu.EventStore;

namespace Xuanwu.Server.Catalogs;

/// <summary>A catalog that jobs may name; its CREATE CATALOG statement is injected before their SQL runs.</summary>
public sealed record CatalogView(
    Guid Id,
    string Name,
    string Type,
    ImmutableSortedDictionary<string, string> Properties,
    ImmutableSortedDictionary<string, string> Secrets,
    DateTimeOffset CreatedAt,
    string CreatedBy)
{
    public static readonly StreamView<CatalogView, CatalogEvent> Stored = new("catalog", Evolve);

    public static CatalogView? Evolve(CatalogView? catalog, Recorded<CatalogEvent> recorded) => recorded.Event switch
    {
        CatalogRegistered it => new(
            recorded.StreamId,
            it.Name,
            it.Type,
            it.Properties.ToImmutableSortedDictionary(),
            it.Secrets.ToImmutableSortedDictionary(),
            recorded.At,
            recorded.By),
        _ => throw new UnknownEvent(recorded.Event),
    };
}
