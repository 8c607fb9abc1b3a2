using System.Globalization;
using System.Text;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Gateway;
using Xuanwu.Flink.Manifests;
using Xuanwu.Flink.Rest;
using Xuanwu.Flink.Tests.Manifests;
using Xuanwu.Kubernetes;
using Xuanwu.Sandbox;
using Xuanwu.Sandbox.Faults;

namespace Xuanwu.Flink.Tests;

/// <summary>
/// The life of a run against the sandbox: its Kubernetes API takes the manifests, its kubelet starts the pods, and its
/// Flink stand-ins answer the clients through the ingress and the pod proxy.
/// </summary>
public sealed class SandboxStoryTests : IAsyncLifetime, IDisposable
{
    private const string Script = """
        SET 'table.exec.state.ttl' = '1 h';
        CREATE TABLE clicks (id BIGINT, ts AS PROCTIME()) WITH ('connector' = 'datagen');
        CREATE TABLE one (id BIGINT) WITH ('connector' = 'print');
        CREATE TABLE other (id BIGINT) WITH ('connector' = 'blackhole');
        INSERT INTO one SELECT id FROM clicks;
        INSERT INTO other SELECT id FROM clicks;
        """;

    private readonly HttpClient http = FlinkHttp.Create();
    private SandboxCluster sandbox = null!;
    private KubernetesClient kubernetes = null!;

    public async Task InitializeAsync()
    {
        sandbox = await SandboxCluster.StartAsync(new SandboxOptions { PodStartDelay = TimeSpan.Zero, Flink = true });
        kubernetes = new KubernetesClient(KubernetesConnection.FromKubeconfigText(sandbox.Kubeconfig));
    }

    public async Task DisposeAsync() => await sandbox.DisposeAsync();

    public void Dispose()
    {
        kubernetes.Dispose();
        http.Dispose();
    }

    [Theory]
    [InlineData("1.16")]
    [InlineData("1.18")]
    [InlineData("1.19")]
    [InlineData("1.20")]
    [InlineData("2.0")]
    public async Task A_sql_job_runs_gives_a_savepoint_stops_with_another_and_goes_on_from_it(string version)
    {
        var first = Plan(version, Script, jar: null, RestorePoint.None);
        await DeployAsync(first);
        var flink = Rest(first);

        Assert.Equal(new Submitted(first.FlinkJobId), await SubmitAsync(first));
        var job = await JobAsync(flink, first, FlinkState.Running);
        Assert.Equal("ad-click-windows", job.Name);
        Assert.Equal(4, (await ExistsAsync(flink.OverviewAsync)).SlotsTotal);
        Assert.Equal(2, (await ExistsAsync(flink.TaskManagersAsync)).Count);
        Assert.Equal(first.FlinkJobId, Assert.Single(await ExistsAsync(flink.JobsAsync)).Id);

        var trigger = Guid.NewGuid().ToString("N");
        Assert.Equal(
            new CommandAccepted(trigger), await flink.TriggerSavepointAsync(first.FlinkJobId, null, trigger, default));
        Assert.StartsWith(
            "s3://flink/savepoints/",
            Assert.IsType<SavepointCompleted>(await SettledAsync(flink, first, trigger)).Path,
            StringComparison.Ordinal);

        trigger = Guid.NewGuid().ToString("N");
        Assert.Equal(
            new CommandAccepted(trigger),
            await flink.StopAsync(first.FlinkJobId, null, drain: false, trigger, default));
        var path = Assert.IsType<SavepointCompleted>(await SettledAsync(flink, first, trigger)).Path;
        job = await JobAsync(flink, first, FlinkState.Finished);
        Assert.Equal(RunState.Canceled, RunStates.Map(job.State, stoppedByUser: true));
        Assert.NotNull(job.EndTime);
        Assert.IsType<JobHasEnded>(await flink.CancelAsync(first.FlinkJobId, default));
        Assert.Equal(
            path, (await ExistsAsync(ct => flink.CheckpointsAsync(first.FlinkJobId, ct))).LatestSavepoint?.Path);

        var second = Plan(version, Script, jar: null, new RestorePoint(path, version));
        await DeployAsync(second);
        Assert.Equal(new Submitted(second.FlinkJobId), await SubmitAsync(second));
        await JobAsync(Rest(second), second, FlinkState.Running);
        Assert.Equal(
            path, (await ExistsAsync(ct => Rest(second).CheckpointsAsync(second.FlinkJobId, ct))).LatestRestored?.Path);
        Assert.IsType<Absent<FlinkJob>>(await Rest(second).JobAsync(first.FlinkJobId, default));
    }

