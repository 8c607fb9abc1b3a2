using Xuanwu.EventStore;

namespace Xuanwu.Server.Http;

/// <summary>Who sent the request, and the request's correlation id.</summary>
public sealed record Caller(string User, Guid CorrelationId)
{
    public const string Header = "X-Xuanwu-User";
    public const string Default = "dev";

    /// <summary>The signature of a command by this caller.</summary>
    public Who By<TCommand>(string? commandId) => new(User, commandId, typeof(TCommand).Name, CorrelationId);

    /// <summary>
    /// A command id counts for one command of one caller on one thing: sent again it is a repeat, sent with something
    /// else it is a command of its own, never one that is taken for done and lost.
    /// </summary>
    public string? Key<TCommand>(string? commandId, Guid target) =>
        string.IsNullOrWhiteSpace(commandId) ? null : $"{User}/{typeof(TCommand).Name}/{target:N}/{commandId}";

    /// <summary>
    /// The user that the header names: 1 to 100 printable characters; the default when there is no header.
    /// </summary>
    public static Caller? From(HttpContext http) => Of(http.Request.Headers[Header].ToString());

    /// <summary>The same for a name that came in another way.</summary>
    public static Caller? Of(string user)
    {
        if (user.Length == 0) user = Default;
        if (user.Length > 100 || user.Any(char.IsControl)) return null;
        return new(user, Guid.CreateVersion7());
    }
}

/// <summary>The request's services, and its caller among them.</summary>
internal sealed class CallerServices(IServiceProvider services, Caller caller) : IServiceProvider
{
    public object? GetService(Type serviceType) =>
        serviceType == typeof(Caller) ? caller : services.GetService(serviceType);
}
