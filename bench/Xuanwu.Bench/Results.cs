using System.Globalization;
using System.Runtime.InteropServices;

namespace Xuanwu.Bench;

/// <summary>bench/RESULTS.md: one section per benchmark, replaced by each run.</summary>
internal static class Results
{
    public static void Write(string name, string command, string body)
    {
        var file = Path.Combine(Root(), "bench", "RESULTS.md");
        var text = File.Exists(file) ? File.ReadAllText(file)
            : "# Results\n\nEach section is rewritten by its benchmark (`./dev.sh bench NAME`).\n";
        var section = $"""
            ## {name}

            `{command}`, {DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC, {Machine()}

            {body.Trim()}

            """;
        Console.WriteLine(section);
        var start = text.IndexOf($"\n## {name}\n", StringComparison.Ordinal);
        if (start < 0)
        {
            text = text.TrimEnd() + "\n\n" + section;
        }
        else
        {
            var end = text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
            text = text[..(start + 1)] + section + (end < 0 ? "" : text[end..]);
        }

        File.WriteAllText(file, text);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN
            : sorted.Count % 2 == 1 ? sorted[sorted.Count / 2]
            : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>Median with the range, so that the machine's noise is seen.</summary>
    public static string Spread(IReadOnlyCollection<double> values, string format = "N0") =>
        string.Create(CultureInfo.InvariantCulture,
            $"{Median(values).ToString(format, CultureInfo.InvariantCulture)} "
            + $"({values.Min().ToString(format, CultureInfo.InvariantCulture)}–"
            + $"{values.Max().ToString(format, CultureInfo.InvariantCulture)})");

    private static string Machine()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(
                line => line.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':')[1].Trim()
            : null;
        return $"{Environment.ProcessorCount} cores{(model is null ? "" : $" of {model}")}, "
            + $"{RuntimeInformation.OSDescription.Split(' ')[0]}, .NET {Environment.Version}";
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Xuanwu.sln"))) return folder.FullName;
        }

        return Directory.GetCurrentDirectory();
    }
}
