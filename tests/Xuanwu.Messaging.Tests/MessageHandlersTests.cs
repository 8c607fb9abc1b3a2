using Microsoft.Extensions.DependencyInjection;

namespace Xuanwu.Messaging.Tests;

public sealed class MessageHandlersTests
{
    private static readonly MessageTypes Types = new MessageTypes().Register<Ping>();
    private static readonly MessageContext Context = new()
    {
        Id = Guid.NewGuid(),
        Queue = "q",
        Key = "k",
        Type = "ping",
        Attempt = 1,
        Lap = 0,
        CorrelationId = "c",
        By = "b",
        EnqueuedAt = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public async Task A_handler_is_found_by_its_name_and_given_what_it_asks_for()
    {
        var services = new Services(new Clock("noon"));
        var bound = new MessageHandlers().AddFrom(typeof(PingHandler).Assembly).Bind(Types, services);
        using var source = new CancellationTokenSource();
        var result = await bound[typeof(Ping)](new Ping(3), Context, services, source.Token);
        Assert.Equal(["3 k noon True"], Assert.IsType<object[]>(result));
        Assert.Equal((1, 1), (services.Scopes, services.Disposed));
    }

    [Theory]
    [InlineData(typeof(Returns.VoidHandler), null)]
    [InlineData(typeof(Returns.TaskHandler), null)]
    [InlineData(typeof(Returns.ValueTaskHandler), null)]
    [InlineData(typeof(Returns.ObjectHandler), "object")]
    [InlineData(typeof(Returns.TaskOfStringHandler), "task")]
    [InlineData(typeof(Returns.ValueTaskOfStringHandler), "value task")]
    public async Task A_handler_may_return_anything(Type handler, string? expected)
    {
        var bound = new MessageHandlers().Add(handler).Bind(Types, null);
        Assert.Equal(expected, await bound[typeof(Ping)](new Ping(1), Context, null, default));
    }

    [Theory]
    [InlineData(typeof(Returns.ThrowsHandler))]
    [InlineData(typeof(Returns.ThrowsLaterHandler))]
    public async Task What_a_handler_throws_arrives_as_it_is(Type handler)
    {
        var bound = new MessageHandlers().Add(handler).Bind(Types, null);
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await bound[typeof(Ping)](new Ping(1), Context, null, default));
    }

    [Fact]
    public void A_message_without_a_handler_is_named() => Refused(
        "The message Ping is registered but nothing handles it. Write a static class PingHandler",
        new MessageHandlers());

    [Fact]
    public void Two_handlers_of_a_message_are_named() => Refused(
        "Ping is handled by ObjectHandler and by VoidHandler.",
        new MessageHandlers().Add(typeof(Returns.ObjectHandler)).Add(typeof(Returns.VoidHandler)));

    [Fact]
    public void A_parameter_that_is_not_among_the_services_is_named() => Refused(
        "PingHandler.Handle asks for Clock, which is not among the services.",
        new MessageHandlers().Add(typeof(PingHandler)));

    [Fact]
    public void A_class_that_is_no_handler_is_named() =>
        Assert.Contains("Clock needs one public static method Handle", Assert.Throws<WrongHandlers>(() =>
            new MessageHandlers().Add(typeof(Clock))).Message, StringComparison.Ordinal);

    private static void Refused(string because, MessageHandlers handlers) =>
        Assert.Contains(because, Assert.Throws<WrongHandlers>(() => handlers.Bind(Types, new Services())).Message,
            StringComparison.Ordinal);

    public sealed record Ping(int Number);

    public sealed record Clock(string Time);

    public static class PingHandler
    {
        public static async Task<object[]> Handle(
            Ping message, MessageContext context, Clock clock, CancellationToken ct)
        {
            await Task.Yield();
            return [$"{message.Number} {context.Key} {clock.Time} {ct.CanBeCanceled}"];
        }
    }

    private static class Returns
    {
        public static class VoidHandler
        {
            public static void Handle(Ping message) => Assert.NotNull(message);
        }

        public static class TaskHandler
        {
            public static async Task Handle(Ping message) => await Task.Yield();
        }

        public static class ValueTaskHandler
        {
            public static async ValueTask Handle(Ping message) => await Task.Yield();
        }

        public static class ObjectHandler
        {
            public static string Handle(Ping message) => "object";
        }

        public static class TaskOfStringHandler
        {
            public static Task<string> Handle(Ping message) => Task.FromResult("task");
        }

        public static class ValueTaskOfStringHandler
        {
            public static async ValueTask<string> Handle(Ping message)
            {
                await Task.Yield();
                return "value task";
            }
        }

        public static class ThrowsHandler
        {
            public static void Handle(Ping message) => throw new TimeoutException();
        }

        public static class ThrowsLaterHandler
        {
            public static async Task<object> Handle(Ping message)
            {
                await Task.Yield();
                throw new TimeoutException();
            }
        }
    }

    /// <summary>As much of a container as a handler sees.</summary>
    private sealed class Services(params object[] all)
        : IServiceProvider, IServiceScopeFactory, IServiceScope, IServiceProviderIsService
    {
        public int Scopes { get; private set; }

        public int Disposed { get; private set; }

        public IServiceProvider ServiceProvider => this;

        public object? GetService(Type type) =>
            type.IsInstanceOfType(this) ? this : all.FirstOrDefault(type.IsInstanceOfType);

        public bool IsService(Type type) => GetService(type) is not null;

        public IServiceScope CreateScope()
        {
            Scopes++;
            return this;
        }

        public void Dispose() => Disposed++;
    }
}
