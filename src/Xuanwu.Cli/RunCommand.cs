using System.Globalization;
using Spectre.Console;
using Xuanwu.Flink.Gateway;
using Xuanwu.Flink.Rest;
using Xuanwu.FlinkSql;
using Xuanwu.FlinkSql.Mocking;

namespace Xuanwu.Cli;

/// <summary>What of a script is run, and how.</summary>
/// <param name="Gateway">The SQL gateway's address.</param>
/// <param name="Properties">Settings that the session begins with.</param>
/// <param name="Mock">Whether to run it without touching anything.</param>
/// <param name="Limit">Rows of each query after which it is ended; null for all.</param>
/// <param name="Timeout">Limit of the whole; null for none.</param>
/// <param name="Json">Whether rows are lines of JSON.</param>
public sealed record RunOptions(
    Uri Gateway,
    IReadOnlyDictionary<string, string> Properties,
    bool Mock,
    long? Limit,
    TimeSpan? Timeout,
    bool Json);

/// <summary>
/// xuanwu run: a script's statements on a SQL gateway, in their order. Whatever ends it, no operation and no session is
/// left; jobs that INSERTs submitted go on, and their ids are told.
/// </summary>
internal sealed class RunCommand(RunOptions options, Terminal terminal)
{
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(5);

    public async Task<int> RunAsync(SqlFile file, CancellationToken stop)
    {
        using var http = FlinkHttp.Create();
        http.BaseAddress = options.Gateway;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (options.Timeout is { } timeout) limit.CancelAfter(timeout);
        try
        {
            var gateway = new SqlGateway(http);
            if (await gateway.ProductAsync(limit.Token) is not Exists<GatewayProduct> { Value: var product })
            {
                return terminal.Trouble($"No SQL gateway answers at {options.Gateway}.");
            }

            Tell(product);
            var script = options.Mock ? Mocked(file, product) : file;
            return script is null ? ExitCode.Wrong : await RunAsync(gateway, script, limit.Token);
        }
        catch (OperationCanceledException)
        {
            return terminal.Trouble(stop.IsCancellationRequested
                ? "Cancelled."
                : string.Create(
                    CultureInfo.InvariantCulture, $"It did not end within {options.Timeout?.TotalSeconds:0.#} s."));
        }
        catch (GatewayUnreachable lost)
        {
            return terminal.Trouble(lost.Message);
        }
    }

    private void Tell(GatewayProduct product)
    {
        if (options.Json)
        {
            terminal.Line(new
            {
                gateway = new { product.Name, product.Version, simulated = product.IsSimulated },
            });
        }
        else if (product.IsSimulated)
        {
            terminal.Error.WriteLine($"xuanwu: simulated: {product.Name} makes rows up; it executes no SQL.");
        }
    }

    // The promise that nothing is touched is checked before anything is run.
    private SqlFile? Mocked(SqlFile file, GatewayProduct product)
    {
        var mocked = SqlMock.Of(
            file.Text, new(SqlTarget.Of(Minor(product.Version))) { Sinks = MockSinks.Collect });
        var broken = MockGuarantee.Broken(mocked.Text);
        file.Tell(mocked.Diagnostics, terminal);
        var made = new SqlFile($"{file.Name} (mocked)", mocked.Text);
        return made.Tell(broken, terminal) ? null : made;
    }

    private async Task<int> RunAsync(SqlGateway gateway, SqlFile file, CancellationToken ct)
    {
        var split = SplitScript.Split(file.Text);
        if (split.Error is { } error) return file.TellError(error.At, error.Message, terminal);

        var preparation = split.Statements.TakeWhile(Prepares).ToList();
        var context = SqlContext.Of(options.Properties) with { Preparation = preparation };
        switch (await context.OpenAsync(gateway, ct, "xuanwu run"))
        {
            case ContextRefused refused:
                return file.TellError(refused.At, refused.Sentence, terminal);
            case ContextUnknown unknown:
                return terminal.Trouble(unknown.Reason);
            case ContextReady { Session: var session }:
                try
                {
                    foreach (var (at, statement) in split.Statements.Index().Skip(preparation.Count))
                    {
                        var code = await RunAsync(session, file, at + 1, statement, ct);
                        if (code != ExitCode.Ok) return code;
                    }
                }
                finally
                {
                    using var goodbye = new CancellationTokenSource(Goodbye);
                    await session.CloseAsync(goodbye.Token);
                }

                break;
        }

        return ExitCode.Ok;
    }

    private async Task<int> RunAsync(
        SqlGatewaySession session, SqlFile file, int number, StatementText statement, CancellationToken ct)
    {
        var operation = await session.StartAsync(SqlContext.Sent(statement), ct);
        var ended = false;
        try
        {
            var rows = new RowWriter(terminal, number, options.Json);
            await terminal.Notes.Status().StartAsync($"statement {number}", async status =>
            {
                await foreach (var page in operation.ReadAsync(Timeout.InfiniteTimeSpan, ct))
                {
                    rows.Write(page, options.Limit);
                    status.Status($"statement {number}: {rows.Written} rows");
                    if (rows.Written < options.Limit) continue;
                    return;
                }

                ended = true;
            });
            rows.End();
            return ExitCode.Ok;
        }
        catch (GatewayError failed)
        {
            ended = true;
            var refused = SqlContext.Refused(failed, AssembledSql.Of(statement));
            return file.TellError(refused.At, refused.Sentence, terminal);
        }
        finally
        {
            using var goodbye = new CancellationTokenSource(Goodbye);
            if (!ended) await operation.CancelAsync(goodbye.Token);
            await operation.CloseAsync(goodbye.Token);
        }
    }

    private static bool Prepares(StatementText statement) => statement.Kind is
        StatementKind.Set or StatementKind.Reset or StatementKind.Use or StatementKind.CreateTable
        or StatementKind.CreateCatalog or StatementKind.CreateDatabase or StatementKind.CreateView
        or StatementKind.CreateFunction or StatementKind.AddJar or StatementKind.LoadModule
        or StatementKind.UnloadModule;

    private static string Minor(string version) => string.Join('.', version.Split('.').Take(2));
}
