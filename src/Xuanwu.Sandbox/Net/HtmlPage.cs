using Microsoft.AspNetCore.WebUtilities;

namespace Xuanwu.Sandbox.Net;

/// <summary>The pages that proxies answer in place of what was asked for, as nginx writes them.</summary>
internal static class HtmlPage
{
    public static async Task WriteAsync(HttpContext context, int status, string? text = null)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/html";
        var title = $"{status} {ReasonPhrases.GetReasonPhrase(status)}";
        var page = text ??
            $"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n" +
            "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
        response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await response.WriteAsync(page);
    }
}
