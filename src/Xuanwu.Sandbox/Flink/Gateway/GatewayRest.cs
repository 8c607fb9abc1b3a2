using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Xuanwu.Sandbox.Flink.Rest;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>
/// The SQL gateway's REST API: v1 with 1.16, v2 with 1.17, v3 with 1.20, v4 with 2.0; a path without a version is the
/// newest stable one. A statement's failure never answers its POST: it shows in the operation's status and when its
/// result is fetched.
/// </summary>
internal sealed class GatewayRest(FlinkWorld world, IContainer container, FlinkSettings settings, FlinkVersion version)
{
    // Who asks learns that no SQL is executed here, in a field where every client looks for a name.
    private const string Product = "Apache Flink (Xuanwu sandbox)";

    private readonly ConcurrentDictionary<string, SqlSession> sessions = new();

    private int Newest => version.AtLeast(2, 0) ? 4 : version.AtLeast(1, 20) ? 3 : version.AtLeast(1, 17) ? 2 : 1;

    private TimeSpan IdleTimeout => settings.Duration("sql-gateway.session.idle-timeout") ?? TimeSpan.FromMinutes(10);

    public RestReply Answer(RestCall call)
    {
        var api = call.ApiVersion ?? Math.Min(Newest, 3);
        if (api > Newest || api < 1) return NotFound(call);
        return (call.Method, call.Path) switch
        {
            ("GET", ["info"]) =>
                RestReply.Ok(new JsonObject { ["productName"] = Product, ["version"] = version.ToString() }),
            ("GET", ["api_versions"]) => RestReply.Ok(new JsonObject
            {
                ["versions"] = new JsonArray([.. Enumerable.Range(1, Newest).Select(each => (JsonNode)$"V{each}")]),
            }),
            ("POST", ["sessions"]) => Open(call),
            ("DELETE", ["sessions", var id]) => Close(id),
            (_, ["sessions", var id, .. var rest]) => OfSession(call, api, Session(id), rest) ?? NotFound(call),
            _ => NotFound(call),
        };
    }

    private RestReply? OfSession(RestCall call, int api, SqlSession session, string[] rest) =>
        (call.Method, rest) switch
        {
            ("GET", []) => RestReply.Ok(new JsonObject { ["properties"] = Properties(session) }),
            ("POST", ["heartbeat"]) => RestReply.Ok(new JsonObject()),
            ("POST", ["configure-session"]) when api >= 2 => Configure(call, session),
            ("GET", ["complete-statement"]) when api >= 2 => RestReply.Ok(SqlCompletion.Candidates(call, session)),
            ("POST", ["statements"]) => Execute(call, session),
            ("GET", ["operations", var id, "status"]) => Status(Operation(session, id).Status),
            ("POST", ["operations", var id, "cancel"]) => Cancel(Operation(session, id)),
            ("DELETE", ["operations", var id, "close"]) => CloseOperation(session, id),
            ("GET", ["operations", var id, "result", var token]) =>
                Fetch(call, api, session, Operation(session, id), token),
            _ => null,
        };

    private RestReply Open(RestCall call)
    {
        call.Accepts("OpenSessionRequestBody", "sessionName", "properties");
        var now = world.Agenda.Now;
        foreach (var (id, old) in sessions)
        {
            if (old.IsIdle(now)) sessions.TryRemove(id, out _);
        }

        var session = new SqlSession(Guid.NewGuid().ToString(), settings, version, IdleTimeout);
        foreach (var (key, value) in Map(call, "properties")) session.Put(key, value);
        session.Touch(now);
        sessions[session.Handle] = session;
        return RestReply.Ok(new JsonObject { ["sessionHandle"] = session.Handle });
    }

    private RestReply Close(string id) => sessions.TryRemove(id, out _) ? Status("CLOSED") : throw NoSession(id);

