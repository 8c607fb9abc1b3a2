namespace Xuanwu.FlinkSql.Mapping;

/// <summary>
/// Maps SQL and job parameters to another release of Flink. What the author wrote is stored once; what is deployed is
/// made from it for the release that it is deployed on.
/// </summary>
public static class SqlMapping
{
    /// <summary>Job parameters as the target reads them.</summary>
    public static MappedParameters Parameters(
        IEnumerable<KeyValuePair<string, string>> parameters, SqlTarget target, MappingRules? rules = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(target);
        return ParameterMapping.To(parameters, target, rules ?? MappingRules.Shipped);
    }
}
