using Microsoft.AspNetCore.Http.Features;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>An httpGet probe, put to the container's handler without a socket.</summary>
internal static class HttpProbe
{
    public static async Task<bool> IsOkAsync(PodPort port, string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = "GET",
            Protocol = "HTTP/1.1",
            Scheme = "http",
            Path = path.Split('?')[0],
            QueryString = path[path.Split('?')[0].Length..],
            Headers = new HeaderDictionary { ["User-Agent"] = "kube-probe/sandbox" },
        });
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = limit.Token });
        var context = new DefaultHttpContext(features);
        try
        {
            await port.InvokeAsync(context).WaitAsync(limit.Token);
            return context.Response.StatusCode is >= 200 and < 400;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
