namespace Xuanwu.GraphQL.Http;

/// <summary>Limits of one connection of graphql-transport-ws.</summary>
public sealed record SocketOptions
{
    /// <summary>How long a client may take to send <c>connection_init</c>.</summary>
    public TimeSpan InitTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to accept one message before its connection is cut.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may take to answer a closing of the connection.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Operations of one connection that run at the same time.</summary>
    public int MaxOperations { get; init; } = 100;

    /// <summary>Bytes of one message of a client.</summary>
    public int MaxMessageBytes { get; init; } = 1 << 20;

    /// <summary>Gets every exception that ended a connection with <see cref="CloseCodes.InternalError"/>.</summary>
    public Action<Exception>? OnError { get; init; }
}

/// <summary>Why a connection is closed, as the graphql-transport-ws protocol numbers it.</summary>
public static class CloseCodes
{
    /// <summary>The server stops; clients connect again.</summary>
    public const int GoingAway = 1001;

    /// <summary>A message has more bytes than the limit.</summary>
    public const int MessageTooBig = 1009;

    /// <summary>A message is not one of the protocol's.</summary>
    public const int BadRequest = 4400;

    /// <summary>An operation was sent before the connection was acknowledged.</summary>
    public const int Unauthorized = 4401;

    /// <summary>The connection's payload was refused.</summary>
    public const int Forbidden = 4403;

    /// <summary>The client speaks another protocol.</summary>
    public const int SubprotocolNotAcceptable = 4406;

    /// <summary>No <c>connection_init</c> came in time.</summary>
    public const int InitTimeout = 4408;

    /// <summary>An operation with this id runs already.</summary>
    public const int SubscriberExists = 4409;

    /// <summary>A second <c>connection_init</c> came.</summary>
    public const int TooManyInits = 4429;

    /// <summary>Something unforeseen happened in the server.</summary>
    public const int InternalError = 4500;
}