    [Theory]
    [InlineData("1.18")]
    [InlineData("1.20")]
    [InlineData("2.0")]
    public async Task A_jar_runs_under_our_job_id_and_can_be_asked_after_its_end(string version)
    {
        var plan = Plan(
            version,
            sql: null,
            new("local:///opt/flink/usrlib/a.jar", "com.example.A", ["--x", "y"]),
            RestorePoint.None);
        plan = plan with { Spec = plan.Spec with { Parameters = Parameters(("sandbox.job.bounded", "300 ms")) } };
        await DeployAsync(plan);

        var job = await JobAsync(Rest(plan), plan, FlinkState.Finished);

        Assert.Equal(RunState.Finished, RunStates.Map(job.State, stoppedByUser: false));
    }

    [Fact]
    public async Task A_job_that_dies_says_why()
    {
        var plan = Plan("1.20", Script, jar: null, RestorePoint.None);
        plan = plan with
        {
            Spec = plan.Spec with
            {
                Parameters = Parameters(
                    ("restart-strategy", "none"),
                    ("sandbox.job.fails-after", "100 ms"),
                    ("sandbox.job.failure", "org.apache.kafka.common.errors.TimeoutException: no broker")),
            },
        };
        await DeployAsync(plan);
        await SubmitAsync(plan);

        await JobAsync(Rest(plan), plan, FlinkState.Failed);

        var failures = await ExistsAsync(ct => Rest(plan).ExceptionsAsync(plan.FlinkJobId, ct));
        Assert.Equal(new RootCause("org.apache.kafka.common.errors.TimeoutException", "no broker"), failures.Latest);
    }

    [Fact]
    public async Task Refused_sql_is_told_with_its_place_in_the_script()
    {
        var plan = Plan(
            "1.20",
            "CREATE TABLE a (x INT) WITH ('connector' = 'print');\n\n  INSERT INTO a\n  SELECT x FROM nowhere;",
            null,
            RestorePoint.None);
        await DeployAsync(plan);

        var refused = Assert.IsType<SubmissionRefused>(await SubmitAsync(plan));

        Assert.Contains("nowhere", refused.Sentence, StringComparison.Ordinal);
        Assert.Equal((4, 17), (refused.At!.Value.Line, refused.At.Value.Column));
    }

    [Fact]
    public async Task A_submission_whose_answer_is_lost_is_found_by_its_job_id_and_sending_it_again_does_no_harm()
    {
        var plan = Plan("1.20", Script, jar: null, RestorePoint.None);
        await DeployAsync(plan);
        using var proxy = Proxy(plan);
        using var losing = new HttpClient(new LosesResultsOfJobs(proxy)) { BaseAddress = proxy.BaseAddress };
        var gateway = new SqlGateway(losing, new() { PollInterval = TimeSpan.FromMilliseconds(1) });

        var outcome = await SqlSubmission.RunAsync(gateway, SqlPlan.Of(plan, []), default);

        Assert.True(Assert.IsType<SubmissionUnknown>(outcome).Sent);

        await JobAsync(Rest(plan), plan, FlinkState.Running);
        Assert.Equal(new Submitted(plan.FlinkJobId), await SubmitAsync(plan));
        Assert.Single(await ExistsAsync(Rest(plan).JobsAsync));
    }

    [Fact]
    public async Task A_standby_takes_over_and_the_address_stays()
    {
        var plan = Plan("1.20", Script, jar: null, RestorePoint.None);
        await DeployAsync(plan);
        await SubmitAsync(plan);
        await JobAsync(Rest(plan), plan, FlinkState.Running);
        var leader = sandbox.Pods("flink", RunNames.JobManagerSelector(plan.ClusterId))[0];

        await kubernetes.DeleteAsync(Kind.Pod, "flink", leader.Name, Propagation.Background, default);

        await sandbox.WaitForPodsAsync(
            pods => pods.Count == 2 && pods.All(pod => pod.Ready && pod.Name != leader.Name), "flink",
            RunNames.JobManagerSelector(plan.ClusterId));
        await JobAsync(Rest(plan), plan, FlinkState.Running);
    }

