using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Xuanwu.Server.Tests;

/// <summary>
/// Lists page by page in both directions, the journal in global order, the past, and what changed between versions.
/// </summary>
[Collection(nameof(XuanwuCollection))]
public sealed class ListStories(XuanwuFixture fixture)
{
    private const int Count = 25;
    private readonly XuanwuHost _host = fixture.Host;

    [Fact]
    public async Task Pages_forwards_and_backwards_show_every_job_once_in_each_order()
    {
        var project = await JobsAsync(Count);
        foreach (var order in new[]
        {
            "null", "[{ name: ASC }]", "[{ name: DESC }]", "[{ createdAt: ASC }]", "[{ owner: ASC }, { name: DESC }]",
            "[{ state: DESC }]", "[{ kind: ASC, changedAt: DESC }]", "[{ archived: ASC }, { id: ASC }]",
        })
        {
            var whole = await PageAsync(project, $"first: 100, order: {order}");
            var names = Names(whole);
            Assert.Equal(Count, names.Count);
            Assert.Equal(Count, (int)whole["totalCount"]!);
            Assert.Equal(names, await WalkAsync(project, order, size: 7, backward: false));
            var backward = await WalkAsync(project, order, size: 7, backward: true);
            Assert.Equal(names, backward);
        }
    }

    [Fact]
    public async Task Orders_are_what_they_say()
    {
        var project = await JobsAsync(Count);
        var ascending = Names(await PageAsync(project, "first: 100, order: [{ name: ASC }]"));
        Assert.Equal(ascending.Order(StringComparer.Ordinal), ascending);
        Assert.Equal(
            ascending.AsEnumerable().Reverse(), Names(await PageAsync(project, "first: 100, order: [{ name: DESC }]")));
        Assert.Equal(ascending.AsEnumerable().Reverse(), Names(await PageAsync(project, "first: 100")));
        var byOwner = await PageAsync(project, "first: 100, order: [{ owner: ASC }, { name: DESC }]");
        var owners = byOwner["nodes"]!.AsArray()
            .Select(node => ((string)node!["owner"]!, (string)node["name"]!)).ToList();
        Assert.Equal(
            owners.OrderBy(it => it.Item1, StringComparer.Ordinal).ThenByDescending(
                it => it.Item2, StringComparer.Ordinal),
            owners);
    }

    [Theory]
    [InlineData("name: { startsWith: \"job-1\" }", 10)]
    [InlineData("name: { endsWith: \"4\" }", 3)]
    [InlineData("name: { in: [\"job-01\", \"job-02\", \"no\"] }", 2)]
    [InlineData("name: { nin: [\"job-01\"] }", 24)]
    [InlineData("owner: { eq: \"owner-0\" }", 9)]
    [InlineData("owner: { neq: \"owner-0\" }", 16)]
    [InlineData("state: { eq: null }", 25)]
    [InlineData("state: { neq: RUNNING }", 25)]
    [InlineData("kind: { eq: JAR }", 0)]
    [InlineData("archived: { eq: false }, name: { startsWith: \"job-2\" }", 5)]
    [InlineData(
        "or: [{ name: { eq: \"job-00\" } }, { and: [{ name: { eq: \"job-01\" } }, { owner: { eq: \"owner-1\" } }] }]",
        2)]
    [InlineData("name: { or: [{ eq: \"job-00\" }, { eq: \"job-24\" }] }", 2)]
    [InlineData("name: { contains: \"%\" }", 0)]
    [InlineData("createdAt: { gt: \"2020-01-01T00:00:00Z\" }", 25)]
    public async Task Filters_find_what_they_say(string where, int found)
    {
        var project = await JobsAsync(Count);
        var page = await PageAsync(project, "first: 100, order: [{ name: ASC }]", where);
        Assert.Equal(found, Names(page).Count);
        Assert.Equal(found, (int)page["totalCount"]!);
        Assert.Equal(Names(page), await WalkAsync(project, "[{ name: ASC }]", size: 4, backward: false, where));
    }