    private static RestReply Configure(RestCall call, SqlSession session)
    {
        call.Accepts("ConfigureSessionRequestBody", "statement", "executionTimeout");
        var sql = Statement(call);
        try
        {
            var statement = SqlParser.Parse(sql);
            if (!statement.Configures)
            {
                throw new FlinkFailure("java.lang.UnsupportedOperationException",
                    $"Unsupported statement for configuring session:{sql}\nThe configureSession API only supports to "
                        + "execute statement of "
                    + "type CREATE TABLE, DROP TABLE, ALTER TABLE, CREATE DATABASE, DROP DATABASE, ALTER DATABASE, "
                    + "CREATE FUNCTION, DROP "
                    + "FUNCTION, ALTER FUNCTION, CREATE CATALOG, DROP CATALOG, USE CATALOG, USE [CATALOG.]DATABASE, "
                    + "CREATE VIEW, DROP VIEW, "
                    + "LOAD MODULE, UNLOAD MODULE, USE MODULE, ADD JAR.");
            }

            lock (session.Gate) SqlExecutor.Execute(statement, session, new Dictionary<string, string>());
            return RestReply.Ok(new JsonObject());
        }
        catch (FlinkFailure failure)
        {
            throw Internal("Failed to configure session.", new JavaThrowable(
                "org.apache.flink.table.gateway.service.utils.SqlExecutionException",
                "Failed to execute the operation.", failure.Throwable));
        }
    }

    private RestReply Execute(RestCall call, SqlSession session)
    {
        call.Accepts("ExecuteStatementRequestBody", "statement", "executionTimeout", "executionConfig");
        var operation = new SqlOperation(Guid.NewGuid().ToString(), world, container);
        session.Operations[operation.Handle] = operation;
        var timeout = long.TryParse(call.Text("executionTimeout"), CultureInfo.InvariantCulture, out var ms) ? ms : 0;
        operation.Run(Statement(call), session, Map(call, "executionConfig"), TimeSpan.FromMilliseconds(timeout));
        return RestReply.Ok(new JsonObject { ["operationHandle"] = operation.Handle });
    }

    private static RestReply Cancel(SqlOperation operation)
    {
        operation.End("CANCELED");
        return Status(operation.Status);
    }

    private static RestReply CloseOperation(SqlSession session, string id)
    {
        Operation(session, id).End("CLOSED");
        session.Operations.TryRemove(id, out _);
        return Status("CLOSED");
    }

    private static RestReply Fetch(RestCall call, int api, SqlSession session, SqlOperation operation, string token)
    {
        var format = call.Query1("rowFormat");
        if (api >= 2 && format is null) throw new RestFailure(400, "Mandatory query parameter rowFormat is missing.");
        if (format is not (null or "JSON" or "PLAIN_TEXT"))
        {
            throw new RestFailure(400, $"Cannot resolve query parameter (rowFormat) from value \"{format}\".");
        }

        if (!long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new RestFailure(400, $"Cannot resolve path parameter (token) from value \"{token}\".");
        }

        var query = api >= 2 ? $"?rowFormat={format}" : "";
        var results = $"/v{api}/sessions/{session.Handle}/operations/{operation.Handle}/result/";
        string Next(long next) => string.Create(CultureInfo.InvariantCulture, $"{results}{next}{query}");
        if (operation.Failure is { } failure) throw Internal("Failed to fetchResults.", failure);
        if (operation.Status == "RUNNING")
        {
            return RestReply.Ok(new JsonObject { ["resultType"] = "NOT_READY", ["nextResultUri"] = Next(number) });
        }

        if (operation.Result is not { } result)
        {
            throw Internal("Failed to fetchResults.", new JavaThrowable(
                "org.apache.flink.table.gateway.service.utils.SqlExecutionException",
                $"Can not fetch results from the {operation.Handle} in {operation.Status} status."));
        }

        return number switch
        {
            0 => RestReply.Ok(Page(api, result, format, "PAYLOAD", result.Rows, Next(1))),
            1 => RestReply.Ok(Page(api, result, format, "EOS", [], null)),
            _ => throw Internal("Failed to fetchResults.", new JavaThrowable(
                "org.apache.flink.table.gateway.service.utils.SqlExecutionException",
                $"Expecting token to be 1 or 0, but found {number}.")),
        };
    }

