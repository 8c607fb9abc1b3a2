namespace Xuanwu.Flink.Manifests;

/// <summary>Names of a run's Kubernetes objects, and the selectors that find them.</summary>
public static class RunNames
{
    /// <summary>Port of the JobManager's REST API and web page.</summary>
    public const int RestPort = 8081;

    /// <summary>Port of the SQL gateway beside the JobManager of a SQL job.</summary>
    public const int GatewayPort = 8083;

    internal const int RpcPort = 6123;
    internal const int BlobPort = 6124;
    internal const int TaskManagerRpcPort = 6122;
    internal const int TaskManagerDataPort = 6121;

    /// <summary>Selects every object of every run.</summary>
    public const string ManagedSelector = "app.kubernetes.io/managed-by=xuanwu";

    /// <summary>
    /// The high-availability cluster id of a run and the first part of all its objects' names: <c>xw-</c> and 20 hex
    /// digits, short enough for the longest name that Flink makes of it (cluster id, job id and <c>-config-map</c> in
    /// one).
    /// </summary>
    public static string ClusterId(Guid runId) => string.Concat("xw-", runId.ToString("N").AsSpan(0, 20));

    /// <summary>The ConfigMap that owns all other objects of the run: deleting it deletes them.</summary>
    public static string Root(string clusterId) => clusterId;

    public static string JobManager(string clusterId) => $"{clusterId}-jobmanager";

    public static string TaskManager(string clusterId) => $"{clusterId}-taskmanager";

    /// <summary>The Service and the Ingress in front of the JobManagers.</summary>
    public static string Rest(string clusterId) => $"{clusterId}-rest";

    /// <summary>The ServiceAccount, Role and RoleBinding of the run's pods.</summary>
    public static string Account(string clusterId) => clusterId;

    /// <summary>Selects the pods of the JobManager group, each with a SQL gateway when the job is a SQL job.</summary>
    public static string JobManagerSelector(string clusterId) =>
        $"app.kubernetes.io/instance={clusterId},app.kubernetes.io/component=jobmanager";

    /// <summary>
    /// Selects the ConfigMaps in which Flink keeps leaders and job pointers, by the labels that Flink gives them. They
    /// have no owner and outlive the run's objects: delete them when a user ended the run, else a later cluster of the
    /// same id resurrects the job.
    /// </summary>
    public static string HighAvailabilitySelector(string clusterId) =>
        $"app={clusterId},configmap-type=high-availability";
}