    [Fact]
    public async Task A_page_knows_whether_there_is_more_on_either_side()
    {
        var project = await JobsAsync(Count);
        var first = await PageAsync(project, "first: 25");
        Assert.Equal((false, false), Around(first));
        first = await PageAsync(project, "first: 24");
        Assert.Equal((true, false), Around(first));
        var rest = await PageAsync(project, $"first: 24, after: \"{End(first)}\"");
        Assert.Single(Names(rest));
        Assert.Equal((false, true), Around(rest));
        var beyond = await PageAsync(project, $"first: 24, after: \"{End(rest)}\"");
        Assert.Empty(Names(beyond));
        Assert.Null(End(beyond));
        Assert.Empty(Names(await PageAsync(project, "first: 0")));
        var last = await PageAsync(project, "last: 3");
        Assert.Equal((false, true), Around(last));
        Assert.Equal(Names(await PageAsync(project, "first: 25"))[^3..], Names(last));
        Assert.Equal(10, Names(await PageAsync(project, null)).Count);

        static (bool, bool) Around(JsonNode page) =>
            ((bool)page["pageInfo"]!["hasNextPage"]!, (bool)page["pageInfo"]!["hasPreviousPage"]!);
    }

    [Fact]
    public async Task Cursors_keep_their_place_while_rows_come_and_change()
    {
        var project = await JobsAsync(Count);
        var page = await PageAsync(project, "first: 10, order: [{ name: ASC }]");
        await CreateAsync(project, "job-00-new");
        await CreateAsync(project, "job-10-new");
        await CreateAsync(project, "job-99-new");
        var rest = new List<string>();
        for (var next = page; (bool)next["pageInfo"]!["hasNextPage"]!;)
        {
            next = await PageAsync(project, $"first: 10, order: [{{ name: ASC }}], after: \"{End(next)}\"");
            rest.AddRange(Names(next));
        }

        var expected = Enumerable.Range(10, 15).Select(Name).Append("job-10-new").Append("job-99-new").Order(
            StringComparer.Ordinal);
        Assert.Equal(expected, rest);
    }

    [Fact]
    public async Task The_journal_is_read_in_commit_order_and_nothing_is_passed_over()
    {
        var project = await JobsAsync(3);
        var jobs = (await PageAsync(project, "first: 3"))["nodes"]!.AsArray();
        var ids = jobs.Select(node => (string)node!["id"]!).ToHashSet();
        var seen = new List<(long Sequence, string Stream, long Version, string Type)>();
        string? after = null;
        do
        {
            var page = (await _host.QueryAsync(
                "query ($after: String) { events(first: 40, after: $after) { nodes { sequence streamId version "
                + "type } pageInfo { endCursor hasNextPage } } }",
                new { after }))["events"]!;
            seen.AddRange(page["nodes"]!.AsArray().Select(node =>
                ((long)node!["sequence"]!, (string)node["streamId"]!, (long)node["version"]!, (string)node["type"]!)));
            after = (bool)page["pageInfo"]!["hasNextPage"]! ? End(page) : null;
        }
        while (after is not null);

        Assert.Equal(seen.Select(it => it.Sequence).Order().Distinct(), seen.Select(it => it.Sequence));
        Assert.Equal(3, seen.Count(it => ids.Contains(it.Stream) && it.Type == "job_created"));
        foreach (var stream in seen.GroupBy(it => it.Stream))
        {
            Assert.Equal(
                Enumerable.Range(1, stream.Count()).Select(version => (long)version), stream.Select(it => it.Version));
        }
    }