    [Fact]
    public async Task A_broken_ingress_makes_a_job_unknown_and_never_absent()
    {
        var plan = Plan("1.20", Script, jar: null, RestorePoint.None);
        await DeployAsync(plan);
        await SubmitAsync(plan);
        await JobAsync(Rest(plan), plan, FlinkState.Running);
        foreach (var rule in (FaultRule[])
        [
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.Html },
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.Html, Status = 404 },
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.Status, Status = 500 },
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.DropBefore },
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.DropMidway },
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.DropAfter },
        ])
        {
            sandbox.Faults.Clear();
            sandbox.Faults.Add(rule);

            Assert.IsType<Unknown<FlinkJob>>(await Rest(plan).JobAsync(plan.FlinkJobId, default));
        }

        var gone = Plan("1.20", Script, jar: null, RestorePoint.None);
        sandbox.Faults.Clear();
        Assert.IsType<Unknown<FlinkJob>>(await Rest(gone).JobAsync(plan.FlinkJobId, default));
    }

    [Fact]
    public async Task One_delete_removes_all_but_what_flink_keeps_for_recovery()
    {
        var plan = Plan("1.20", Script, jar: null, RestorePoint.None);
        await DeployAsync(plan);
        await SubmitAsync(plan);
        await JobAsync(Rest(plan), plan, FlinkState.Running);

        Assert.True(await kubernetes.DeleteAsync(
            Kind.ConfigMap, "flink", RunNames.Root(plan.ClusterId), Propagation.Background, default));

        foreach (
            var plural in (string[])
            [
                "deployments", "replicasets", "pods", "services", "ingresses", "serviceaccounts", "roles",
                "rolebindings", "configmaps",
            ])
        {
            await sandbox.WaitAsync(
                plural, objects => objects.Count == 0, "flink", $"app.kubernetes.io/instance={plan.ClusterId}");
        }

        Assert.NotEmpty(sandbox.Objects("configmaps", "flink", RunNames.HighAvailabilitySelector(plan.ClusterId)));
        await kubernetes.DeleteAllAsync(
            Kind.ConfigMap, "flink", RunNames.HighAvailabilitySelector(plan.ClusterId), Propagation.Background,
            default);
        Assert.Empty(sandbox.Objects("configmaps", "flink", RunNames.HighAvailabilitySelector(plan.ClusterId)));
    }

    private static Dictionary<string, string> Parameters(params (string Key, string Value)[] parameters) =>
        parameters.ToDictionary(each => each.Key, each => each.Value);

    private RunPlan Plan(string version, string? sql, JarProgram? jar, RestorePoint restore)
    {
        var run = Guid.CreateVersion7();
        var plan = Plans.Sql(version);
        return plan with
        {
            RunId = run,
            FlinkJobId = Guid.NewGuid().ToString("N"),
            ClusterId = RunNames.ClusterId(run),
            Cluster = plan.Cluster with
            {
                IngressHost = string.Create(
                    CultureInfo.InvariantCulture, $"http://{{run}}.flink.localhost:{sandbox.IngressPort}"),
            },
            Image = $"registry.example.com/flink:{version}-java17",
            Spec = plan.Spec with { Sql = sql, Jar = jar, Parallelism = 4, Parameters = Parameters() },
            Restore = restore,
        };
    }

    private async Task DeployAsync(RunPlan plan)
    {
        var root = await kubernetes.ApplyAsync(RunManifests.Root(plan), "xuanwu", force: true, default);
        foreach (var manifest in RunManifests.Render(plan, root.Uid)) await kubernetes.ApplyAsync(
            manifest, "xuanwu", force: true, default);
        await sandbox.WaitForPodsAsync(
            pods => pods.Count == 4 && pods.All(pod => pod.Ready), "flink",
            $"app.kubernetes.io/instance={plan.ClusterId}");
    }

    private FlinkRest Rest(RunPlan plan) => new(http, RunAddress.Rest(plan.Cluster, plan.ClusterId));

    private async Task<SubmissionOutcome> SubmitAsync(RunPlan plan)
    {
        using var proxy = Proxy(plan);
        return await SqlSubmission.RunAsync(new SqlGateway(proxy), SqlPlan.Of(plan, []), default);
    }

    private HttpClient Proxy(RunPlan plan) => kubernetes.PodProxy(
        "flink", sandbox.Pods("flink", RunNames.JobManagerSelector(plan.ClusterId))[0].Name, RunNames.GatewayPort);

    private static async Task<T> ExistsAsync<T>(Func<CancellationToken, Task<Probe<T>>> look) =>
        Assert.IsType<Exists<T>>(await look(default)).Value;

    private static Task<FlinkJob> JobAsync(FlinkRest flink, RunPlan plan, FlinkState state) => EventuallyAsync(
        async ct => await flink.JobAsync(plan.FlinkJobId, ct) is Exists<FlinkJob> { Value: var job }
            && job.State == state
                ? job
                : null);

    private static Task<SavepointStatus> SettledAsync(FlinkRest flink, RunPlan plan, string trigger) => EventuallyAsync(
        async ct => await flink.SavepointAsync(plan.FlinkJobId, trigger, ct) is Exists<SavepointStatus> probe
            && probe.Value is not SavepointInProgress
                ? probe.Value
                : null);

    // Flink tells nobody when something changes: one has to look again, up to a limit.
    private static async Task<T> EventuallyAsync<T>(Func<CancellationToken, Task<T?>> look)
        where T : class
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            if (await look(limit.Token) is { } found) return found;
            await again.WaitForNextTickAsync(limit.Token);
        }
    }

    // From the statement that makes the job on, the connection is lost before any result.
    private sealed class LosesResultsOfJobs(HttpClient inner) : HttpMessageHandler
    {
        private bool sent;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
        {
            var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(ct);
            if (body?.Contains("INSERT", StringComparison.Ordinal) == true) sent = true;
            if (sent && body is null) throw new HttpRequestException("The connection was reset.");
            using var copy = new HttpRequestMessage(request.Method, request.RequestUri);
            if (body is not null) copy.Content = new StringContent(body, Encoding.UTF8, "application/json");
            return await inner.SendAsync(copy, ct);
        }
    }
}
