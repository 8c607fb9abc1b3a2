using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Manifests;
using Xuanwu.Kubernetes;

namespace Xuanwu.Flink.Tests.Manifests;

public sealed class RunManifestsTests
{
    private const string Uid = "5f1c4a52-0000-4000-8000-000000000001";

    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string, string> VersionsAndKinds()
    {
        var data = new TheoryData<string, string>();
        foreach (var version in (string[])["1.18", "1.19", "1.20", "2.0"])
        {
            data.Add(version, "sql");
            data.Add(version, "jar");
        }

        return data;
    }

    // XUANWU_UPDATE_SNAPSHOTS=1 rewrites the files; the difference is then to be read before it is committed.
    [Theory]
    [MemberData(nameof(VersionsAndKinds))]
    public void Manifests_are_as_their_snapshot_says(string version, string kind)
    {
        var objects = new JsonArray([.. Render(version, kind).Select(each => each.Json.DeepClone())]);
        var rendered = objects.ToJsonString(Readable) + "\n";
        var path = Path.Combine(Repository(), "tests", "Xuanwu.Flink.Tests", "Snapshots", $"{version}-{kind}.json");
        if (Environment.GetEnvironmentVariable("XUANWU_UPDATE_SNAPSHOTS") == "1") File.WriteAllText(path, rendered);

        Assert.Equal(File.ReadAllText(path), rendered);
    }

    [Theory]
    [MemberData(nameof(VersionsAndKinds))]
    public void Every_object_but_the_root_is_owned_by_it_and_all_are_named_after_the_run(string version, string kind)
    {
        var objects = Render(version, kind);

        Assert.Equal(Kind.ConfigMap, objects[0].Kind);
        Assert.Empty(objects[0].OwnerReferences);
        Assert.Equal(
            [
                "ConfigMap", "ServiceAccount", "Role", "RoleBinding", "Service", "Ingress", "Deployment", "Deployment",
            ],
            objects.Select(each => each.KindName));
        Assert.All(objects.Skip(1), each =>
        {
            var owner = Assert.Single(each.OwnerReferences);
            Assert.Equal(("ConfigMap", objects[0].Name, Uid), (owner.Kind, owner.Name, owner.Uid));
        });
        Assert.All(objects, each =>
        {
            Assert.StartsWith("xw-0197c2a45b6d7e8f9a0b", each.Name, StringComparison.Ordinal);
            Assert.Null(each.Kind.WrongWithName(each.Name));
            Assert.Equal("flink", each.Namespace);
            Assert.Equal("xuanwu", each.Labels["app.kubernetes.io/managed-by"]);
            Assert.All(
                each.Labels,
                label => Assert.Null(Names.WrongWithLabelKey(label.Key) ?? Names.WrongWithLabelValue(label.Value)));
            Assert.Equal("3", each.Annotations["xuanwu.io/attempt"]);
            Assert.Equal("7", each.Annotations["xuanwu.io/job-version"]);
            Assert.Equal("广告", each.Annotations["xuanwu.io/project"]);
        });
    }

    [Theory]
    [InlineData(
        "1.16", "high-availability", "state.checkpoints.dir", "state.backend", "restart-strategy", "env.java.opts")]
    [InlineData(
        "1.18", "high-availability.type", "state.checkpoints.dir", "state.backend.type", "restart-strategy",
        "env.java.opts.all")]
    [InlineData(
        "1.20", "high-availability.type", "execution.checkpointing.dir", "state.backend.type", "restart-strategy.type",
        "env.java.opts.all")]
    public void Each_key_is_spelled_once_and_as_the_version_does(string version, params string[] keys)
    {
        var settings = Settings(Container(Render(version, "sql"), "jobmanager", "jobmanager"));

        Assert.All(keys, key => Assert.Contains(key, settings.Keys));
        Assert.Equal(settings.Count, settings.Keys.Select(Xuanwu.Flink.Settings.FlinkKeys.Newest).Distinct().Count());
    }

    [Fact]
    public void A_users_parameters_win_over_defaults_and_keep_every_character()
    {
        var arguments = Arguments(Container(Render("1.20", "sql"), "taskmanager", "taskmanager"));

        Assert.Contains("execution.checkpointing.interval=30 s", arguments);
        Assert.Contains("env.java.opts.all=-XX:+UseG1GC -Dfile.encoding=UTF-8", arguments);
        Assert.Contains("pipeline.name=my job: \"v1\" $$(POD_IP) #1", arguments);
    }

    [Fact]
    public void The_limit_of_the_container_and_the_size_of_the_process_are_one_number()
    {
        var objects = Render("1.20", "sql");
        foreach (var (component, memory) in ((string, string)[])[("jobmanager", "1600"), ("taskmanager", "2048")])
        {
            var container = Container(objects, component, component);

            Assert.Equal(memory + "Mi", (string?)container["resources"]!["limits"]!["memory"]);
            Assert.Equal(memory + "m", Settings(container)[component + ".memory.process.size"]);
        }
    }

