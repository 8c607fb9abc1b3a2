namespace Xuanwu.FlinkSql.Syntax;

/// <summary>
/// The words of Flink SQL: reserved ones cannot be names unless they stand in backquotes, the others can.
/// Source: the keyword list of Flink's documentation ("SQL, Overview, Reserved keywords") with the keywords that Flink
/// adds to Calcite's grammar, less both of the grammar's lists of words that are not reserved (Parser.tdd, 2.x).
/// </summary>
public static class SqlWords
{
    private const string ReservedWords =
        """
        ABS ALL ALLOCATE ALLOW ALTER AND ANY ARE ARRAY AS ASENSITIVE ASF ASYMMETRIC AT ATOMIC AUTHORIZATION AVG
        BASIS BEGIN BETWEEN BIGINT BINARY BIT BITMAP BLOB BOOLEAN BOTH BUCKETS BY BYTES CALL CALLED CARDINALITY
        CASCADED CASE CAST CATALOGS CEIL CEILING CHAR CHARACTER CHARACTER_LENGTH CHAR_LENGTH CHECK CLOB CLOSE
        COALESCE COLLATE COLLECT COLUMN COMMENT COMMIT CONDITION CONDITIONS CONNECT CONNECTIONS CONSTRAINT
        CONTAINS CONTINUOUS CONVERT CORR CORRESPONDING COUNT COVAR_POP COVAR_SAMP CREATE CROSS CUBE CUME_DIST
        CURRENT CURRENT_CATALOG CURRENT_DATE CURRENT_DEFAULT_TRANSFORM_GROUP CURRENT_PATH CURRENT_ROLE
        CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_TRANSFORM_GROUP_FOR_TYPE CURRENT_USER CURSOR CYCLE
        DATABASES DATE DAY DDL DEALLOCATE DEC DECIMAL DECLARE DEFAULT DELETE DENSE_RANK DEREF DESCRIBE
        DETERMINISTIC DISALLOW DISCONNECT DISTINCT DISTRIBUTED DISTRIBUTION DML DOUBLE DROP DYNAMIC EACH ELEMENT
        ELSE END EQUALS ESCAPE EVERY EXCEPT EXEC EXECUTE EXISTS EXP EXPLAIN EXTEND EXTENDED EXTERNAL EXTRACT
        FALSE FETCH FILTER FIRST_VALUE FLOAT FLOOR FOR FOREIGN FREE FRESHNESS FROM FULL FUNCTION FUNCTIONS
        FUSION GET GLOBAL GRANT GROUP GROUPING HASH HAVING HOLD HOUR IDENTITY IMPORT IN INDICATOR INNER INOUT
        INSENSITIVE INSERT INT INTEGER INTERSECT INTERSECTION INTERVAL INTO IS JOIN KIND LANGUAGE LARGE
        LAST_VALUE LATERAL LEADING LEFT LICENSE LIKE LIMIT LN LOCAL LOCALTIME LOCALTIMESTAMP LOWER MATCH
        MATCH_RECOGNIZE MATERIALIZED MAX MEMBER MERGE METHOD MIN MINUS MINUTE MOD MODELS MODIFIES MODIFY MODULE
        MODULES MONTH MORE MULTISET NATIONAL NATURAL NCHAR NCLOB NEW NEXT NO NONE NORMALIZE NOT NOTICE NULL
        NULLIF NUMERIC OCTET_LENGTH OF OFFSET OLD ON ONLY OPEN OR ORDER OUT OUTER OVER OVERLAPS OVERLAY
        PARAMETER PARTITION PERCENTILE_CONT PERCENTILE_DISC PERCENT_RANK POSITION POWER PRECISION PREPARE
        PRIMARY PROCEDURE PROCEDURES QUALIFY RANGE RANK RAW READS REAL RECURSIVE REF REFERENCES REFERENCING
        REFRESH REFRESH_MODE REGR_AVGX REGR_AVGY REGR_COUNT REGR_INTERCEPT REGR_R2 REGR_SLOPE REGR_SXX REGR_SXY
        REGR_SYY RELEASE RENAME RESET RESULT RESUME RETURN RETURNS REVOKE RIGHT ROLLBACK ROLLUP ROW ROWS
        ROW_NUMBER SAVEPOINT SCALA SCOPE SCROLL SEARCH SECOND SELECT SENSITIVE SESSION_USER SET SHOW SIMILAR
        SMALLINT SOME SPECIFIC SPECIFICTYPE SQL SQLEXCEPTION SQLSTATE SQLWARNING SQRT START STATEMENT STATIC
        STDDEV_POP STDDEV_SAMP STREAM STRING STRUCTURED SUBMULTISET SUBSTRING SUM SUSPEND SYMMETRIC SYSTEM
        SYSTEM_USER TABLE TABLES TABLESAMPLE THEN TIME TIMESTAMP TIMESTAMP_LTZ TIMEZONE_HOUR TIMEZONE_MINUTE
        TINYINT TO TRAILING TRANSLATE TRANSLATION TREAT TRIGGER TRIM TRUE TRY_CAST UESCAPE UNION UNIQUE UNKNOWN
        UNNEST UPDATE UPPER UPSERT USE USER USING VALUE VALUES VARBINARY VARCHAR VARYING VAR_POP VAR_SAMP VIEWS
        WARRANTIES WATERMARK WATERMARKS WHEN WHENEVER WHERE WIDTH_BUCKET WINDOW WITH WITHIN WITHOUT YEAR
        """;

