using System.Globalization;

namespace Xuanwu.Sandbox.Flink;

/// <summary>
/// A Flink release. What differs between releases asks it, so that every difference is found by its uses.
/// </summary>
internal readonly record struct FlinkVersion(int Major, int Minor, int Patch)
{
    /// <summary>Reads the version at the beginning of an image tag, as in <c>1.20.1-scala_2.12-java11</c>.</summary>
    public static bool TryParse(string tag, out FlinkVersion version)
    {
        var end = 0;
        while (end < tag.Length && (char.IsAsciiDigit(tag[end]) || tag[end] == '.')) end++;

        var parts = tag[..end].TrimEnd('.').Split('.');
        var ended = end == tag.Length || tag[end] is '-' or '_' or '+';
        var numbers = new int[3];
        version = default;
        if (!ended || parts.Length is < 2 or > 3) return false;
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return false;
        }

        version = new FlinkVersion(numbers[0], numbers[1], numbers[2]);
        return true;
    }

    public bool AtLeast(int major, int minor) => Major > major || (Major == major && Minor >= minor);

    /// <summary>The RPC protocol's name in addresses: Akka became Pekko with 1.18.</summary>
    public string RpcScheme => AtLeast(1, 18) ? "pekko.tcp" : "akka.tcp";

    public override string ToString() => $"{Major}.{Minor}.{Patch}";
}
