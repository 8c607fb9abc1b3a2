using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Xuanwu.Server.Tests;

/// <summary>
/// A command id makes a repeat harmless, and never loses a command.
/// </summary>
[Collection(nameof(XuanwuCollection))]
public sealed class CommandIdStories(XuanwuFixture fixture)
{
    private readonly XuanwuHost _host = fixture.Host;

    [Fact]
    public async Task A_command_id_makes_a_repeat_harmless_for_its_user_alone()
    {
        var id = Guid.NewGuid().ToString();
        var first = await _host.DoAsync(
            "createJob", new { project = "stories", name = "repeat", kind = "SQL", commandId = id }, "job { id }");
        var again = await _host.DoAsync(
            "createJob", new { project = "stories", name = "repeat", kind = "SQL", commandId = id }, "job { id }");
        Assert.Equal(first.ToJsonString(), again.ToJsonString());
        var job = (Guid)first["job"]!["id"]!;

        var other = await _host.MutateAsync(
            "createJob", new { project = "stories", name = "repeat", kind = "SQL", commandId = id }, user: "mallory");
        Assert.Equal("JOB_NAME_TAKEN", (string?)other["errors"]![0]!["code"]);

        var draft = new { jobId = job, sql = StoryCalls.Sql, commandId = $"{id}-draft" };
        await _host.DoAsync("saveDraft", draft);
        await _host.DoAsync(
            "saveDraft", new { jobId = job, sql = StoryCalls.Sql + "-- changed", commandId = $"{id}-next" });
        await _host.DoAsync("saveDraft", draft);
        Assert.Equal(["job_created", "job_draft_saved", "job_draft_saved"], await _host.EventTypesAsync(job));

        await _host.DoAsync("publishVersion", new { jobId = job });
        var start = new { jobId = job, commandId = $"{id}-start" };
        var run = (await _host.DoAsync("startJob", start, "run { id }"))["run"]!["id"]!.ToJsonString();
        Assert.Equal(run, (await _host.DoAsync("startJob", start, "run { id }"))["run"]!["id"]!.ToJsonString());
        await _host.DoAsync("cancelJob", new { jobId = job });
        Assert.Single(await _host.EventTypesAsync(job), type => type == "job_start_requested");
    }

    [Fact]
    public async Task A_command_id_used_for_other_commands_too_loses_none_of_them()
    {
        var id = Guid.NewGuid().ToString();
        var job = await _host.NewJobAsync("reused");
        var elsewhere = await _host.NewJobAsync("reused-elsewhere");
        await _host.DoAsync("saveDraft", new { jobId = job, sql = StoryCalls.Sql, commandId = id });
        await _host.DoAsync("publishVersion", new { jobId = job, commandId = id });
        await _host.DoAsync("saveDraft", new { jobId = elsewhere, sql = StoryCalls.Sql, commandId = id });
        Assert.Equal(["job_created", "job_draft_saved", "job_version_published"], await _host.EventTypesAsync(job));
        Assert.Equal(["job_created", "job_draft_saved"], await _host.EventTypesAsync(elsewhere));
    }

    [Fact]
    public async Task The_same_command_sent_by_twenty_clients_at_once_is_one_event()
    {
        var id = Guid.NewGuid().ToString();
        var job = await _host.NewJobAsync("at-once");
        var input = new { jobId = job, sql = StoryCalls.Sql, commandId = id };
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _host.DoAsync("saveDraft", input)));
        Assert.Equal(["job_created", "job_draft_saved"], await _host.EventTypesAsync(job));
    }
}