    [Fact]
    public async Task A_job_is_shown_as_it_was_at_each_of_its_events()
    {
        var job = await _host.NewJobAsync("as-of");
        for (var version = 1; version <= 3; version++)
        {
            await _host.DoAsync("saveDraft", new { jobId = job, sql = StoryCalls.Sql + $"-- {version}" });
            await _host.DoAsync("publishVersion", new { jobId = job });
        }

        var history = (await _host.QueryAsync(
            "query ($id: UUID!) { job(id: $id) { history(first: 100) { nodes { version at } } } }",
            new { id = job }))["job"]!["history"]!["nodes"]!.AsArray();
        Assert.Equal(7, history.Count);
        Assert.Null(await AsOfAsync("version: 0"));
        Assert.Null(await AsOfAsync("version: -5"));
        Assert.Null(await AsOfAsync("at: \"2000-01-01T00:00:00Z\""));
        Assert.Equal((0, null), await AsOfAsync("version: 1"));
        Assert.Equal((0, 1), await AsOfAsync("version: 2"));
        Assert.Equal((1, 1), await AsOfAsync("version: 3"));
        Assert.Equal((1, 2), await AsOfAsync("version: 4"));
        Assert.Equal((3, 3), await AsOfAsync("version: 9223372036854775807"));
        Assert.Equal((3, 3), await AsOfAsync("at: \"9999-12-31T23:59:59.999Z\""));

        // An instant is inclusive: the moment of an event shows the event. Events of one millisecond show together.
        for (var at = 0; at < history.Count; at++)
        {
            var moment = (string)history[at]!["at"]!;
            var upTo = history.Last(each => DateTimeOffset.Parse((string)each!["at"]!, CultureInfo.InvariantCulture)
                <= DateTimeOffset.Parse(moment, CultureInfo.InvariantCulture));
            Assert.Equal(await AsOfAsync($"version: {(long)upTo!["version"]!}"), await AsOfAsync($"at: \"{moment}\""));
        }

        async Task<(int Published, int? Draft)?> AsOfAsync(string arguments)
        {
            var was = (await _host.QueryAsync(
                $"query ($id: UUID!) "
                + $"{{ job(id: $id) {{ asOf({arguments}) {{ currentVersion {{ number }} draft {{ sql }} }} }} }}",
                new { id = job }))["job"]!["asOf"];
            if (was is null) return null;
            return (
                (int?)was["currentVersion"]?["number"] ?? 0,
                (string?)was["draft"]?["sql"] is { } sql ? int.Parse(sql[^1..], CultureInfo.InvariantCulture) : null);
        }
    }

    private const string Ten = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";

    [Theory]
    [InlineData("one-line", "a", "b")]
    [InlineData("one-line-fed", "a\n", "b\n")]
    [InlineData("feed-added", "a\nb", "a\nb\n")]
    [InlineData("feed-removed", "a\nb\n", "a\nb")]
    [InlineData("first-line", Ten, "x\nb\nc\nd\ne\nf\ng\nh\ni\nj\n")]
    [InlineData("last-line", Ten, "a\nb\nc\nd\ne\nf\ng\nh\ni\nx\n")]
    [InlineData("insert-first", Ten, "x\n" + Ten)]
    [InlineData("append", Ten, Ten + "x\n")]
    [InlineData("delete-middle", Ten, "a\nb\nc\nd\ng\nh\ni\nj\n")]
    [InlineData("two-near", Ten, "x\nb\nc\nd\ne\nf\ng\ny\ni\nj\n")]
    [InlineData("two-far", Ten + Ten, "x\n" + "b\nc\nd\ne\nf\ng\nh\ni\nj\n" + "a\nb\nc\nd\ne\nf\ng\nh\ni\ny\n")]
    [InlineData("carriage-return", "a\r\nb\r\n", "a\nb\r\n")]
    [InlineData("repeated", "x\nx\nx\nx\n", "x\nx\nx\nx\nx\n")]
    [InlineData("repeated-block", "{\n1\n}\n{\n2\n}\n", "{\n1\n}\n{\n3\n}\n{\n2\n}\n")]
    [InlineData("blank-lines", "a\n\nb\n\nc\n", "a\n\nb\n\n\nd\n\nc\n")]
    [InlineData("all", "a\nb\nc\n", "d\ne\nf\n")]
    public async Task A_diff_is_the_one_of_GNU_diff(string name, string from, string to)
    {
        if (!File.Exists("/usr/bin/diff")) return; // a machine without GNU diff has nothing to compare with

        // The texts stand in a comment, since a draft has to be a job; the lines around them are the same in both.
        var job = await _host.NewJobAsync($"diff-{name}");
        foreach (var text in new[] { from, to })
        {
            await _host.DoAsync("saveDraft", new { jobId = job, sql = Job(text) });
            await _host.DoAsync("publishVersion", new { jobId = job });
        }

        Assert.Equal(await GnuDiffAsync(Job(from), Job(to), 1, 2), await DiffAsync(1, 2));
        Assert.Equal(await GnuDiffAsync(Job(to), Job(from), 2, 1), await DiffAsync(2, 1));
        Assert.Equal("", await DiffAsync(2, 2));

        static string Job(string text) =>
            "INSERT INTO a SELECT 1;\n-- " + text.Replace("\n", "\n-- ", StringComparison.Ordinal);
        async Task<string> DiffAsync(int one, int other) => (string)(await _host.QueryAsync(
            "query ($id: UUID!, $one: Int!, $other: Int!) { job(id: $id) { diff(from: $one, to: $other) { unified "
            + "} } }",
            new { id = job, one, other }))["job"]!["diff"]!["unified"]!;
    }

