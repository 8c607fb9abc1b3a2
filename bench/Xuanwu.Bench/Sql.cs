using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.Bench;

/// <summary>
/// Reading Flink SQL: warm on one thread, with and without lineage, and the first call of a fresh process. Against
/// npm dt-sql-parser on the same files in the same run, where node and npm are at hand.
/// </summary>
internal static class Sql
{
    private const string Peer = "4.5.1";

    private const string PeerProgram =
        """
        import { register } from 'node:module';
        import fs from 'node:fs';
        // The package imports folders and files without endings, which bundlers find and node does not.
        const hook = `export async function resolve(name, context, next) {
          for (const end of ['', '.js', '/index.js']) {
            try { return await next(name + end, context); } catch (e) { if (end === '/index.js') throw e; }
          }
        }`;
        register('data:text/javascript,' + encodeURIComponent(hook));
        const { FlinkSQL } = await import('dt-sql-parser');
        const parser = new FlinkSQL();
        const [, , rounds, ...files] = process.argv;
        const result = {};
        for (const file of files) {
          // It keeps the tree of the last text, so each run gets a text of its own.
          const content = fs.readFileSync(file, 'utf8');
          let serial = 0;
          const text = () => content + '\n-- ' + serial++;
          const time = (run) => {
            run(); run();
            const times = [];
            for (let i = 0; i < +rounds; i++) {
              const start = process.hrtime.bigint();
              run();
              times.push(Number(process.hrtime.bigint() - start) / 1e6);
            }
            return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
          };
          const errors = parser.validate(text()).length;
          const validate = time(() => parser.validate(text()));
          const entities = time(() => parser.getAllEntities(text()));
          result[file] = { validate, entities, errors };
        }
        console.log(JSON.stringify(result));
        """;