    private const string FreeWords =
        """
        A ABSENT ABSOLUTE ACTION ADA ADD ADMIN AFTER ALWAYS ANALYZE APPLY ARRAY_AGG ARTIFACT ASC ASSERTION
        ASSIGNMENT ATTRIBUTE ATTRIBUTES BEFORE BERNOULLI BREADTH C CASCADE CATALOG CATALOG_NAME CENTURY CHAIN
        CHANGELOG_MODE CHARACTERISTICS CHARACTERS CHARACTER_SET_CATALOG CHARACTER_SET_NAME CHARACTER_SET_SCHEMA
        CLASS_ORIGIN COBOL COLLATION COLLATION_CATALOG COLLATION_NAME COLLATION_SCHEMA COLUMNS COLUMN_NAME
        COMMAND_FUNCTION COMMAND_FUNCTION_CODE COMMITTED COMPILE COMPUTE CONDITIONAL CONDITION_NUMBER CONFLICT
        CONNECTION CONNECTION_NAME CONSTRAINTS CONSTRAINT_CATALOG CONSTRAINT_NAME CONSTRAINT_SCHEMA CONSTRUCTOR
        CONTINUE CURSOR_NAME DATA DATABASE DATETIME_DIFF DATETIME_INTERVAL_CODE DATETIME_INTERVAL_PRECISION
        DATE_DIFF DAYOFWEEK DAYOFYEAR DAYS DECADE DEDUPLICATE DEFAULTS DEFERRABLE DEFERRED DEFINED DEFINER
        DEGREE DEPTH DERIVED DESC DESCRIPTION DESCRIPTOR DIAGNOSTICS DISPATCH DO DOMAIN DOW DOY DRAIN
        DYNAMIC_FUNCTION DYNAMIC_FUNCTION_CODE ENCODING ENFORCED EPOCH ERROR ESTIMATED_COST EXCEPTION EXCLUDE
        EXCLUDING FINAL FIRST FOLLOWING FORMAT FORTRAN FOUND FRAC_SECOND FROM_BEGINNING FROM_NOW FROM_TIMESTAMP
        G GENERAL GENERATED GEOMETRY GO GOTO GRANTED HIERARCHY HOP HOURS IF IGNORE IMMEDIATE IMMEDIATELY
        IMPLEMENTATION INCLUDING INCREMENT INITIALLY INPUT INSTANCE INSTANTIABLE INVOKER ISODOW ISOLATION
        ISOYEAR JAR JARS JAVA JOB JOBS JSON JSON_EXECUTION_PLAN K KEY KEY_MEMBER KEY_TYPE LABEL LAST LENGTH
        LEVEL LIBRARY LOAD LOCATOR M MAP MATCHED MAXVALUE MESSAGE_LENGTH MESSAGE_OCTET_LENGTH MESSAGE_TEXT
        METADATA MICROSECOND MILLENNIUM MILLISECOND MINUTES MINVALUE MODEL MONTHS MORE_ MUMPS NAME NAMES
        NANOSECOND NESTING NORMALIZED NOTHING NULLABLE NULLS NUMBER OBJECT OCTETS OPTION OPTIONS ORDERING
        ORDINALITY OTHERS OUTPUT OVERRIDING OVERWRITE OVERWRITING PAD PARAMETER_MODE PARAMETER_NAME
        PARAMETER_ORDINAL_POSITION PARAMETER_SPECIFIC_CATALOG PARAMETER_SPECIFIC_NAME PARAMETER_SPECIFIC_SCHEMA
        PARTIAL PARTITIONED PARTITIONS PASCAL PASSING PASSTHROUGH PAST PATH PLACING PLAN PLAN_ADVICE PLI
        PRECEDING PRESERVE PRIOR PRIVILEGES PUBLIC PYTHON QUARTER READ RELATIVE REMOVE REPEATABLE REPLACE
        RESPECT RESTART RESTRICT RESUME_OR_FROM_BEGINNING RESUME_OR_FROM_NOW RESUME_OR_FROM_TIMESTAMP
        RETURNED_CARDINALITY RETURNED_LENGTH RETURNED_OCTET_LENGTH RETURNED_SQLSTATE RETURNING ROLE ROUTINE
        ROUTINE_CATALOG ROUTINE_NAME ROUTINE_SCHEMA ROW_COUNT SCALAR SCALE SCHEMA SCHEMA_NAME SCOPE_CATALOGS
        SCOPE_NAME SCOPE_SCHEMA SECONDS SECTION SECURITY SELF SEQUENCE SERIALIZABLE SERVER SERVER_NAME SESSION
        SETS SIMPLE SIZE SOURCE SPACE SPECIFIC_NAME SQL_BIGINT SQL_BINARY SQL_BIT SQL_BLOB SQL_BOOLEAN SQL_CHAR
        SQL_CLOB SQL_DATE SQL_DECIMAL SQL_DOUBLE SQL_FLOAT SQL_INTEGER SQL_INTERVAL_DAY SQL_INTERVAL_DAY_TO_HOUR
        SQL_INTERVAL_DAY_TO_MINUTE SQL_INTERVAL_DAY_TO_SECOND SQL_INTERVAL_HOUR SQL_INTERVAL_HOUR_TO_MINUTE
        SQL_INTERVAL_HOUR_TO_SECOND SQL_INTERVAL_MINUTE SQL_INTERVAL_MINUTE_TO_SECOND SQL_INTERVAL_MONTH
        SQL_INTERVAL_SECOND SQL_INTERVAL_YEAR SQL_INTERVAL_YEAR_TO_MONTH SQL_LONGVARBINARY SQL_LONGVARCHAR
        SQL_LONGVARNCHAR SQL_NCHAR SQL_NCLOB SQL_NUMERIC SQL_NVARCHAR SQL_REAL SQL_SMALLINT SQL_TIME
        SQL_TIMESTAMP SQL_TINYINT SQL_TSI_DAY SQL_TSI_FRAC_SECOND SQL_TSI_HOUR SQL_TSI_MICROSECOND
        SQL_TSI_MINUTE SQL_TSI_MONTH SQL_TSI_QUARTER SQL_TSI_SECOND SQL_TSI_WEEK SQL_TSI_YEAR SQL_VARBINARY
        SQL_VARCHAR START_MODE STATE STATISTICS STOP STRUCTURE STYLE SUBCLASS_ORIGIN SUBSTITUTE TABLE_NAME
        TEMPORARY TIES TIMESTAMPADD TIMESTAMPDIFF TOP_LEVEL_COUNT TRANSACTION TRANSACTIONS_ACTIVE
        TRANSACTIONS_COMMITTED TRANSACTIONS_ROLLED_BACK TRANSFORM TRANSFORMS TRIGGER_CATALOG TRIGGER_NAME
        TRIGGER_SCHEMA TUMBLE TYPE UNBOUNDED UNCOMMITTED UNCONDITIONAL UNDER UNLOAD UNNAMED USAGE
        USER_DEFINED_TYPE_CATALOG USER_DEFINED_TYPE_CODE USER_DEFINED_TYPE_NAME USER_DEFINED_TYPE_SCHEMA UTF16
        UTF32 UTF8 UUID VERSION VIEW VIRTUAL WEEK WORK WRAPPER WRITE XML YEARS ZONE
        """;

