using System.CommandLine;
using Xuanwu.FlinkSql;

namespace Xuanwu.Cli;

/// <summary>The command's grammar.</summary>
public static class XuanwuCommand
{
    private const string NewestFlink = "2.2";

    /// <summary>Runs a command line; see <see cref="ExitCode"/>. Ctrl-C cancels.</summary>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken ct)
    {
        var parsed = Root(terminal).Parse(args);
        foreach (var error in parsed.Errors) terminal.Error.WriteLine($"xuanwu: {error.Message}");
        if (parsed.Errors.Count > 0) return ExitCode.Trouble;
        return await parsed.InvokeAsync(new() { Output = terminal.Out, Error = terminal.Error }, ct);
    }

    private static RootCommand Root(Terminal terminal) => new("Flink SQL: run, check, map between versions, mock.")
    {
        Run(terminal), Check(terminal), Map(terminal), Mock(terminal),
    };

    private static Command Run(Terminal terminal)
    {
        var file = new Option<string?>("--file") { Description = "A script; - is the standard input." };
        var gateway = new Option<string?>("--gateway") { Description = "A SQL gateway's address: http://HOST:PORT" };
        var set = new Option<string[]>("--set") { Description = "KEY=VALUE, a setting of the session." };
        var mock = new Option<bool>("--mock") { Description = "Generates what is read, shows what is written." };
        var limit = new Option<long?>("--limit") { Description = "Rows of each query after which it is ended." };
        var timeout = new Option<double?>("--timeout") { Description = "Seconds after which all of it is ended." };
        var json = Json();
        limit.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<long?>() < 1) given.AddError("--limit is at least 1.");
        });
        set.Validators.Add(given =>
        {
            if (given.Tokens.Any(each => each.Value.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                given.AddError("--set takes KEY=VALUE.");
            }
        });
        var command = new Command("run", "Runs a script's statements on a SQL gateway and shows their changes.")
        {
            file, gateway, set, mock, limit, timeout, json,
        };
        command.Validators.Add(given =>
        {
            if (given.GetValue(file) is null) given.AddError("Name the script with --file.");
            if (Address(given.GetValue(gateway)) is null)
            {
                given.AddError("Name the SQL gateway with --gateway http://HOST:PORT.");
            }
        });
        command.SetAction(async (given, ct) =>
        {
            if (await SqlFile.ReadAsync(given.GetValue(file)!, terminal, ct) is not { } script)
            {
                return ExitCode.Trouble;
            }

            var options = new RunOptions(
                Address(given.GetValue(gateway))!,
                (given.GetValue(set) ?? []).Select(each => each.Split('=', 2))
                    .GroupBy(each => each[0]).ToDictionary(each => each.Key, each => each.Last()[1]),
                given.GetValue(mock),
                given.GetValue(limit),
                given.GetValue(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                given.GetValue(json));
            return await new RunCommand(options, terminal).RunAsync(script, ct);
        });
        return command;
    }

    private static Command Check(Terminal terminal)
    {
        var files = new Argument<string[]>("FILE") { Arity = ArgumentArity.OneOrMore };
        var syntax = new Option<bool>("--syntax") { Description = "The syntax alone, no rules." };
        var (flink, json) = (Flink("--flink"), Json());
        var command = new Command("check", "Tells what is wrong with scripts.") { files, syntax, flink, json };
        command.SetAction((given, ct) => CheckCommand.RunAsync(
            given.GetValue(files)!,
            given.GetValue(flink)!,
            given.GetValue(syntax),
            given.GetValue(json),
            terminal,
            ct));
        return command;
    }

    private static Command Map(Terminal terminal)
    {
        var file = new Argument<string>("FILE");
        var (to, json) = (Flink("--to"), Json());
        var command = new Command("map", "Writes a script for another version of Flink.") { file, to, json };
        command.SetAction((given, ct) => MapCommand.RunAsync(
            given.GetValue(file)!, given.GetValue(to)!, given.GetValue(json), terminal, ct));
        return command;
    }

    private static Command Mock(Terminal terminal)
    {
        var file = new Argument<string>("FILE");
        var rows = new Option<int>("--rows") { Description = "Rows of a source.", DefaultValueFactory = _ => 200 };
        var collect = new Option<bool>("--collect") { Description = "INSERTs become queries whose rows are seen." };
        var (flink, json) = (Flink("--flink"), Json());
        var command = new Command("mock", "Writes a script that touches nothing: sources generate, sinks print.")
        {
            file, rows, collect, flink, json,
        };
        command.SetAction((given, ct) => MockCommand.RunAsync(
            given.GetValue(file)!,
            given.GetValue(flink)!,
            given.GetValue(rows),
            given.GetValue(collect),
            given.GetValue(json),
            terminal,
            ct));
        return command;
    }

    private static Uri? Address(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https" }
            ? address
            : null;

    private static Option<bool> Json() => new("--json") { Description = "Lines of JSON, for pipelines." };

    private static Option<string> Flink(string name)
    {
        var option = new Option<string>(name)
        {
            Description = "A version of Flink, such as 1.20.",
            DefaultValueFactory = _ => NewestFlink,
        };
        option.Validators.Add(given =>
        {
            if (!Release.TryParse(given.GetValueOrDefault<string>(), out _))
            {
                given.AddError($"{name} takes a version of Flink, such as 1.20.");
            }
        });
        return option;
    }
}
