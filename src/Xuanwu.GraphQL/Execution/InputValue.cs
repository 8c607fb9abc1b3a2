using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

/// <summary>
/// A coerced input object as a read-only tree: fields that were given or have defaults, in the order of the type.
/// Values are C# scalars, C# enum values (or names), <c>object?[]</c> for lists, and <see cref="InputValue"/>.
/// </summary>
public sealed class InputValue : IReadOnlyDictionary<string, object?>
{
    private readonly object?[] values;
    private readonly bool[] given;

    internal InputValue(InputObjectType type)
    {
        Type = type;
        values = new object?[type.Fields.Count];
        given = new bool[values.Length];
    }

    /// <summary>The schema's type of the value.</summary>
    public InputObjectType Type { get; }

    /// <inheritdoc/>
    public int Count => given.Count(it => it);

    /// <inheritdoc/>
    public IEnumerable<string> Keys => this.Select(it => it.Key);

    /// <inheritdoc/>
    public IEnumerable<object?> Values => this.Select(it => it.Value);

    /// <inheritdoc/>
    public object? this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    internal void Set(int index, object? value)
    {
        values[index] = value;
        given[index] = true;
    }

    internal bool TryGet(int index, out object? value)
    {
        value = values[index];
        return given[index];
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => TryGetValue(key, out _);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value)
    {
        value = null;
        return Type.TryGetField(key, out var field) && TryGet(field.Index, out value);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (given[i]) yield return new KeyValuePair<string, object?>(Type.Fields[i].Name, values[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>An input that tells "not given" from "given as null". Use it for fields of input records.</summary>
public readonly record struct Optional<T>
{
    /// <summary>An input that was given, perhaps as null.</summary>
    public Optional(T value)
    {
        Value = value;
        HasValue = true;
    }

    /// <summary>Whether the client gave the field.</summary>
    public bool HasValue { get; }

    /// <summary>What was given; the default of T when nothing was.</summary>
    public T? Value { get; }
}