    // Open addressing, four slots a word. A slot holds the number of a word plus one.
    private const int Slots = 4096;
    private const int Longest = 32;

    private static readonly string[] Words;
    private static readonly bool[] Reserved;
    private static readonly ushort[] Table = new ushort[Slots];

#pragma warning disable CA1810 // Three tables of one pass: initialisers would make it three.
    static SqlWords()
#pragma warning restore CA1810
    {
        var reserved = ReservedWords.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var free = FreeWords.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var grammar = Enum.GetNames<Tok>();
        Words = new string[grammar.Length + reserved.Length + free.Length];
        Reserved = new bool[Words.Length];
        var count = 0;
        foreach (var name in grammar)
        {
            if (count > (int)Tok.FirstWord) Add(name, count);
            Words[count++] = name;
        }

        foreach (var word in reserved) Reserved[Find(word) ?? Append(word)] = true;
        foreach (var word in free) _ = Find(word) ?? Append(word);
        Array.Resize(ref Words, count);
        return;

        int Append(string word)
        {
            Add(word, count);
            Words[count] = word;
            return count++;
        }
    }

    /// <summary>Whether a name spelt so, in whatever case, has to stand in backquotes.</summary>
    public static bool IsReserved(ReadOnlySpan<char> word) => Find(word) is { } number && Reserved[number];

