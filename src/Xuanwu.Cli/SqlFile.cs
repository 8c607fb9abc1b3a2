using Xuanwu.FlinkSql;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.Cli;

/// <summary>A script and what it is called in messages.</summary>
public sealed record SqlFile(string Name, string Text)
{
    /// <summary>Reads a file; <c>-</c> is the standard input. Null, and said so, when it cannot be read.</summary>
    public static async Task<SqlFile?> ReadAsync(string path, Terminal terminal, CancellationToken ct)
    {
        try
        {
            return path == "-"
                ? new("<stdin>", await Console.In.ReadToEndAsync(ct))
                : new(path, await File.ReadAllTextAsync(path, ct));
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            terminal.Trouble($"{path} cannot be read: {broken.Message}");
            return null;
        }
    }

    /// <summary>Tells diagnostics as file:line:column; whether there is an error among them.</summary>
    public bool Tell(IEnumerable<SqlDiagnostic> diagnostics, Terminal terminal)
    {
        var wrong = false;
        foreach (var each in diagnostics)
        {
            wrong |= each.Severity == SqlSeverity.Error;
            var fix = each.Fix is { } known ? $" ({known.Title})" : "";
            terminal.Error.WriteLine(
                $"{Name}:{each.Line}:{each.Column}: {Word(each.Severity)} {each.Code}: {each.Message}{fix}");
        }

        return wrong;
    }

    /// <summary>Tells one error as file:line:column, or as file when its place is not known.</summary>
    public int TellError(SqlPosition? at, string sentence, Terminal terminal)
    {
        terminal.Error.WriteLine(at is { } place
            ? $"{Name}:{place.Line}:{place.Column}: error: {sentence}"
            : $"{Name}: error: {sentence}");
        return ExitCode.Wrong;
    }

    public static object Json(SqlDiagnostic each) => new
    {
        each.Code,
        Severity = Word(each.Severity),
        each.Message,
        each.Line,
        each.Column,
        each.Length,
    };

    private static string Word(SqlSeverity severity) => severity == SqlSeverity.Error ? "error" : "warning";
}
