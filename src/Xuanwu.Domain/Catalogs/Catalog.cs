using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Domain.Catalogs;

public abstract record CatalogEvent;

/// <summary>
/// Properties are those of CREATE CATALOG; a secret one is a reference (env:NAME or file:PATH), resolved only on the
/// way to Flink.
/// </summary>
public sealed record CatalogRegistered(
    string Name,
    string Type,
    IReadOnlyDictionary<string, string> Properties,
    IReadOnlyDictionary<string, string> Secrets) : CatalogEvent;

public sealed record RegisterCatalog(
    string Name,
    string Type,
    IReadOnlyDictionary<string, string> Properties,
    IReadOnlyDictionary<string, string> Secrets);

// What is true now: only what a decision needs. What people look at is CatalogView.
public sealed record Catalog(bool Exists)
{
    public static readonly Catalog Absent = new(Exists: false);

    private static readonly string[] SecretWords =
        ["password", "passwd", "secret", "token", "access-key", "accesskey", "credential"];

    public static Guid IdOf(string name) => Names.StreamId("catalog", name);

    public static Catalog Evolve(Catalog catalog, CatalogEvent happened) => happened switch
    {
        CatalogRegistered => catalog with { Exists = true },
        _ => throw new UnknownEvent(happened),
    };

    public static Decision<CatalogEvent> Decide(Catalog catalog, RegisterCatalog command)
    {
        if (Names.Check("catalog", command.Name, "name") is { } badName) return badName;
        if (string.IsNullOrWhiteSpace(command.Type))
        {
            return Reject("CATALOG_TYPE_MISSING", "Give the catalog's type, such as hive.", "type");
        }

        foreach (var (key, value) in command.Properties.Concat(command.Secrets).Append(new("type", command.Type)))
        {
            const string code = "CATALOG_PROPERTY_INVALID";
            var wrong = Texts.CheckLine(code, "key of a property", key, "properties")
                ?? Texts.Check(code, $"property {key}", value, "properties");
            if (wrong is not null) return wrong;
        }

        foreach (var key in command.Properties.Keys)
        {
            if (key is "type")
            {
                return Reject(
                    "CATALOG_PROPERTY_INVALID",
                    "The type is a field of its own; leave it out of the properties.",
                    "properties");
            }

            if (IsSecret(key))
            {
                return Reject(
                    "SECRET_IN_CLEAR_TEXT",
                    $"{key} looks like a secret; give it in secrets, as a reference env:NAME or file:PATH.",
                    "properties");
            }
        }

        foreach (var (key, reference) in command.Secrets)
        {
            if (key is "type" || command.Properties.ContainsKey(key))
            {
                return Reject(
                    "CATALOG_PROPERTY_INVALID", $"{key} is given twice; a key is a property or a secret.", "secrets");
            }

            if (!IsReference(reference))
            {
                return Reject(
                    "SECRET_REFERENCE_INVALID",
                    $"The secret {key} must be a reference: env:NAME or file:PATH.",
                    "secrets");
            }
        }

        if (catalog.Exists)
        {
            return Reject(
                "CATALOG_NAME_TAKEN", $"There is a catalog named {command.Name} already; choose another name.", "name");
        }

        return new CatalogRegistered(command.Name, command.Type, command.Properties, command.Secrets);
    }

    private static bool IsReference(string text) =>
        (text.StartsWith("env:", StringComparison.Ordinal) && text.Length > "env:".Length)
        || (text.StartsWith("file:", StringComparison.Ordinal) && text.Length > "file:".Length);

    /// <summary>Whether a key names a secret by the words that Flink itself hides the values of.</summary>
    public static bool IsSecret(string key) =>
        SecretWords.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase));
}