    private static async Task<string> GnuDiffAsync(string from, string to, int one, int other)
    {
        var folder = Directory.CreateTempSubdirectory("xuanwu-diff-");
        try
        {
            var (old, fresh) = (Path.Combine(folder.FullName, "old"), Path.Combine(folder.FullName, "new"));
            await File.WriteAllTextAsync(old, from);
            await File.WriteAllTextAsync(fresh, to);
            var start = new ProcessStartInfo(
                "/usr/bin/diff", ["-u", "--label", $"version {one}", "--label", $"version {other}", old, fresh])
            {
                RedirectStandardOutput = true,
            };
            using var diff = Process.Start(start)!;
            var text = await diff.StandardOutput.ReadToEndAsync();
            await diff.WaitForExitAsync();
            return text;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"job-{number:00}");

    private static List<string> Names(JsonNode page) =>
        [.. page["nodes"]!.AsArray().Select(node => (string)node!["name"]!)];

    private static string? End(JsonNode page) => (string?)page["pageInfo"]!["endCursor"];

    // A project of its own for each test, so that what other tests make is not in its lists.
    private async Task<string> JobsAsync(int count)
    {
        var project = $"list-{Guid.NewGuid():N}"[..30];
        var all = string.Concat(Enumerable.Range(0, count).Select(number =>
            $" c{number}: createJob(input: "
            + $"{{ project: \"{project}\", name: \"{Name(number)}\", kind: SQL, owner: \"owner-{number % 3}\" }}) "
            + $"{{ errors {{ code }} }}"));
        await _host.QueryAsync($"mutation {{{all} }}");
        return project;
    }

    private Task<JsonNode> CreateAsync(string project, string name) =>
        _host.DoAsync("createJob", new { project, name, kind = "SQL" });

    private async Task<JsonNode> PageAsync(string project, string? arguments, string? where = null)
    {
        var filter = $"{{ project: {{ eq: \"{project}\" }}{(where is null ? "" : $", and: [{{ {where} }}]")} }}";
        var page = arguments is null ? "" : $", {arguments}";
        const string fields =
            "{ totalCount nodes { id name owner } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } }";
        return (await _host.QueryAsync($"{{ jobs(where: {filter}{page}) {fields} }}"))["jobs"]!;
    }

    private async Task<List<string>> WalkAsync(
        string project, string order, int size, bool backward, string? where = null)
    {
        var seen = new List<string>();
        string? cursor = null;
        while (true)
        {
            var place = (backward, cursor) switch
            {
                (false, null) => $"first: {size}",
                (false, _) => $"first: {size}, after: \"{cursor}\"",
                (true, null) => $"last: {size}",
                (true, _) => $"last: {size}, before: \"{cursor}\"",
            };
            var page = await PageAsync(project, $"{place}, order: {order}", where);
            if (backward) seen.InsertRange(0, Names(page));
            else seen.AddRange(Names(page));
            if (!(bool)page["pageInfo"]![backward ? "hasPreviousPage" : "hasNextPage"]!) return seen;
            cursor = (string?)page["pageInfo"]![backward ? "startCursor" : "endCursor"];
        }
    }
}
