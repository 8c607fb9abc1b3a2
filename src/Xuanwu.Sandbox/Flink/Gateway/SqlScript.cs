using Xuanwu.Sandbox.Flink.Jobs;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>A script run in application mode (Flink 2.0's SqlDriver): its one job.</summary>
internal static class SqlScript
{
    /// <exception cref="FlinkFailure">A statement fails, or the script submits no job or more than one.</exception>
    public static JobGraph Run(string script, FlinkSettings settings, FlinkVersion version)
    {
        var session = new SqlSession("application", settings, version, TimeSpan.MaxValue);
        JobGraph? job = null;
        foreach (var statement in SqlParser.ParseScript(script))
        {
            if (SqlExecutor.Execute(statement, session, new Dictionary<string, string>()) is not SubmitJob submit)
            {
                continue;
            }
            if (job is not null)
            {
                throw new FlinkFailure("org.apache.flink.util.FlinkRuntimeException", "Cannot have more than one "
                    + "execute() or executeAsync() call in a single environment.");
            }
            job = submit.Graph;
        }

        return job ?? throw new FlinkFailure(
            "org.apache.flink.client.deployment.application.ApplicationExecutionException",
            "The application contains no execute() calls.");
    }
}
