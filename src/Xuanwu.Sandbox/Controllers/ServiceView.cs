using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Controllers;

/// <summary>What controllers and ingress need of a Service, read once per version.</summary>
internal sealed record ServiceView(LabelSelector? Selector, IReadOnlyList<(string Name, string Port)> Ports)
{
    public static ServiceView Of(JsonObject o)
    {
        var spec = o.Child("spec");
        return new ServiceView(
            spec.Child("selector") is { Count: > 0 } selector ? LabelSelector.Of(selector) : null,
            [.. spec.Items("ports").Select(it => (it.Text("name") ?? "", it["port"]?.ToString() ?? ""))]);
    }

    /// <summary>The name of the port that is named or numbered so; null when there is none.</summary>
    public string? PortName(string port)
    {
        foreach (var (name, number) in Ports)
        {
            if (number == port || (name.Length > 0 && name == port)) return name;
        }

        return null;
    }
}
