namespace Xuanwu.Server.Tracking;

/// <summary>Puts a breaker before a cluster's ingress. Any answer, even an error page, is a sign of life; only silence
/// counts.</summary>
public sealed class BreakerHandler(Breaker breaker, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!breaker.TryEnter())
        {
            throw new HttpRequestException("The cluster's ingress does not answer; the next try is due soon.");
        }

        try
        {
            var answer = await base.SendAsync(request, cancellationToken);
            breaker.Answered();
            return answer;
        }
        catch (Exception)
        {
            breaker.Failed();
            throw;
        }
    }
}
