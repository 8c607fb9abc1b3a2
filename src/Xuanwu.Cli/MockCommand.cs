using Xuanwu.FlinkSql;
using Xuanwu.FlinkSql.Mocking;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.Cli;

/// <summary>
/// xuanwu mock FILE: the script that touches nothing; each change and its reason goes to the error output.
/// </summary>
internal static class MockCommand
{
    public static async Task<int> RunAsync(
        string path, string flink, int rows, bool collect, bool json, Terminal terminal, CancellationToken ct)
    {
        if (await SqlFile.ReadAsync(path, terminal, ct) is not { } file) return ExitCode.Trouble;
        var options = new MockOptions(SqlTarget.Of(flink))
        {
            Rows = rows,
            Sinks = collect ? MockSinks.Collect : MockSinks.Print,
        };
        var mocked = SqlMock.Of(file.Text, options);
        var diagnostics = mocked.Diagnostics.Concat(MockGuarantee.Broken(mocked.Text)).ToList();
        var ok = diagnostics.TrueForAll(each => each.Severity != SqlSeverity.Error);
        if (json)
        {
            terminal.Line(new
            {
                file = file.Name,
                ok,
                text = mocked.Text,
                changes = mocked.Changes,
                diagnostics = diagnostics.Select(SqlFile.Json),
            });
            return ok ? ExitCode.Ok : ExitCode.Wrong;
        }

        terminal.Out.Write(mocked.Text);
        foreach (var each in mocked.Changes)
        {
            terminal.Error.WriteLine(
                $"{file.Name}:{each.Line}:{each.Column}: {each.Subject}: {each.What} ({each.Why})");
        }

        file.Tell(diagnostics, terminal);
        return ok ? ExitCode.Ok : ExitCode.Wrong;
    }
}
