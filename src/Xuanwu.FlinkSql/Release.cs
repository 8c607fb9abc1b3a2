using System.Globalization;

namespace Xuanwu.FlinkSql;

/// <summary>
/// A release number of Flink (1.20, 2.0.1) or of a connector (3.2.0, 26.1): numbers with dots between them. Missing
/// parts count as zero, so 2.0 and 2.0.0 are one release; an <c>x</c> stands for any number and counts as the highest.
/// </summary>
public readonly record struct Release : IComparable<Release>
{
    private const int Any = 99_999;

    private Release(int major, int minor, int patch, int parts) =>
        (Major, Minor, Patch, Parts) = (major, minor, patch, parts);

    public int Major { get; }

    public int Minor { get; }

    public int Patch { get; }

    // How many were written: as the end of a range, 3.0 means all of 3.0.
    private int Parts { get; }

    /// <summary>Reads 1.20, 2.0.1, 3.0.x and the like; what follows a dash (1.20-SNAPSHOT) is left out.</summary>
    public static bool TryParse(string? text, out Release release)
    {
        release = default;
        if (string.IsNullOrEmpty(text)) return false;
        Span<int> parts = [0, 0, 0];
        var count = 0;
        for (var at = 0; at < text.Length && count < 3; at++, count++)
        {
            var start = at;
            while (at < text.Length && text[at] is not ('.' or '-')) at++;
            var part = text.AsSpan(start, at - start);
            if (part is "x") parts[count] = Any;
            else if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out parts[count])
                || parts[count] >= Any) return false;
            if (at >= text.Length || text[at] != '-') continue;
            count++;
            break;
        }

        release = new(parts[0], parts[1], parts[2], count);
        return true;
    }

    /// <exception cref="FormatException">It is not a release number.</exception>
    public static Release Parse(string text) =>
        TryParse(text, out var release) ? release : throw new FormatException($"'{text}' is not a release number.");

    /// <summary>The minor release of Flink that this is a patch of: 1.20 of 1.20.4.</summary>
    public Release ToMinor() => new(Major, Minor, 0, 2);

    /// <summary>
    /// This release as the last of a range: all parts that were not written count as the highest, so that 3.0 as an end
    /// holds 3.0.2.
    /// </summary>
    public Release AsEnd() =>
        new(Major, Parts > 1 ? Minor : Any, Parts > 2 ? Patch : Any, 3);

    public int CompareTo(Release other) =>
        (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public bool Equals(Release other) => CompareTo(other) == 0;

    public override int GetHashCode() => HashCode.Combine(Major, Minor, Patch);

    public override string ToString() => Parts switch
    {
        <= 1 => Part(Major),
        2 => $"{Part(Major)}.{Part(Minor)}",
        _ => $"{Part(Major)}.{Part(Minor)}.{Part(Patch)}",
    };

    public static bool operator <(Release left, Release right) => left.CompareTo(right) < 0;

    public static bool operator >(Release left, Release right) => left.CompareTo(right) > 0;

    public static bool operator <=(Release left, Release right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Release left, Release right) => left.CompareTo(right) >= 0;

    private static string Part(int number) => number == Any ? "x" : number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Releases from one to another, both among them.</summary>
public readonly record struct ReleaseRange(Release From, Release To)
{
    /// <summary>The one release, or all its patches when no patch is written.</summary>
    public static ReleaseRange Of(Release release) => new(release, release.AsEnd());

    /// <summary>Reads 3.1.0-3.2.x or one release.</summary>
    public static bool TryParse(string? text, out ReleaseRange range)
    {
        range = default;
        if (string.IsNullOrEmpty(text)) return false;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        var (from, to) = dash < 0 ? (text, text) : (text[..dash], text[(dash + 1)..]);
        if (!Release.TryParse(from, out var first) || !Release.TryParse(to, out var last)) return false;
        range = new(first, last.AsEnd());
        return true;
    }

    public bool Contains(Release release) => From <= release && release <= To;

    public override string ToString() => From == To ? From.ToString() : $"{From} to {To}";
}
