using System.Buffers;

namespace Xuanwu.Kubernetes;

/// <summary>
/// What Kubernetes accepts as names (concepts/overview/working-with-objects/names and labels). Each check gives null
/// for a good name, else a sentence that says what is wrong and what would be right.
/// </summary>
public static class Names
{
    private static readonly SearchValues<char> Inside = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> AlphaNumeric =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    private static readonly SearchValues<char> Qualified =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>DNS-1123 label: names of namespaces and containers.</summary>
    public static string? WrongWithLabel(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0) return "A name is needed; it is empty.";
        if (name.Length > 63) return $"The name has {name.Length} characters; at most 63 are allowed.";
        return WrongInside(name, name);
    }

    /// <summary>DNS-1123 subdomain: names of most objects.</summary>
    public static string? WrongWithSubdomain(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0) return "A name is needed; it is empty.";
        if (name.Length > 253) return $"The name has {name.Length} characters; at most 253 are allowed.";
        foreach (var part in name.Split('.'))
        {
            if (part.Length == 0) return $"The name '{name}' has an empty part: a dot first, last or beside another.";
            if (WrongInside(name, part) is { } wrong) return wrong;
        }

        return null;
    }

    /// <summary>DNS-1035 label: names of Services, which must begin with a letter.</summary>
    public static string? WrongWithServiceName(string name) =>
        WrongWithLabel(name)
        ?? (char.IsAsciiDigit(name[0]) ? $"The name '{name}' begins with '{name[0]}'; begin it with a letter." : null);

    /// <summary>A path segment: names of Roles and RoleBindings.</summary>
    public static string? WrongWithPathSegment(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0) return "A name is needed; it is empty.";
        if (name is "." or "..") return $"The name may not be '{name}'.";
        var at = name.AsSpan().IndexOfAny('/', '%');
        return at < 0 ? null : $"The name '{name}' has '{name[at]}' in it; neither '/' nor '%' is allowed.";
    }

    /// <summary>Value of a label: empty, or up to 63 characters.</summary>
    public static string? WrongWithLabelValue(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Length == 0 ? null : WrongWithQualified("label value", value);
    }

    /// <summary>Key of a label or annotation: a name, with a DNS prefix and a slash before it or without.</summary>
    public static string? WrongWithLabelKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length == 0) return "A label key is needed; it is empty.";
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return WrongWithQualified("label key", key);
        if (WrongWithSubdomain(key[..slash]) is { } wrong) return $"The prefix of the label key '{key}': {wrong}";
        return slash == key.Length - 1
            ? $"The label key '{key}' has nothing after its slash."
            : WrongWithQualified("label key", key[(slash + 1)..]);
    }

    private static string? WrongInside(string name, string part)
    {
        var odd = part.AsSpan().IndexOfAnyExcept(Inside);
        if (odd >= 0)
        {
            return $"The name '{name}' has '{part[odd]}' in it; only lower-case letters, digits and '-' are allowed.";
        }

        if (part[0] == '-') return $"The name '{name}' begins with '-'; begin it with a letter or digit.";
        return part[^1] == '-' ? $"The name '{name}' ends with '-'; end it with a letter or digit." : null;
    }

    private static string? WrongWithQualified(string what, string text)
    {
        if (text.Length > 63) return $"The {what} has {text.Length} characters; at most 63 are allowed.";
        var odd = text.AsSpan().IndexOfAnyExcept(Qualified);
        if (odd >= 0)
        {
            return $"The {what} '{text}' has '{text[odd]}' in it; only letters, digits, '-', '_' and '.' are allowed.";
        }

        return AlphaNumeric.Contains(text[0]) && AlphaNumeric.Contains(text[^1])
            ? null
            : $"The {what} '{text}' must begin and end with a letter or digit.";
    }
}
