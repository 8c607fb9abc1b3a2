using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.GraphQL;
using Xuanwu.Testing;

namespace Xuanwu.Server.Tests;

/// <summary>
/// What others depend on is a file in schema/, so that every change of it shows in review. ./dev.sh schema rewrites
/// them.
/// </summary>
[Trait("Category", "Snapshot")]
public sealed class SnapshotTests
{
    private static readonly bool Update = Environment.GetEnvironmentVariable("XUANWU_UPDATE_SNAPSHOTS") == "1";

    [Fact]
    public void The_GraphQL_schema_is_the_one_on_file() =>
        Same("xuanwu.graphql", SchemaPrinter.Print(GraphQLSchema.Build(IsService())));

    [Fact]
    public void The_routing_table_of_messages_is_the_one_on_file() => Same(
        "messages.md",
        "# Messages\n\nWhich queue each message goes through, and how it is tried again. Which event sends it: "
            + "Commands/Policies.cs.\n\n"
        + Composition.MessageTypes().ToMarkdown());

    [Fact]
    public void Every_stored_event_has_the_shape_on_file()
    {
        var shapes = Composition.EventTypes().Catalogue();
        foreach (var shape in shapes) Same($"events/{shape.Name}.json", shape.ToJson());

        // A stored name is for ever: an event that is no longer decided is still on file, and still known to the code.
        Assert.Equal(shapes.Select(shape => $"{shape.Name}.json").Order(), Directory.GetFiles(
            Folder("events"), "*.json").Select(Path.GetFileName).Order());
    }

    private static Func<Type, bool> IsService()
    {
        var services = new ServiceCollection();
        Composition.AddServices(services, new ServerOptions { Postgres = "", Listen = new Uri("http://127.0.0.1") });
        return services.BuildServiceProvider().GetRequiredService<IServiceProviderIsService>().IsService;
    }

    private static void Same(string file, string text)
    {
        var path = Path.Combine(Folder(""), file);
        if (Update)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            return;
        }

        Assert.True(File.Exists(path), $"schema/{file} is missing; write it with ./dev.sh schema.");
        Assert.Equal(File.ReadAllText(path), text);
    }

    private static string Folder(string name) => Repository.At(Path.Combine("schema", name));
}