    [Fact]
    public void Replicas_of_the_job_managers_are_asked_for_and_those_of_the_task_managers_follow_from_the_parallelism()
    {
        var objects = Render("1.20", "sql");

        Assert.Equal(2, objects[6].NumberAt("spec", "replicas"));
        Assert.Equal(3, objects[7].NumberAt("spec", "replicas"));
    }

    [Fact]
    public void A_jar_starts_with_its_own_job_id_from_its_savepoint_and_flink_does_not_see_its_arguments()
    {
        var arguments = Arguments(Container(Render("1.20", "jar"), "jobmanager", "jobmanager"));

        Assert.Equal("standalone-job", arguments[0]);
        Assert.Equal("https://repo.example.com/jobs/clicks-1.4.jar", arguments[arguments.IndexOf("--jars") + 1]);
        Assert.Equal("0f1e2d3c4b5a69788796a5b4c3d2e1f0", arguments[arguments.IndexOf("--job-id") + 1]);
        Assert.Equal("s3://flink/savepoints/savepoint-0f1e2d-1", arguments[arguments.IndexOf("--fromSavepoint") + 1]);
        Assert.Contains("--allowNonRestoredState", arguments);
        Assert.Equal(["--", "--input", "clicks $$(date)"], arguments[^3..]);
    }

    [Fact]
    public void An_empty_start_names_no_savepoint()
    {
        var plan = Plans.Jar() with { Restore = RestorePoint.None };

        var arguments = Arguments(Container(RunManifests.Render(plan, Uid), "jobmanager", "jobmanager"));

        Assert.DoesNotContain("--fromSavepoint", arguments);
        Assert.DoesNotContain(
            arguments, argument => argument.StartsWith("execution.state-recovery", StringComparison.Ordinal));
    }

    [Fact]
    public void Before_1_19_an_init_container_fetches_the_jar()
    {
        var deployment = Render("1.18", "jar")[6];

        var fetch = deployment.At("spec", "template", "spec", "initContainers")![1]!;
        Assert.Equal("https://repo.example.com/jobs/clicks-1.4.jar", (string?)fetch["command"]!.AsArray()[^1]);
        Assert.DoesNotContain("--jars", Arguments(Container([deployment], "jobmanager", "jobmanager")));
    }

    [Fact]
    public void A_sql_gateway_stands_beside_each_job_manager_of_a_sql_job_only()
    {
        Assert.NotNull(Container(Render("1.20", "sql"), "jobmanager", "sql-gateway"));
        Assert.Null(Find(Render("1.20", "jar"), "jobmanager", "sql-gateway"));
    }

    [Fact]
    public void The_ingress_has_the_host_of_the_runs_address()
    {
        var ingress = Render("1.20", "sql")[5];

        Assert.Equal("xw-0197c2a45b6d7e8f9a0b.flink.example.com", (string?)ingress.At("spec", "rules")![0]!["host"]);
        Assert.Equal(
            new Uri("https://xw-0197c2a45b6d7e8f9a0b.flink.example.com:8443/"),
            RunAddress.Rest(Plans.Sql().Cluster, Plans.Sql().ClusterId));
    }

    [Fact]
    public void Names_that_no_label_can_hold_are_told_by_their_hash()
    {
        Assert.Equal("ad-click", RunLabels.Value("ad-click"));
        var (one, other) = (RunLabels.Value("广告-clicks"), RunLabels.Value("推荐-clicks"));
        Assert.StartsWith("clicks-", one, StringComparison.Ordinal);
        Assert.NotEqual(one, other);
        Assert.Null(Names.WrongWithLabelValue(RunLabels.Value(new string('长', 63))));
    }

    [Fact]
    public void The_longest_name_that_flink_makes_of_a_cluster_id_is_a_legal_one()
    {
        var name = $"{RunNames.ClusterId(Plans.RunId)}-{Plans.Sql().FlinkJobId}-config-map";

        Assert.Null(Names.WrongWithSubdomain(name));
        Assert.True(
            RunNames.TaskManager(RunNames.ClusterId(Plans.RunId)).Length <= 52,
            "A pod's name adds eleven to its Deployment's.");
    }

    private static List<KubernetesObject> Render(string version, string kind)
    {
        var plan = kind == "sql" ? Plans.Sql(version) : Plans.Jar(version);
        return [RunManifests.Root(plan), .. RunManifests.Render(plan, Uid)];
    }

    private static JsonNode Container(IEnumerable<KubernetesObject> objects, string component, string name) =>
        Find(objects, component, name) ?? throw new InvalidOperationException($"There is no container {name}.");

    private static JsonNode? Find(IEnumerable<KubernetesObject> objects, string component, string name) => objects
        .Single(each => each.Kind == Kind.Deployment && each.Labels["app.kubernetes.io/component"] == component)
        .At("spec", "template", "spec", "containers")!.AsArray()
        .SingleOrDefault(container => (string?)container!["name"] == name);

    private static List<string> Arguments(JsonNode container) =>
        [.. container["args"]!.AsArray().Select(argument => (string)argument!)];

    private static Dictionary<string, string> Settings(JsonNode container)
    {
        var arguments = Arguments(container);
        return arguments
            .Where((_, at) => at > 0 && arguments[at - 1] == "-D")
            .Select(argument => argument.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
    }

    private static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Xuanwu.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }
}
