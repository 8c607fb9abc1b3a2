using System.Collections.Immutable;
using System.Reflection;

namespace Xuanwu.GraphQL.Types;

// Lists of inputs as the collection a parameter asks for.
internal static class InputLists
{
    public static Func<object?, object?> Binder(Type collection, Type item, Func<object?, object?>? bind)
    {
        var make = typeof(InputLists)
            .GetMethod(nameof(For), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(item);
        return (Func<object?, object?>)make.Invoke(null, [collection, bind])!;
    }

    private static Func<object?, object?> For<T>(Type collection, Func<object?, object?>? bind)
    {
        var finish = Finish<T>(collection);
        return neutral =>
        {
            if (neutral is not object?[] given) return null;
            var items = new T[given.Length];
            for (var i = 0; i < items.Length; i++) items[i] = (T)(bind is null ? given[i] : bind(given[i]))!;
            return finish(items);
        };
    }

    private static Func<T[], object> Finish<T>(Type collection)
    {
        if (collection.IsAssignableFrom(typeof(T[]))) return items => items;
        if (collection.IsAssignableFrom(typeof(List<T>))) return items => items.ToList();
        if (collection.IsAssignableFrom(typeof(HashSet<T>))) return items => items.ToHashSet();
        if (collection == typeof(ImmutableArray<T>)) return items => items.ToImmutableArray();
        if (typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
        {
            var dictionary = typeof(Dictionary<,>).MakeGenericType(typeof(T).GetGenericArguments());
            if (collection.IsAssignableFrom(dictionary))
            {
                return items => Activator.CreateInstance(dictionary, [items])!;
            }
        }

        throw new SchemaException($"{collection} is no collection that an argument can have.");
    }
}
