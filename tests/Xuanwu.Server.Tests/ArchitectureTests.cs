using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Xuanwu.Testing;

namespace Xuanwu.Server.Tests;

/// <summary>Arrows point downward only (docs/architecture.md). The project files are the truth; this table is the
/// rule.</summary>
public sealed class ArchitectureTests
{
    public static readonly TheoryData<string, string> Allowed = new()
    {
        { "Xuanwu.Domain", "" },
        { "Xuanwu.Postgres", "" },
        { "Xuanwu.EventStore", "Xuanwu.Postgres" },
        { "Xuanwu.Messaging", "Xuanwu.Postgres" },
        { "Xuanwu.GraphQL", "" },
        { "Xuanwu.FlinkSql", "" },
        { "Xuanwu.Kubernetes", "" },
        { "Xuanwu.Flink", "Xuanwu.Domain Xuanwu.FlinkSql Xuanwu.Kubernetes" },
        { "Xuanwu.Sandbox", "" },
        { "Xuanwu.Cli", "Xuanwu.Flink Xuanwu.FlinkSql" },
        { "Xuanwu.Server", "Xuanwu.EventStore Xuanwu.Flink Xuanwu.FlinkSql Xuanwu.GraphQL Xuanwu.Kubernetes "
            + "Xuanwu.Messaging" },
    };

    public static readonly TheoryData<string, string> Packages = new()
    {
        { "Xuanwu.Domain", "Microsoft.CodeAnalysis.BannedApiAnalyzers" },
        { "Xuanwu.Postgres", "Npgsql" },
        { "Xuanwu.EventStore", "" },
        { "Xuanwu.Messaging", "" },
        { "Xuanwu.GraphQL", "" },
        { "Xuanwu.FlinkSql", "" },
        { "Xuanwu.Kubernetes", "YamlDotNet" },
        { "Xuanwu.Flink", "" },
        { "Xuanwu.Sandbox", "YamlDotNet" },
        { "Xuanwu.Cli", "Spectre.Console System.CommandLine" },
        { "Xuanwu.Server", "DiffPlex" },
    };

    // Flink's and Relay's own terms for their things.
    private static readonly string[] FieldTerms = ["JobManager", "TaskManager", "PageInfo"];

    [Theory]
    [MemberData(nameof(Allowed))]
    public void An_assembly_refers_to_what_its_layer_allows(string assembly, string references) => Assert.Equal(
        references.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Includes(assembly, "ProjectReference").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Packages))]
    public void An_assembly_uses_the_packages_that_were_decided_on(string assembly, string packages) => Assert.Equal(
        packages.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Includes(assembly, "PackageReference").Order(StringComparer.Ordinal));

    [Fact]
    public void Every_assembly_is_in_the_table() => Assert.Equal(
        Directory.GetDirectories(Source()).Select(Path.GetFileName)
            .Where(name => name!.StartsWith("Xuanwu.", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
        Allowed.Select(row => (string?)row[0]).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Manager")]
    [InlineData("Helper")]
    [InlineData("Util")]
    [InlineData("Utils")]
    [InlineData("Base")]
    [InlineData("Impl")]
    [InlineData("Common")]
    [InlineData("Info")]
    [InlineData("Data")]
    public void No_type_has_a_name_that_says_nothing(string word)
    {
        // The command is no part of the server, and so is not among what these tests load.
        var types = Allowed.Where(row => (string)row[0] != "Xuanwu.Cli")
            .SelectMany(row => Assembly.Load((string)row[0]).GetTypes())
            .Where(type => type.Namespace?.StartsWith("Xuanwu", StringComparison.Ordinal) == true)
            .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));
        var wrong = types.Select(type => type.Name.Split('`')[0])
            .Where(name => name.EndsWith(word, StringComparison.Ordinal))
            .Where(name => !FieldTerms.Any(term => name.EndsWith(term, StringComparison.Ordinal)));
        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Includes(string assembly, string item) =>
        XDocument.Load(Path.Combine(Source(), assembly, $"{assembly}.csproj")).Descendants(item).Select(
            found => (string)found.Attribute("Include")!);

    private static string Source() => Repository.At("src");
}
