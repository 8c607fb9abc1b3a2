using System.Text.Json;
using System.Text.Json.Serialization;
using Xuanwu.Sandbox.Apply;
using Xuanwu.Sandbox.Faults;

namespace Xuanwu.Sandbox.Api;

/// <summary>The Kubernetes API over HTTP: who is asking, what is asked, and the answer.</summary>
internal sealed class ApiServer(
    Registry registry, ListEndpoint lists, WatchEndpoint watches, PodEndpoints pods, FaultBoard faults,
    Func<string?, bool> accept)
{
    private static readonly JsonSerializerOptions FaultJson = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (ApiFailure failure)
        {
            await Answers.FailAsync(context, failure);
        }
        catch (Exception e) when (
            context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // nobody waits for the answer
        }
        catch (Exception e)
        {
            await Answers.FailAsync(context,
                new ApiFailure(500, "InternalError", $"Internal error occurred: {e.Message}"));
        }
    }

    private Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (!accept(context.Request.Headers.Authorization) && !IsPublic(path)) throw ApiFailure.Unauthorized();
        if (path == "/sandbox/faults" || path.StartsWith("/sandbox/faults/", StringComparison.Ordinal))
        {
            return FaultsAsync(context, path);
        }
        return path.Contains("/proxy", StringComparison.Ordinal)
            && ResourcePath.Parse(path) is { Subresource: "proxy" } proxied
            ? FaultFilter.InvokeAsync(faults, FaultScope.PodProxy, context, it => pods.ProxyAsync(it, proxied))
            : FaultFilter.InvokeAsync(faults, FaultScope.Api, context, it => GuardedAsync(it, path));
    }

    // Failures are written inside the fault filter, so that a fault can swallow the answer of a failed request as well.
    private async Task GuardedAsync(HttpContext context, string path)
    {
        try
        {
            await ServeAsync(context, path);
        }
        catch (ApiFailure failure)
        {
            await Answers.FailAsync(context, failure);
        }
    }

    private static bool IsPublic(string path) => path is "/healthz" or "/readyz" or "/livez" or "/version";

    private Task ServeAsync(HttpContext context, string path)
    {
        if (path is "/healthz" or "/readyz" or "/livez") return context.Response.WriteAsync("ok");
        if (Discovery.Find(path) is { } about) return Answers.SendAsync(context, about);
        var target = ResourcePath.Parse(path);
        if (target.Subresource == "log" && target.Kind == Kinds.Pod) return pods.LogAsync(context, target);
        if (target.Subresource is not null && !(target.Subresource == "status" && target.Kind.HasStatus))
        {
            throw ApiFailure.NoSuchResource();
        }
        if (target.Kind.Namespaced && target.Namespace is null && !HttpMethods.IsGet(context.Request.Method))
        {
            throw ApiFailure.MethodNotAllowed();
        }
        return (context.Request.Method, target.Name, target.Subresource) switch
        {
            ("GET", null, null) when IsWatch(context) => watches.WatchAsync(context, target),
            ("GET", null, null) => lists.ListAsync(context, target),
            ("GET", not null, null) when IsWatch(context) => watches.WatchAsync(context, target),
            ("GET", not null, _) =>
                Answers.SendAsync(context, registry.Get(target.Kind, target.Namespace, target.Name)),
            ("POST", null, null) => CreateAsync(context, target),
            ("PUT", not null, _) => ReplaceAsync(context, target),
            ("PATCH", not null, _) => PatchAsync(context, target),
            ("DELETE", not null, null) => DeleteAsync(context, target),
            ("DELETE", null, null) when target.Kind.Namespaced => DeleteCollectionAsync(context, target),
            _ => throw ApiFailure.MethodNotAllowed(),
        };
    }

    private async Task CreateAsync(HttpContext context, ResourcePath path)
    {
        var o = await RequestBody.ReadObjectAsync(context, path);
        var created = registry.Create(path.Kind, path.Namespace, o, Options(context, path, applies: false));
        await Answers.SendAsync(context, created, 201);
    }

    private async Task ReplaceAsync(HttpContext context, ResourcePath path)
    {
        var o = await RequestBody.ReadObjectAsync(context, path);
        await Answers.SendAsync(context,
            registry.Update(path.Kind, path.Namespace, path.Name!, o, Options(context, path, applies: false)));
    }

    private async Task PatchAsync(HttpContext context, ResourcePath path)
    {
        var media = RequestBody.MediaType(context);
        if (media is not ("application/apply-patch+yaml" or "application/merge-patch+json"))
        {
            throw ApiFailure.UnsupportedMediaType("application/merge-patch+json", "application/apply-patch+yaml");
        }

        var patch = await RequestBody.ReadAsync(context)
            ?? throw ApiFailure.BadRequest("the body of the request is empty");
        if (media == "application/merge-patch+json")
        {
            await Answers.SendAsync(context, registry.MergePatch(
                path.Kind, path.Namespace, path.Name!, patch, Options(context, path, applies: false)));
            return;
        }

        var query = context.Request.Query;
        if (string.IsNullOrEmpty(query["fieldManager"]))
        {
            throw ApiFailure.Invalid("PatchOptions.meta.k8s.io", path.Kind, "",
                [Cause.Required("fieldManager", "is required for apply patch")]);
        }

        RequestBody.Match(patch, path, required: true);
        if (patch["metadata"]?["managedFields"] is not null)
        {
            throw ApiFailure.BadRequest("metadata.managedFields must be nil");
        }
        var (applied, created) = registry.Apply(
            path.Kind, path.Namespace, path.Name!, patch, Options(context, path, applies: true),
            query["force"] == "true");
        await Answers.SendAsync(context, applied, created ? 201 : 200);
    }

    private async Task DeleteAsync(HttpContext context, ResourcePath path)
    {
        var options = await DeleteOptionsAsync(context);
        var (o, gone) = registry.Delete(path.Kind, path.Namespace, path.Name!, options);
        await (gone && path.Kind != Kinds.Pod
            ? Answers.SuccessAsync(context, path.Kind, o)
            : Answers.SendAsync(context, o));
    }

    private async Task DeleteCollectionAsync(HttpContext context, ResourcePath path)
    {
        var (labels, fields) = ListEndpoint.Selectors(context, path);
        var options = await DeleteOptionsAsync(context);
        foreach (var item in registry.Store.List(path.Kind, path.Namespace)
            .Where(it => labels.Matches(it.Labels) && fields.Matches(it)))
        {
            try
            {
                registry.Delete(path.Kind, path.Namespace, item.Name, options);
            }
            catch (ApiFailure failure) when (failure.Code == 404)
            {
                // somebody else was faster
            }
        }

        await lists.ListAsync(context, path);
    }

    private static async Task<DeleteOptions> DeleteOptionsAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var body = await RequestBody.ReadAsync(context);
        var preconditions = Store.Json.Child(body, "preconditions");
        return new DeleteOptions(
            Store.Json.Text(body, "propagationPolicy")
            ?? ((string?)query["propagationPolicy"] is { Length: > 0 } asked ? asked : "Background"),
            Store.Json.Number(body, "gracePeriodSeconds")
                ?? (long.TryParse(query["gracePeriodSeconds"], out var seconds) ? seconds : null),
            Store.Json.Text(preconditions, "uid"),
            Store.Json.Text(preconditions, "resourceVersion"),
            query["dryRun"] == "All" || (body?["dryRun"] as System.Text.Json.Nodes.JsonArray)?.Count > 0);
    }

    private static WriteOptions Options(HttpContext context, ResourcePath path, bool applies)
    {
        var query = context.Request.Query;
        var agent = context.Request.Headers.UserAgent.ToString().Split('/')[0];
        var named = (string?)query["fieldManager"];
        var name = !string.IsNullOrEmpty(named) ? named : agent.Length > 0 ? agent : "unknown";
        var owner = new FieldOwner(name, applies, path.Subresource);
        return new WriteOptions(owner, path.Subresource, query["dryRun"] == "All");
    }

    private static bool IsWatch(HttpContext context) => (string?)context.Request.Query["watch"] is "true" or "1";

    private async Task FaultsAsync(HttpContext context, string path)
    {
        var id = path["/sandbox/faults".Length..].Trim('/');
        switch (context.Request.Method)
        {
            case "GET" when id.Length == 0:
                await SendAsync(context, new { rules = faults.Rules }, 200);
                break;
            case "POST" when id.Length == 0:
                await PostFaultAsync(context);
                break;
            case "DELETE" when id.Length == 0:
                faults.Clear();
                await SendAsync(context, new { rules = faults.Rules }, 200);
                break;
            case "DELETE":
                if (!faults.Remove(id)) throw new ApiFailure(404, "NotFound", $"there is no rule {id}");
                await SendAsync(context, new { rules = faults.Rules }, 200);
                break;
            default:
                throw ApiFailure.MethodNotAllowed();
        }
    }

    private async Task PostFaultAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context)
            ?? throw ApiFailure.BadRequest("the body of the request is empty");
        try
        {
            if (body.ContainsKey("action"))
            {
                var action = body.Deserialize<FaultAction>(FaultJson)!;
                if (action.Action == "refuse")
                {
                    // The listener goes when the answer had time to arrive.
                    await SendAsync(context, new { pods = Array.Empty<string>() }, 200);
                    var arrived = Task.Delay(TimeSpan.FromMilliseconds(50));
                    _ = arrived.ContinueWith(_ => faults.Do(action), TaskScheduler.Default);
                    return;
                }

                await SendAsync(context, new { pods = faults.Do(action) }, 200);
            }
            else
            {
                await SendAsync(context, faults.Add(body.Deserialize<FaultRule>(FaultJson)!), 201);
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw ApiFailure.BadRequest(e.Message);
        }
    }

    private static Task SendAsync<T>(HttpContext context, T answer, int code) =>
        Answers.SendAsync(context, JsonSerializer.SerializeToUtf8Bytes(answer, FaultJson), code);
}
