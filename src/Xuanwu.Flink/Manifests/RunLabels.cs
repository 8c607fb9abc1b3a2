using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Kubernetes;

namespace Xuanwu.Flink.Manifests;

/// <summary>
/// What every object of a run carries: labels to select it by, annotations that say what it belongs to.
/// </summary>
internal static class RunLabels
{
    public static JsonObject Labels(RunPlan plan, string component) => new()
    {
        ["app.kubernetes.io/name"] = "flink",
        ["app.kubernetes.io/instance"] = plan.ClusterId,
        ["app.kubernetes.io/component"] = component,
        ["app.kubernetes.io/managed-by"] = "xuanwu",
        ["app.kubernetes.io/version"] = plan.Spec.FlinkVersion,
        ["xuanwu.io/run"] = plan.RunId.ToString(),
        ["xuanwu.io/project"] = Value(plan.Project),
        ["xuanwu.io/job"] = Value(plan.JobName),
    };

    /// <summary>The attempt is here so that what is applied can be told from what a newer attempt wants.</summary>
    public static JsonObject Annotations(RunPlan plan) => new()
    {
        ["xuanwu.io/run"] = plan.RunId.ToString(),
        ["xuanwu.io/attempt"] = plan.Attempt.ToString(CultureInfo.InvariantCulture),
        ["xuanwu.io/job-version"] = plan.Version.ToString(CultureInfo.InvariantCulture),
        ["xuanwu.io/project"] = plan.Project,
        ["xuanwu.io/job"] = plan.JobName,
        ["xuanwu.io/owner"] = plan.Owner,
        ["xuanwu.io/flink-job"] = plan.FlinkJobId,
    };

    /// <summary>
    /// Names have letters of any script and labels have not: such a name is told by a part of its hash.
    /// </summary>
    public static string Value(string name)
    {
        if (Names.WrongWithLabelValue(name) is null) return name;
        var plain = new string([.. name.Where(char.IsAsciiLetterOrDigit).Take(40)]);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 5));
        return plain.Length == 0 ? hash : $"{plain}-{hash}";
    }
}
