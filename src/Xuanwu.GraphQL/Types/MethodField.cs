using System.Linq.Expressions;
using System.Reflection;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Types;

// A field from a static method. Each parameter is the parent object, something of the request, or an argument; the
// call with all of them in place is compiled when the field is first used, and checked when the schema is built.
internal sealed class MethodField(CodeFirstSchema schema, MethodInfo method, Type? parent)
{
    private static readonly MethodInfo RequireService =
        typeof(RequestContext).GetMethod(nameof(RequestContext.Require))!;

    private static readonly MethodInfo CheckPage =
        typeof(PageArguments).GetMethod(nameof(PageArguments.Check), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly ParameterExpression source = Expression.Parameter(typeof(object), "source");
    private readonly ParameterExpression request = Expression.Parameter(typeof(RequestContext), "request");
    private readonly ParameterExpression values = Expression.Parameter(typeof(object?[]), "arguments");
    private readonly List<InputField> arguments = [];

    /// <summary>The field; with <paramref name="eventType"/> one of Subscription, whose events are of that type.</summary>
    public Field Make(string name, Output output, Type? eventType = null)
    {
        var parameters = method.GetParameters();
        if (parent is not null && (parameters.Length == 0 || !parameters[0].ParameterType.IsAssignableFrom(parent)))
        {
            throw new SchemaException($"the first parameter must be the parent, {parent.Name}.");
        }

        var call = Expression.Call(method, parameters.Select((it, i) => parent is not null && i == 0
            ? Expression.Convert(source, it.ParameterType)
            : Value(it)));
        return new Field(name, output.Type, arguments)
        {
            Description = XmlDocs.Of(method),
            DeprecationReason = CodeFirstSchema.Deprecation(method),
            Runner = eventType is null
                ? (FieldRunner)Generic(nameof(Runner), method.ReturnType, call, output.Completion)
                : (FieldRunner)Activator.CreateInstance(
                    typeof(EventRunner<>).MakeGenericType(eventType), output.Completion)!,
            Events = eventType is null ? null : (EventSource)Generic(nameof(Events), eventType, call),
        };
    }

    private object Generic(string name, Type type, params object[] values) =>
        GetType().GetMethod(name, BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(type).Invoke(this, values)!;

    // A method that has its events at once, after a Task or after a ValueTask is called in the same way.
    private MethodEvents<T> Events<T>(MethodCallExpression call)
    {
        var wanted = typeof(ValueTask<IAsyncEnumerable<T>>);
        Expression value = call.Type == wanted
            ? call : Expression.New(wanted.GetConstructor([call.Type])!, call);
        var lambda = Expression.Lambda<Resolver<ValueTask<IAsyncEnumerable<T>>>>(value, source, request, values);
        var compiled = new Lazy<Resolver<ValueTask<IAsyncEnumerable<T>>>>(lambda.Compile);
        return new((it, context, given) => compiled.Value(it, context, given));
    }

    private FieldRunner Runner<T>(MethodCallExpression call, object completion)
    {
        var lambda = Expression.Lambda<Resolver<T>>(call, source, request, values);
        var compiled = new Lazy<Resolver<T>>(lambda.Compile);
        return FieldFactory.ForMethod<T>((it, context, given) => compiled.Value(it, context, given), completion);
    }

    private Expression Value(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(CancellationToken)) return Expression.Property(request, nameof(RequestContext.Cancellation));
        if (type == typeof(RequestContext)) return request;
        if (type == typeof(IServiceProvider)) return Expression.Property(request, nameof(RequestContext.Services));
        if (type == typeof(PageArguments)) return Page();
        if (schema.Builder.IsService(type)) return Expression.Call(request, RequireService.MakeGenericMethod(type));
        return Argument(schema.Inputs.Argument(parameter), type);
    }

    private UnaryExpression Argument(InputField argument, Type type)
    {
        arguments.Add(argument);
        return Expression.Convert(
            Expression.ArrayIndex(values, Expression.Constant(arguments.Count - 1)), type);
    }

    private MethodCallExpression Page()
    {
        var (size, max) = schema.Builder.Page;
        var first = new InputField("first", BuiltInScalars.Int)
        {
            Description = "Returns the first _n_ elements from the list.",
        };
        var after = new InputField("after", BuiltInScalars.String)
        {
            Description = "Returns the elements in the list that come after the specified cursor.",
        };
        var last = new InputField("last", BuiltInScalars.Int)
        {
            Description = "Returns the last _n_ elements from the list.",
        };
        var before = new InputField("before", BuiltInScalars.String)
        {
            Description = "Returns the elements in the list that come before the specified cursor.",
        };
        return Expression.Call(
            CheckPage,
            Argument(first, typeof(int?)),
            Argument(after, typeof(string)),
            Argument(last, typeof(int?)),
            Argument(before, typeof(string)),
            Expression.Constant(size),
            Expression.Constant(max));
    }
}
