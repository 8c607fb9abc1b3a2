using Xuanwu.Domain;

namespace Xuanwu.Server.GraphQL;

/// <summary>Why a command was refused: a stable code for programs and a sentence for people.</summary>
/// <param name="Code">A stable code, such as JOB_NAME_TAKEN.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Path">The part of the input that is wrong, such as input.name.</param>
public sealed record Error(string Code, string Message, string? Path)
{
    public static IReadOnlyList<Error>? Of(Rejection? rejection) => rejection is null
        ? null
        : [new(rejection.Code, rejection.Message, rejection.Path is null ? null : $"input.{rejection.Path}")];
}

/// <summary>A key with its value.</summary>
public sealed record KeyValue(string Key, string Value)
{
    /// <summary>The pairs by key; the rejection names a key that is empty or given twice.</summary>
    public static (IReadOnlyDictionary<string, string> Pairs, Rejection? Wrong) Read(
        IReadOnlyList<KeyValue>? pairs, string path)
    {
        var read = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs ?? [])
        {
            if (string.IsNullOrWhiteSpace(key))
            {
                return (read, new("KEY_EMPTY", "A key is empty; give it a name.", path));
            }

            if (!read.TryAdd(key, value))
            {
                return (read, new("KEY_TWICE", $"The key {key} is given twice; give it once.", path));
            }
        }

        return (read, null);
    }
}