    /// <summary>All words that have to stand in backquotes to be names, in capitals.</summary>
    public static IReadOnlyList<string> AllReserved() => [.. Words.Where((_, number) => Reserved[number])];

    /// <summary>A name as it is written in SQL: in backquotes where it needs them, else as it is.</summary>
    public static string Quoted(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bare = name.Length > 0 && !char.IsAsciiDigit(name[0]) && name[0] != '$' && !IsReserved(name);
        foreach (var c in name) bare = bare && SqlLexer.IsNamePart(c);
        return bare ? name : SqlQuote.Name(name);
    }

    internal static bool IsReserved(Tok word) => Reserved[(int)word];

    /// <summary>A keyword in capitals, a sign as it is.</summary>
    internal static string Spelling(Tok word) => word < Tok.FirstWord ? Sign(word) : Words[(int)word];

    private static string Sign(Tok sign) => sign switch
    {
        Tok.Open => "(",
        Tok.Close => ")",
        Tok.OpenBracket => "[",
        Tok.CloseBracket => "]",
        Tok.OpenBrace => "{",
        Tok.CloseBrace => "}",
        Tok.Comma => ",",
        Tok.Semicolon => ";",
        Tok.Dot => ".",
        Tok.Minus => "-",
        Tok.Plus => "+",
        Tok.Star => "*",
        Tok.Bar => "|",
        Tok.Caret => "^",
        Tok.Dollar => "$",
        Tok.Question => "?",
        Tok.Colon => ":",
        Tok.Equal => "=",
        Tok.Less => "<",
        Tok.Greater => ">",
        Tok.NotEqual => "<>",
        Tok.HintEnd => "*/",
        _ => Words[(int)sign],
    };

    /// <summary>The word of a name whose folded characters hash so, or null. See <see cref="Hash"/>.</summary>
    internal static Tok? Find(ReadOnlySpan<char> name, uint hash)
    {
        if (name.Length > Longest) return null;
        for (var slot = hash % Slots; Table[slot] != 0; slot = (slot + 1) % Slots)
        {
            var word = Words[Table[slot] - 1];
            if (word.Length == name.Length && Equal(word, name)) return (Tok)(Table[slot] - 1);
        }

        return null;
    }

    /// <summary>Takes one more character into a hash that begins with 0 and does not see case.</summary>
    internal static uint Hash(uint hash, char c) => (hash * 31) + (uint)(c & ~0x20);

    private static int? Find(ReadOnlySpan<char> name) => Find(name, HashOf(name)) is { } word ? (int)word : null;

    private static uint HashOf(ReadOnlySpan<char> name)
    {
        var hash = 0u;
        foreach (var c in name) hash = Hash(hash, c);
        return hash;
    }

    // The bit 0x20 alone tells capitals from small letters; no two other characters of a name differ in it alone.
    private static bool Equal(string word, ReadOnlySpan<char> name)
    {
        for (var i = 0; i < word.Length; i++)
        {
            if (((word[i] ^ name[i]) & ~0x20) != 0) return false;
        }

        return true;
    }

    private static void Add(string word, int number)
    {
        var slot = HashOf(word) % Slots;
        while (Table[slot] != 0) slot = (slot + 1) % Slots;
        Table[slot] = (ushort)(number + 1);
    }
}