    private static JsonObject Page(
        int api, SqlResult result, string? format, string type, IReadOnlyList<JsonNode?[]> rows, string? next)
    {
        var results = new JsonObject
        {
            ["columns"] = new JsonArray([.. result.Columns.Select(column => (JsonNode)new JsonObject
            {
                ["name"] = column.Name, ["logicalType"] = SqlResult.LogicalType(column.Type), ["comment"] = null,
            })]),
        };
        if (api >= 2) results["rowFormat"] = format;
        results["data"] = new JsonArray([.. rows.Select(row => (JsonNode)new JsonObject
        {
            ["kind"] = "INSERT",
            ["fields"] = new JsonArray(
                [.. row.Select(field => format == "PLAIN_TEXT" ? (JsonNode?)field?.ToString() : field?.DeepClone())]),
        })]);
        var page = new JsonObject { ["resultType"] = type };
        if (api >= 2)
        {
            page["isQueryResult"] = result.IsQuery;
            if (result.JobId is not null) page["jobID"] = result.JobId;
            page["resultKind"] = result.Kind;
        }

        page["results"] = results;
        if (next is not null) page["nextResultUri"] = next;
        return page;
    }

    private SqlSession Session(string id)
    {
        var now = world.Agenda.Now;
        if (!sessions.TryGetValue(id, out var session)) throw NoSession(id);
        if (session.IsIdle(now))
        {
            sessions.TryRemove(id, out _);
            throw NoSession(id);
        }

        session.Touch(now);
        return session;
    }

    private static SqlOperation Operation(SqlSession session, string id) =>
        session.Operations.TryGetValue(id, out var operation)
            ? operation
            : throw Internal("Failed to get the operation.", new JavaThrowable(
                "org.apache.flink.table.gateway.api.utils.SqlGatewayException",
                $"Can not find the submitted operation in the OperationManager with the {id}."));

    private static string Statement(RestCall call) => call.Text("statement")
        ?? throw Internal("Statement must be set.", new JavaThrowable("java.lang.NullPointerException", null));

    private static Dictionary<string, string> Map(RestCall call, string field) =>
        (call.Body[field] as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "");

    private static JsonObject Properties(SqlSession session)
    {
        var properties = new JsonObject();
        foreach (var (key, value) in session.Settings.Values) properties[key] = value;
        return properties;
    }

    private static RestReply Status(string status) => RestReply.Ok(new JsonObject { ["status"] = status });

    private static RestReply NotFound(RestCall call) =>
        RestReply.Error(404, $"Not found: /{string.Join('/', call.Path)}");

    private static RestFailure NoSession(string id) => Internal($"Session '{id}' does not exist.", null);

    private static RestFailure Internal(string message, JavaThrowable? cause) => RestFailure.Internal(new JavaThrowable(
        "org.apache.flink.table.gateway.api.utils.SqlGatewayException",
        cause is null ? message : "org.apache.flink.table.gateway.api.utils.SqlGatewayException: " + message,
        cause is null
            ? null
            : new JavaThrowable("org.apache.flink.table.gateway.api.utils.SqlGatewayException", message, cause,
            "org.apache.flink.table.gateway.service."
            + "SqlGatewayServiceImpl.fetchResults(SqlGatewayServiceImpl.java:231)"),
        "org.apache.flink.table.gateway.rest.handler.statement."
        + "FetchResultsHandler.handleRequest(FetchResultsHandler.java:91)",
        "org.apache.flink.table.gateway.rest.handler."
        + "AbstractSqlGatewayRestHandler.respondToRequest(AbstractSqlGatewayRestHandler.java:83)"));
}
