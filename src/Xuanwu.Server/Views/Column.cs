using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Xuanwu.Server.Views;

/// <summary>What a field of a view is compared as.</summary>
public enum ColumnType
{
    Text,
    Int,
    Long,
    Uuid,
    Time,
    Boolean,
    Enum,
}

/// <summary>
/// A field that lists can be filtered and sorted by. Only these can be: each has an index or a small table behind it.
/// </summary>
/// <param name="Name">The GraphQL name.</param>
/// <param name="Sql">The SQL expression.</param>
/// <param name="Type">What it is compared as.</param>
/// <param name="EnumType">The C# type of an enum.</param>
/// <param name="IsNullable">Whether rows may have none. Only then does an order say where nulls go: indexes do not say
/// it.</param>
public sealed record Column(string Name, string Sql, ColumnType Type, Type? EnumType = null, bool IsNullable = false)
{
    private NpgsqlDbType DbType => Type switch
    {
        ColumnType.Int => NpgsqlDbType.Integer,
        ColumnType.Long => NpgsqlDbType.Bigint,
        ColumnType.Uuid => NpgsqlDbType.Uuid,
        ColumnType.Time => NpgsqlDbType.TimestampTz,
        ColumnType.Boolean => NpgsqlDbType.Boolean,
        _ => NpgsqlDbType.Text,
    };

    public NpgsqlParameter Parameter(object value) => new() { NpgsqlDbType = DbType, Value = Stored(value) };

    public NpgsqlParameter Parameters(IEnumerable<object> values) => new()
    {
        NpgsqlDbType = NpgsqlDbType.Array | DbType,
        Value = Type switch
        {
            ColumnType.Int => values.Select(value => (int)Stored(value)).ToArray(),
            ColumnType.Long => values.Select(value => (long)Stored(value)).ToArray(),
            ColumnType.Uuid => values.Select(value => (Guid)Stored(value)).ToArray(),
            ColumnType.Time => values.Select(value => (DateTimeOffset)Stored(value)).ToArray(),
            ColumnType.Boolean => values.Select(value => (bool)Stored(value)).ToArray(),
            _ => values.Select(value => (string)Stored(value)).ToArray(),
        },
    };

    /// <summary>The value as a cursor carries it.</summary>
    public static string? ToCursor(object? value) => value switch
    {
        null => null,
        DateTime time => new DateTimeOffset(time).ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    /// <exception cref="FormatException">The text was not written by <see cref="ToCursor"/>.</exception>
    public object FromCursor(string text) => Type switch
    {
        ColumnType.Int => int.Parse(text, CultureInfo.InvariantCulture),
        ColumnType.Long => long.Parse(text, CultureInfo.InvariantCulture),
        ColumnType.Uuid => Guid.Parse(text),
        ColumnType.Time => DateTimeOffset.ParseExact(text, "O", CultureInfo.InvariantCulture),
        ColumnType.Boolean => bool.Parse(text),
        _ => text,
    };

    // A text with NUL is in no row, and PostgreSQL does not even take it as a parameter.
    private object Stored(object value) => (Type, value) switch
    {
        (_, string text) when text.Contains('\0') => throw new FormatException("The text has a NUL character."),
        (ColumnType.Enum, _) => value.ToString()!,
        (ColumnType.Time, DateTimeOffset time) => time.ToUniversalTime(),
        (ColumnType.Time, DateTime time) => new DateTimeOffset(time.ToUniversalTime()),
        (ColumnType.Long, int number) => (long)number,
        _ => value,
    };
}
