using System.Net;
using System.Runtime.ExceptionServices;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes;

/// <summary>
/// Makes calls and turns all that can go wrong into <see cref="ApiError"/>; only the caller's own cancellation passes
/// as such. A call that may be repeated is, after 429, 500, 502, 503, 504, a lost connection or a time-out, with
/// doubling waits less a random part, never sooner than Retry-After asks, within the limits of the options.
/// An answer that is no API object (a proxy's HTML) is not asked for again here: what it says stays unknown.
/// </summary>
internal sealed class ApiCalls : IDisposable
{
    private readonly KubernetesConnection _connection;
    private readonly HttpClient _http;

    public ApiCalls(KubernetesConnection connection, KubernetesClientOptions options)
    {
        _connection = connection;
        Options = options;
        Handler = new ApiHandler(connection, options);
        _http = new HttpClient(Handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public KubernetesClientOptions Options { get; }
    public ApiHandler Handler { get; }

    public void Dispose() => _http.Dispose();

    /// <summary>The JSON object the server answers.</summary>
    public Task<JsonObject> AskAsync(ApiRequest request, CancellationToken ct) =>
        RepeatAsync(request, AskOnceAsync, ct);

    /// <summary>The same in one attempt.</summary>
    public Task<JsonObject> AskOnceAsync(ApiRequest request, CancellationToken ct) => LimitedAsync(
        request,
        async limit =>
        {
            using var response = await SendAsync(request, limit);
            return await ReadObjectAsync(request, response, limit);
        },
        ct);

    /// <summary>A stream the server sends, once it has begun.</summary>
    public Task<HttpResponseMessage> OpenAsync(ApiRequest request, CancellationToken ct) =>
        RepeatAsync(request, OpenOnceAsync, ct);

    /// <summary>The same in one attempt.</summary>
    public Task<HttpResponseMessage> OpenOnceAsync(ApiRequest request, CancellationToken ct) => LimitedAsync(
        request,
        async limit =>
        {
            var response = await SendAsync(request, limit);
            if (response.Content.Headers.ContentType?.MediaType != "text/html") return response;
            using (response) throw Unreadable(request, response);
        },
        ct);

    /// <summary>Uses the network; what goes wrong becomes an <see cref="ApiError"/> about the request.</summary>
    public static async Task<T> GuardAsync<T>(ApiRequest request, Func<Task<T>> act, CancellationToken ct)
    {
        try
        {
            return await act();
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw OutOfTime(request, e);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && Failure(request, e) is { } error)
        {
            throw error;
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(ct);
        }
    }

    /// <summary>How long to wait after the n-th failed attempt (from 1).</summary>
    public TimeSpan Backoff(int attempt, TimeSpan longest, TimeSpan? retryAfter)
    {
        var doubled = Options.RetryDelay.TotalMilliseconds * Math.Pow(2, Math.Min(attempt - 1, 30));
        var full = Math.Min(longest.TotalMilliseconds, doubled);
        var wait = full * (0.5 + Random.Shared.NextDouble() / 2);
        var asked = (retryAfter ?? TimeSpan.Zero).TotalMilliseconds * (1 + Random.Shared.NextDouble() / 10);
        return TimeSpan.FromMilliseconds(Math.Max(wait, asked));
    }

    private async Task<T> RepeatAsync<T>(
        ApiRequest request, Func<ApiRequest, CancellationToken, Task<T>> ask, CancellationToken ct)
    {
        var began = Options.Clock.GetTimestamp();
        using var time = new CancellationTokenSource(Options.TotalTimeout, Options.Clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, time.Token);
        ApiError? error = null;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask(request, limit.Token);
            }
            catch (ApiError e) when (attempt < Options.MaxAttempts && MayRepeat(request, e))
            {
                error = e;
            }
            catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
            {
                if (error is not null) ExceptionDispatchInfo.Throw(error); // says more than that time is up
                throw OutOfTime(request, e);
            }

            var wait = Backoff(attempt, Options.MaxRetryDelay, error.RetryAfter);
            if (Options.Clock.GetElapsedTime(began) + wait >= Options.TotalTimeout) ExceptionDispatchInfo.Throw(error);
            await Task.Delay(wait, Options.Clock, ct);
        }
    }

