using System.Globalization;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

/// <summary>
/// Types of expressions, as far as they follow from those of columns and literals and from the functions in common use;
/// null where they do not.
/// </summary>
internal sealed class Typing(Func<SqlIdentifier, DataType?> typeOfName, Func<SqlQuery, DataType?>? typeOfQuery = null)
{
    public Typing(IReadOnlyList<TableColumn> columns)
        : this(name => Of(columns, name))
    {
    }

    public DataType? TypeOf(SqlExpression? expression) => expression switch
    {
        null => null,
        SqlIdentifier name => typeOfName(name),
        Literal literal => TypeOf(literal),
        IntervalLiteral interval => new(interval.ToUnit is null
            ? $"INTERVAL {interval.Unit}" : $"INTERVAL {interval.Unit} TO {interval.ToUnit}"),
        Cast { Type: { } type } => DataType.Of(type),
        Binary binary => TypeOf(binary),
        Unary { Operator: "-" or "+" } unary => TypeOf(unary.Operand),
        Unary { Operator: "FORMAT JSON" } => DataType.String,
        Unary or Between or In => DataType.Boolean,
        Case choice => TypeOf(choice),
        Call call => TypeOf(call),
        ItemAccess item => TypeOf(item.Operand) switch
        {
            { Name: "ARRAY", Arguments: [var element] } => element,
            { Name: "MAP", Arguments: [_, var value] } => value with { IsNullable = true },
            _ => null,
        },
        FieldAccess field => FieldOf(TypeOf(field.Operand), field.Name.Text),
        Row row => RowOf(row),
        Collection collection => TypeOf(collection),
        QueryExpression { Word: "EXISTS" or "UNIQUE" } => DataType.Boolean,
        QueryExpression { Word: null, Query: { } query } => typeOfQuery?.Invoke(query),
        NamedArgument argument => TypeOf(argument.Value),
        _ => null,
    };

    /// <summary>The type of the field of a row; null when there is none.</summary>
    public static DataType? FieldOf(DataType? row, string field)
    {
        foreach (var (name, type) in row?.Fields ?? [])
        {
            if (name == field) return type;
        }

        return null;
    }

    private static DataType? Of(IReadOnlyList<TableColumn> columns, SqlIdentifier name)
    {
        var type = columns.FirstOrDefault(column => column.Name == name.Parts[0].Text)?.Type;
        foreach (var part in name.Parts.Skip(1)) type = FieldOf(type, part.Text);
        return type;
    }

    private static DataType? TypeOf(Literal literal) => literal.Kind switch
    {
        LiteralKind.Text => new DataType("CHAR") { Precision = literal.Value.Length, IsNullable = false },
        LiteralKind.Binary => new DataType("BINARY") { Precision = literal.Value.Length / 2, IsNullable = false },
        LiteralKind.Number => TypeOfNumber(literal.Value) with { IsNullable = false },
        LiteralKind.Boolean => DataType.Boolean with { IsNullable = false },
        LiteralKind.Date => DataType.Date with { IsNullable = false },
        LiteralKind.Time => DataType.Time with { IsNullable = false },
        LiteralKind.Timestamp => DataType.Timestamp(Fraction(literal.Value)) with { IsNullable = false },
        _ => null,
    };

    private static int Fraction(string text)
    {
        var dot = text.LastIndexOf('.');
        return dot < 0 ? 0 : Math.Min(9, text.Length - dot - 1);
    }

    private static DataType TypeOfNumber(string digits)
    {
        if (digits.Contains('E', StringComparison.OrdinalIgnoreCase)) return DataType.Double;
        if (digits.Contains('.'))
        {
            return DataType.Decimal(
                Math.Min(38, digits.Trim('0').Replace(".", "", StringComparison.Ordinal).Length is var n and > 0 ? n : 1),
                digits.Length - digits.IndexOf('.') - 1);
        }

        if (int.TryParse(digits, CultureInfo.InvariantCulture, out _)) return DataType.Int;
        return long.TryParse(digits, CultureInfo.InvariantCulture, out _)
            ? DataType.BigInt : DataType.Decimal(Math.Min(38, digits.Length), 0);
    }

    // a + b + c + … is as deep as it is long, so the left side is a loop.
    private DataType? TypeOf(Binary binary)
    {
        if (!IsArithmetic(binary.Operator)) return binary.Operator == "||" ? DataType.String : DataType.Boolean;
        var spine = new Stack<Binary>();
        SqlExpression left = binary;
        while (left is Binary { Operator: var sign } next && IsArithmetic(sign))
        {
            spine.Push(next);
            left = next.Left;
        }

        var type = TypeOf(left);
        while (spine.TryPop(out var next)) type = Arithmetic(next.Operator, type, TypeOf(next.Right));
        return type;
    }

    private static bool IsArithmetic(string sign) => sign is "+" or "-" or "*" or "/" or "%";

