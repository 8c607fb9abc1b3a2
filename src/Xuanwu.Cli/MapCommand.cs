using Xuanwu.FlinkSql;
using Xuanwu.FlinkSql.Mapping;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.Cli;

/// <summary>
/// xuanwu map FILE --to 2.2: the script for another release; what changed and why goes to the error output.
/// </summary>
internal static class MapCommand
{
    public static async Task<int> RunAsync(string path, string to, bool json, Terminal terminal, CancellationToken ct)
    {
        if (await SqlFile.ReadAsync(path, terminal, ct) is not { } file) return ExitCode.Trouble;
        var mapped = SqlMapping.To(file.Text, SqlTarget.Of(to));
        var ok = mapped.Diagnostics.All(each => each.Severity != SqlSeverity.Error);
        if (json)
        {
            terminal.Line(new
            {
                file = file.Name,
                ok,
                to,
                text = mapped.Text,
                changes = mapped.Changes,
                diagnostics = mapped.Diagnostics.Select(SqlFile.Json),
            });
            return ok ? ExitCode.Ok : ExitCode.Wrong;
        }

        terminal.Out.Write(mapped.Text);
        foreach (var each in mapped.Changes)
        {
            terminal.Error.WriteLine(
                $"{file.Name}:{each.Line}:{each.Column}: {each.Before} -> {each.After} ({each.Why})");
        }

        file.Tell(mapped.Diagnostics, terminal);
        return ok ? ExitCode.Ok : ExitCode.Wrong;
    }
}