    private static bool MayRepeat(ApiRequest request, ApiError error) => error.Status switch
    {
        HttpStatusCode.TooManyRequests => true,
        HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => request.Idempotent,
        HttpStatusCode.Conflict => request.IsApply && error is { IsConflict: true, Causes.Count: 0 },
        null => request.Idempotent && error.Reason is "Unreachable" or "Timeout",
        _ => false,
    };

    private async Task<T> LimitedAsync<T>(
        ApiRequest request, Func<CancellationToken, Task<T>> act, CancellationToken ct)
    {
        using var time = new CancellationTokenSource(Options.RequestTimeout, Options.Clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, time.Token);
        return await GuardAsync(request, () => act(limit.Token), ct);
    }

    // The response of a 2xx; anything else is thrown.
    private async Task<HttpResponseMessage> SendAsync(ApiRequest request, CancellationToken ct)
    {
        using var message = request.Message(_connection.Server);
        var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.IsSuccessStatusCode) return response;
        using (response) throw await ErrorAsync(request, response, ct);
    }

    private async Task<JsonObject> ReadObjectAsync(
        ApiRequest request, HttpResponseMessage response, CancellationToken ct)
    {
        await response.Content.LoadIntoBufferAsync(Options.MaxAnswerBytes, ct);
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        try
        {
            return ApiJson.ReadObject(body);
        }
        catch (JsonException)
        {
            throw Unreadable(request, response); // no inner exception: it may quote a Secret
        }
    }

    private async Task<ApiError> ErrorAsync(ApiRequest request, HttpResponseMessage response, CancellationToken ct)
    {
        var retryAfter = RetryAfter(response);
        try
        {
            var json = await ReadObjectAsync(request, response, ct);
            var error = ApiError.FromStatus(request.ToString(), response.StatusCode, json, retryAfter);
            if (error is not null) return error;
        }
        catch (ApiError)
        {
            // Below.
        }

        var status = response.StatusCode;
        return status switch
        {
            HttpStatusCode.Unauthorized =>
                new(status, "Unauthorized", $"{request}: 401, the server does not accept the credentials."),
            HttpStatusCode.TooManyRequests =>
                new(status, "TooManyRequests", $"{request}: 429, asked too often.", retryAfter: retryAfter),
            _ => Unreadable(request, response, retryAfter),
        };
    }

    private static ApiError Unreadable(
        ApiRequest request, HttpResponseMessage response, TimeSpan? retryAfter = null) => new(
        response.StatusCode,
        "Unreadable",
        $"{request}: {(int)response.StatusCode} with {response.Content.Headers.ContentType?.MediaType ?? "nothing"} "
        + "that is no Kubernetes object; it says nothing about what was asked for.",
        retryAfter: retryAfter);

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - Options.Clock.GetUtcNow() is var wait && wait > TimeSpan.Zero => wait,
        _ => null,
    };

    private static ApiError? Failure(ApiRequest request, Exception e) => e switch
    {
        ConnectionError => new(null, "Credentials", $"{request}: no credentials: {e.Message}", inner: e),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            new(null, "Unreadable", $"{request}: the answer is larger than this client accepts.", inner: e),
        HttpRequestException or IOException when Refusal(e) is { } refusal =>
            new(null, "UntrustedCertificate", $"{request}: {refusal.Message}", inner: e),
        HttpRequestException or IOException => new(null, "Unreachable", $"{request}: {Innermost(e).Message}", inner: e),
        _ => null,
    };

    private static ApiError OutOfTime(ApiRequest request, Exception e) =>
        new(null, "Timeout", $"{request}: no answer in time; what became of it is unknown.", inner: e);

    private static AuthenticationException? Refusal(Exception? e)
    {
        while (e is not (null or AuthenticationException)) e = e.InnerException;
        return e as AuthenticationException;
    }

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e;
    }
}