    private static DataType? Arithmetic(string sign, DataType? a, DataType? b)
    {
        if (a is null || b is null) return null;
        if (b.Name.StartsWith("INTERVAL", StringComparison.Ordinal)) return a;
        if (a.Name.StartsWith("INTERVAL", StringComparison.Ordinal)) return b;
        if (!a.IsNumeric || !b.IsNumeric) return null;
        var nullable = a.IsNullable || b.IsNullable;
        if (a.Name is "FLOAT" or "DOUBLE" || b.Name is "FLOAT" or "DOUBLE" || (a.Name != "DECIMAL" && b.Name != "DECIMAL"))
        {
            return DataType.Common(a, b) is { } common ? common with { IsNullable = nullable } : null;
        }

        // Flink's rules for decimals (LogicalTypeMerging), which are those of SQL Server.
        var (p1, s1) = (a.AsDecimal().Precision!.Value, a.AsDecimal().Scale!.Value);
        var (p2, s2) = (b.AsDecimal().Precision!.Value, b.AsDecimal().Scale!.Value);
        var (precision, scale) = sign switch
        {
            "*" => (p1 + p2 + 1, s1 + s2),
            "/" => (p1 - s1 + s2 + Math.Max(6, s1 + p2 + 1), Math.Max(6, s1 + p2 + 1)),
            "%" => (Math.Min(p1 - s1, p2 - s2) + Math.Max(s1, s2), Math.Max(s1, s2)),
            _ => (Math.Max(s1, s2) + Math.Max(p1 - s1, p2 - s2) + 1, Math.Max(s1, s2)),
        };
        if (precision > 38)
        {
            scale = Math.Max(38 - (precision - scale), Math.Min(scale, 6));
            precision = 38;
        }

        return DataType.Decimal(precision, scale) with { IsNullable = nullable };
    }

    private DataType? TypeOf(Case choice)
    {
        DataType? type = null;
        var isFirst = true;
        for (var i = 1; i < choice.Branches.Count; i += 2) Take(choice.Branches[i]);
        if (choice.Else is not null) Take(choice.Else);
        return choice.Else is null && type is not null ? type with { IsNullable = true } : type;

        void Take(SqlExpression branch)
        {
            if (branch is Literal { Kind: LiteralKind.Null }) return;
            var own = TypeOf(branch);
            type = isFirst ? own : DataType.Common(type, own);
            isFirst = false;
        }
    }

    private DataType? RowOf(Row row)
    {
        var fields = new List<(string, DataType)>();
        foreach (var item in row.Items)
        {
            if (TypeOf(item) is not { } type) return null;
            fields.Add((string.Create(CultureInfo.InvariantCulture, $"EXPR${fields.Count}"), type));
        }

        return new("ROW") { Fields = fields, IsNullable = false };
    }

    private DataType? TypeOf(Collection collection)
    {
        DataType?[] types = [.. collection.Items.Select(TypeOf)];
        if (collection.Word == "MAP")
        {
            var key = types.Where((_, i) => i % 2 == 0).Aggregate(types.FirstOrDefault(), DataType.Common);
            var value = types.Where((_, i) => i % 2 == 1).Aggregate(types.Skip(1).FirstOrDefault(), DataType.Common);
            return key is null || value is null ? null : new("MAP") { Arguments = [key, value], IsNullable = false };
        }

        return types.Aggregate(types.FirstOrDefault(), DataType.Common) is { } element
            ? new(collection.Word) { Arguments = [element], IsNullable = false } : null;
    }