    public static async Task RunAsync(bool quick)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(),
            $"xuanwu-bench-sql-{Environment.ProcessId}"));
        try
        {
            var files = new List<string>();
            foreach (var length in new[] { 10_000, 200_000 })
            {
                var file = Path.Combine(folder.FullName, $"{length / 1000}kB.sql");
                await File.WriteAllTextAsync(file, SqlScripts.Of(length));
                files.Add(file);
            }

            var peer = await PeerAsync(folder.FullName, files, quick ? 3 : 9);
            var text = new StringBuilder();
            text.AppendLine(
                $"""
                One thread, warm; median (lowest–highest) of rounds, each about 100 ms long. "Lineage" is parse, tables,
                roles and edges; "columns" adds column lineage and types of every flow. "Alloc" is bytes allocated per
                byte of UTF-8, parse / lineage. The peer is npm dt-sql-parser {Peer}, medians of its own rounds in the
                same run{(peer is null ? ", which could not be installed here" : "")}: its validate against our parse
                (goal 30), its getAllEntities against our lineage (goal 100 at 200 kB).

                | script | parse ms | MB/s | lineage ms | columns ms | alloc | validate ms | ratio | entities ms | ratio |
                |---|---|---|---|---|---|---|---|---|---|
                """);
            foreach (var file in files) text.AppendLine(Row(file, peer, quick));
            text.AppendLine();
            text.AppendLine(await FirstCallsAsync(files, quick ? 3 : 7));
            Results.Write("sql", "./dev.sh bench sql" + (quick ? " --quick" : ""), text.ToString());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// What a fresh process needs for its first script: parse alone, then lineage, on standard output.
    /// </summary>
    public static void First(string file)
    {
        var text = File.ReadAllText(file);
        var start = Stopwatch.GetTimestamp();
        var script = SqlScript.Parse(text);
        var parsed = Stopwatch.GetElapsedTime(start);
        SqlAnalysis.Of(script);
        var understood = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(JsonSerializer.Serialize(new[] { parsed.TotalMilliseconds, understood.TotalMilliseconds }));
    }

    private static string Row(string file, Dictionary<string, PeerTimes>? peer, bool quick)
    {
        var sql = File.ReadAllText(file);
        var length = Encoding.UTF8.GetByteCount(sql);
        if (!SqlScript.Parse(sql).IsValid) throw new InvalidOperationException("The generated script is not valid.");
        var rounds = quick ? 5 : 21;
        var parse = Measure(() => SqlScript.Parse(sql), rounds, out var parseBytes);
        var lineage = Measure(() => SqlAnalysis.Of(SqlScript.Parse(sql)), rounds, out var lineageBytes);
        var columns = Measure(() =>
        {
            var analysis = SqlAnalysis.Of(SqlScript.Parse(sql));
            foreach (var flow in analysis.Flows) analysis.ColumnsOf(flow);
            return analysis;
        }, rounds, out _);
        var theirs = peer?[file];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {length / 1000.0:N1} kB | {Results.Spread(parse, "N3")} | ")
            + string.Create(CultureInfo.InvariantCulture, $"{length / Results.Median(parse) / 1000:N0} | ")
            + string.Create(
                CultureInfo.InvariantCulture,
                $"{Results.Spread(lineage, "N3")} | {Results.Spread(columns, "N3")} | {parseBytes / length:N1} / "
                + $"{lineageBytes / length:N1} | ")
            + (theirs is null
                ? "- | - | - | - |"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{theirs.Validate:N1} ({theirs.Errors} errors) | "
                    + $"**{theirs.Validate / Results.Median(parse):N0}** | "
                    + $"{theirs.Entities:N1} | **{theirs.Entities / Results.Median(lineage):N0}** |"));
    }

    // Milliseconds a run, one figure a round.
    private static List<double> Measure(Func<object> run, int rounds, out double bytes)
    {
        var clock = Stopwatch.StartNew();
        var runs = 0;
        for (; clock.ElapsedMilliseconds < 1500
            || runs < 100; runs++) run(); // warm: tiers are compiled in the background
        var each = Math.Max(1, (int)(runs * 100 / clock.Elapsed.TotalMilliseconds));
        var before = GC.GetAllocatedBytesForCurrentThread();
        run();
        bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        var times = new List<double>(rounds);
        for (var round = 0; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < each; i++) run();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds / each);
        }

        return times;
    }

    private static async Task<string> FirstCallsAsync(List<string> files, int rounds)
    {
        var text = new StringBuilder("First call in a fresh process (goal 100 ms): ");
        foreach (var file in files)
        {
            var parse = new List<double>();
            var lineage = new List<double>();
            for (var round = 0; round < rounds; round++)
            {
                var output = await OutputAsync(
                    Environment.ProcessPath!, null, [typeof(Sql).Assembly.Location, "sql-first", file]);
                var times = JsonSerializer.Deserialize<double[]>(output!)!;
                parse.Add(times[0]);
                lineage.Add(times[1]);
            }

            text.Append(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileNameWithoutExtension(file)} parse {Results.Spread(parse, "N0")} ms, with lineage "
                + $"{Results.Spread(lineage, "N0")} ms; ");
        }

        return text.ToString().TrimEnd(' ', ';') + ".";
    }

    private sealed record PeerTimes(double Validate, double Entities, int Errors);

    private static async Task<Dictionary<string, PeerTimes>?> PeerAsync(string folder, List<string> files, int rounds)
    {
        try
        {
            var installed = await OutputAsync(
                "npm", folder, ["install", "--no-audit", "--no-fund", "--prefix", folder, $"dt-sql-parser@{Peer}"]);
            if (installed is null) return null;
            var program = Path.Combine(folder, "peer.mjs");
            await File.WriteAllTextAsync(program, PeerProgram);
            var output = await OutputAsync(
                "node", folder, [program, rounds.ToString(CultureInfo.InvariantCulture), .. files]);
            return output is null ? null : JsonSerializer.Deserialize<Dictionary<string, PeerTimes>>(
                output, JsonSerializerOptions.Web);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no node or npm
        }
    }

    // What a program writes; null when it fails.
    private static async Task<string?> OutputAsync(string program, string? folder, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        if (folder is not null) start.WorkingDirectory = folder;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : null;
    }
}
