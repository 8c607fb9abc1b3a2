using System.Globalization;

namespace Xuanwu.GraphQL.Http;

/// <summary>Content negotiation between the two media types of GraphQL responses.</summary>
public static class MediaTypes
{
    /// <summary>The media type whose status code tells whether the request was executed.</summary>
    public const string Response = "application/graphql-response+json";

    /// <summary>The older media type: 200 for every well-formed request.</summary>
    public const string Json = "application/json";

    /// <summary>
    /// The media type to answer with; null when none is accepted. No header and <c>*/*</c> mean
    /// <c>application/json</c>, which is what the audits of the specification ask for today.
    /// </summary>
    public static string? Negotiate(string? accept)
    {
        if (string.IsNullOrWhiteSpace(accept)) return Json;
        string? best = null;
        var bestQuality = 0.0;
        foreach (var range in accept.Split(','))
        {
            var parts = range.Split(';');
            var media = parts[0].Trim().ToLowerInvariant();
            var offered = media switch
            {
                Response => Response,
                Json or "application/*" or "*/*" => Json,
                _ => null,
            };
            var quality = Quality(parts);
            if (offered is null || quality <= bestQuality || !IsUtf8(parts)) continue;
            best = offered;
            bestQuality = quality;
        }

        // Who asks for events alone is told what is wrong with the request in JSON.
        return best ?? (QualityOf(accept, GraphQLSse.MediaType) > 0 || QualityOf(accept, GraphQLMultipart.MediaType) > 0
            ? Json : null);
    }

    /// <summary>How much a media type is wanted by name, from 0, not at all, to 1. Wildcards do not count.</summary>
    public static double QualityOf(string? accept, string media)
    {
        var best = 0.0;
        foreach (var range in (accept ?? "").Split(','))
        {
            var parts = range.Split(';');
            if (!parts[0].Trim().Equals(media, StringComparison.OrdinalIgnoreCase)) continue;
            best = Math.Max(best, Quality(parts));
        }

        return best;
    }

    /// <summary>Whether a request's body is JSON in UTF-8.</summary>
    public static bool IsJson(string? contentType)
    {
        if (contentType is null) return false;
        var parts = contentType.Split(';');
        return parts[0].Trim().Equals(Json, StringComparison.OrdinalIgnoreCase) && IsUtf8(parts);
    }

    private static bool IsUtf8(string[] parts)
    {
        foreach (var part in parts.Skip(1))
        {
            var pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair is [var name, var value] && name.Equals("charset", StringComparison.OrdinalIgnoreCase))
            {
                return value.Trim('"').ToLowerInvariant() is "utf-8" or "utf8";
            }
        }

        return true;
    }

    private static double Quality(string[] parts)
    {
        foreach (var part in parts.Skip(1))
        {
            var pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair is ["q" or "Q", var value])
            {
                return double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var it) ? it : 0;
            }
        }

        return 1;
    }
}