    private DataType? TypeOf(Call call)
    {
        if (call.Name.Parts.Count != 1) return null;
        var first = call.Arguments.Count > 0 ? call.Arguments[0] : null;
        var name = call.Name.Last.Text.ToUpperInvariant();
        switch (name)
        {
            case "COUNT" or "ROW_NUMBER" or "RANK" or "DENSE_RANK" or "NTILE" or "APPROX_COUNT_DISTINCT" or "GROUPING_ID":
                return DataType.BigInt with { IsNullable = false };
            case "MIN" or "MAX" or "FIRST_VALUE" or "LAST_VALUE" or "LAG" or "LEAD" or "ABS" or "CEIL" or "CEILING"
                or "FLOOR" or "FIRST" or "LAST" or "PREV" or "NEXT" or "NTH_VALUE" or "TRUNCATE" or "NEGATIVE" or "ELEMENT":
                return TypeOf(first) is { } same ? same with { IsNullable = true } : null;
            case "SUM":
                return TypeOf(first) switch
                {
                    { Name: "DECIMAL" } number => DataType.Decimal(38, number.Scale ?? 0),
                    { IsNumeric: true } number => number with { IsNullable = true },
                    _ => null,
                };
            case "AVG":
                return TypeOf(first) switch
                {
                    { Name: "DECIMAL" } number => DataType.Decimal(38, Math.Max(6, number.Scale ?? 0)),
                    { IsNumeric: true } number => number with { IsNullable = true },
                    _ => null,
                };
            case "COALESCE" or "IFNULL" or "GREATEST" or "LEAST":
                var types = call.Arguments.Select(TypeOf).ToArray();
                return types.Length == 0 ? null : types.Skip(1).Aggregate(types[0], DataType.Common);
            case "NULLIF":
                return TypeOf(first) is { } type ? type with { IsNullable = true } : null;
            case "IF" when call.Arguments.Count == 3:
                return DataType.Common(TypeOf(call.Arguments[1]), TypeOf(call.Arguments[2]));
            case "CARDINALITY" or "CHAR_LENGTH" or "CHARACTER_LENGTH" or "LENGTH" or "OCTET_LENGTH" or "POSITION" or "ASCII"
                or "LOCATE" or "INSTR" or "TIMESTAMPDIFF" or "HASH_CODE" or "REGEXP_COUNT":
                return DataType.Int;
            case "EXTRACT" or "YEAR" or "QUARTER" or "MONTH" or "WEEK" or "DAYOFYEAR" or "DAYOFMONTH" or "DAYOFWEEK" or "HOUR"
                or "MINUTE" or "SECOND" or "UNIX_TIMESTAMP":
                return DataType.BigInt;
            case "TIMESTAMPADD":
                return call.Arguments.Count == 3 ? TypeOf(call.Arguments[2]) : null;
            case "CURRENT_DATE" or "TO_DATE":
                return DataType.Date;
            case "CURRENT_TIME" or "LOCALTIME":
                return DataType.Time;
            case "CURRENT_TIMESTAMP" or "NOW" or "CURRENT_ROW_TIMESTAMP" or "PROCTIME" or "TO_TIMESTAMP_LTZ"
                or "MATCH_PROCTIME" or "CURRENT_WATERMARK" or "TUMBLE_PROCTIME" or "HOP_PROCTIME" or "SESSION_PROCTIME":
                return DataType.TimestampLtz(3);
            case "LOCALTIMESTAMP" or "TO_TIMESTAMP" or "TUMBLE_START" or "TUMBLE_END" or "HOP_START" or "HOP_END"
                or "SESSION_START" or "SESSION_END" or "TUMBLE_ROWTIME" or "HOP_ROWTIME" or "SESSION_ROWTIME":
                return DataType.Timestamp(3);
            case "SQRT" or "LN" or "LOG" or "LOG2" or "LOG10" or "EXP" or "POWER" or "RAND" or "SIN" or "COS" or "TAN" or "COT"
                or "ASIN" or "ACOS" or "ATAN" or "ATAN2" or "DEGREES" or "RADIANS" or "PI" or "E" or "CUME_DIST"
                or "PERCENT_RANK" or "STDDEV_POP" or "STDDEV_SAMP" or "VAR_POP" or "VAR_SAMP" or "VARIANCE":
                return DataType.Double;
            case "ROUND":
                return TypeOf(first);
            case "REGEXP" or "IS_JSON" or "IS_ALPHA" or "IS_DIGIT" or "IS_DECIMAL" or "JSON_EXISTS" or "ARRAY_CONTAINS"
                or "STARTSWITH" or "ENDSWITH":
                return DataType.Boolean;
            case "JSON_VALUE" or "JSON_QUERY":
                return call.Returning is { } returning ? DataType.Of(returning) : DataType.String;
            case "ARRAY_AGG":
                return TypeOf(first) is { } item ? DataType.ArrayOf(item) : null;
            case "COLLECT":
                return TypeOf(first) is { } each ? new("MULTISET") { Arguments = [each] } : null;
            case "STR_TO_MAP":
                return new("MAP") { Arguments = [DataType.String, DataType.String] };
            case "SPLIT":
                return DataType.ArrayOf(DataType.String);
            default:
                return IsTextFunction(name) ? DataType.String : null;
        }
    }

    private static bool IsTextFunction(string name) => name is
        "UPPER" or "LOWER" or "TRIM" or "LTRIM" or "RTRIM" or "BTRIM" or "REPEAT" or "REGEXP_REPLACE" or "REGEXP_EXTRACT"
        or "OVERLAY" or "SUBSTRING" or "SUBSTR" or "REPLACE" or "INITCAP" or "CONCAT" or "CONCAT_WS" or "LPAD" or "RPAD"
        or "FROM_BASE64" or "TO_BASE64" or "CHR" or "LEFT" or "RIGHT" or "SPLIT_INDEX" or "REVERSE" or "PARSE_URL" or "UUID"
        or "MD5" or "SHA1" or "SHA224" or "SHA256" or "SHA384" or "SHA512" or "SHA2" or "HEX" or "BIN" or "DATE_FORMAT"
        or "FROM_UNIXTIME" or "CONVERT_TZ" or "LISTAGG" or "JSON_STRING" or "JSON_OBJECT" or "JSON_ARRAY"
        or "JSON_OBJECTAGG" or "JSON_ARRAYAGG" or "JSON_QUOTE" or "JSON_UNQUOTE" or "URL_ENCODE" or "URL_DECODE" or "TYPEOF"
        or "TRANSLATE" or "ELT" or "DECODE" or "CURRENT_DATABASE" or "CURRENT_USER" or "USER" or "SESSION_USER"
        or "CLASSIFIER" or "ARRAY_JOIN" or "PRINTF";
}
