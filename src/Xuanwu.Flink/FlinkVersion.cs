using System.Globalization;

namespace Xuanwu.Flink;

/// <summary>
/// A Flink release line, major and minor. What differs between releases asks it, so that every difference is found by
/// its uses.
/// </summary>
public readonly record struct FlinkVersion(int Major, int Minor) : IComparable<FlinkVersion>
{
    /// <summary>The releases whose settings and protocols this code knows.</summary>
    public static IReadOnlyList<FlinkVersion> Known { get; } =
        [new(1, 16), new(1, 17), new(1, 18), new(1, 19), new(1, 20), new(2, 0), new(2, 1), new(2, 2)];

    /// <summary>Reads a known version, such as <c>1.20</c>.</summary>
    /// <exception cref="ArgumentException">It is not one; the message is a sentence for the user.</exception>
    public static FlinkVersion Parse(string text) =>
        TryParse(text, out var version, out var wrong) ? version : throw new ArgumentException(wrong, nameof(text));

    /// <summary>
    /// Reads a known version; when it is not one, <paramref name="wrong"/> says so in a sentence for the user.
    /// </summary>
    public static bool TryParse(string text, out FlinkVersion version, out string? wrong)
    {
        ArgumentNullException.ThrowIfNull(text);
        version = default;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0
            && int.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
        {
            version = new(major, minor);
        }

        wrong = Known.Contains(version)
            ? null
            : $"Flink {Shown(text)} is not a version that Xuanwu knows; it knows {string.Join(", ", Known)}.";
        return wrong is null;
    }

    public bool AtLeast(int major, int minor) => CompareTo(new(major, minor)) >= 0;

    public int CompareTo(FlinkVersion other) =>
        Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    public static bool operator <(FlinkVersion one, FlinkVersion other) => one.CompareTo(other) < 0;

    public static bool operator >(FlinkVersion one, FlinkVersion other) => one.CompareTo(other) > 0;

    public static bool operator <=(FlinkVersion one, FlinkVersion other) => one.CompareTo(other) <= 0;

    public static bool operator >=(FlinkVersion one, FlinkVersion other) => one.CompareTo(other) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static string Shown(string text) => $"'{(text.Length > 32 ? text[..32] + "…" : text)}'";
}
