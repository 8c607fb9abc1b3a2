using System.Text.RegularExpressions;
using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Domain.Clusters;

/// <summary>What every cluster must keep; whether it answers is seen when it is used.</summary>
public static partial class ClusterSpecRules
{
    public static Rejection? Check(ClusterSpec spec)
    {
        if (spec.ApiServer.Any(IsBlank)
            || !Uri.TryCreate(spec.ApiServer, UriKind.Absolute, out var api)
            || api.Scheme is not ("http" or "https")
            || api.UserInfo != "")
        {
            return Reject(
                "API_SERVER_INVALID",
                "The API server's address is not an http(s) address without a user; give one such as "
                + "https://host:6443.",
                "apiServer");
        }

        if (spec.Credential != "in-cluster" && !Kubeconfig().IsMatch(spec.Credential))
        {
            return Reject(
                "CREDENTIAL_INVALID",
                "A credential is a reference: kubeconfig:PATH, kubeconfig:PATH#CONTEXT, or in-cluster.",
                "credential");
        }

        if (spec.Namespace.Length > 63 || !Label().IsMatch(spec.Namespace))
        {
            return Reject(
                "NAMESPACE_INVALID",
                $"'{spec.Namespace}' is not a Kubernetes namespace: at most 63 lower-case letters, digits and "
                + "'-', starting and ending with a letter or digit.",
                "namespace");
        }

        var host = spec.IngressHost.Replace("{run}", "xw-0", StringComparison.Ordinal);
        if (host.Any(IsBlank)
            || !Uri.TryCreate(host, UriKind.Absolute, out var ingress)
            || !ingress.Host.Contains("xw-0", StringComparison.Ordinal)
            || spec.IngressHost.Contains("xw-0", StringComparison.Ordinal)
            || ingress.Scheme is not ("http" or "https"))
        {
            return Reject(
                "INGRESS_HOST_INVALID",
                "The ingress host must be an http(s) address that has {run} in its host, such as "
                + "https://{run}.flink.example.com.",
                "ingressHost");
        }

        return Directory(spec.HighAvailabilityDirectory, "highAvailabilityDirectory")
            ?? Directory(spec.CheckpointDirectory, "checkpointDirectory")
            ?? Directory(spec.SavepointDirectory, "savepointDirectory");
    }

    public static Rejection? CheckImage(string image) => Image().IsMatch(image)
        ? null
        : Reject(
            "IMAGE_INVALID",
            $"'{image}' is not a container image reference, such as flink:1.20-scala_2.12-java17.",
            "image");

    public static bool IsVersion(string version) => Version().IsMatch(version);

    private static Rejection? Directory(string directory, string field) =>
        !directory.Any(IsBlank)
            && Uri.TryCreate(directory, UriKind.Absolute, out var uri)
            && directory.Contains(":/", StringComparison.Ordinal)
            && uri.UserInfo == ""
            ? null
            : Reject(
                "DIRECTORY_INVALID",
                $"{field} is not an absolute address such as s3://bucket/flink or file:///data/flink.",
                field);

    private static bool IsBlank(char letter) => char.IsWhiteSpace(letter) || char.IsControl(letter);

    [GeneratedRegex(@"\Akubeconfig:[^#\p{Cc}]+(#[^\p{Cc}]+)?\z")]
    private static partial Regex Kubeconfig();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();

    [GeneratedRegex(@"\A[1-9]\.(0|[1-9][0-9]?)\z")]
    private static partial Regex Version();

    [GeneratedRegex(@"\A[a-z0-9]+([._:/-]+[a-zA-Z0-9]+)*(@sha256:[0-9a-f]{64})?\z")]
    private static partial Regex Image();
}
