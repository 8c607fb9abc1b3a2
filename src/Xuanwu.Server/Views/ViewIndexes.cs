using Xuanwu.Postgres;

namespace Xuanwu.Server.Views;

/// <summary>The indexes behind the lists' filters and orders, made once the views' tables exist.</summary>
public static class ViewIndexes
{
    private static readonly string[] Statements =
    [
        "create unique index if not exists mt_doc_job_name on xuanwu.mt_doc_job ((data ->> 'Project'), (data ->> "
            + "'Name'))",
        "create index if not exists mt_doc_job_created on xuanwu.mt_doc_job (xuanwu.instant(data ->> 'CreatedAt'), id)",
        "create index if not exists mt_doc_job_changed on xuanwu.mt_doc_job (xuanwu.instant(data ->> 'ChangedAt'), id)",
        "create index if not exists mt_doc_job_state on xuanwu.mt_doc_job ((data ->> 'State'), id)",
        "create index if not exists mt_doc_run_job on xuanwu.mt_doc_run (((data ->> 'JobId')::uuid), "
            + "xuanwu.instant(data ->> 'RequestedAt'), id)",
        "create index if not exists mt_doc_run_requested on xuanwu.mt_doc_run (xuanwu.instant(data ->> "
            + "'RequestedAt'), id)",
        "create index if not exists mt_doc_run_live on xuanwu.mt_doc_run (id) where not (data ->> 'Released')::boolean",
    ];

    public static async Task EnsureAsync(Database database, CancellationToken ct)
    {
        foreach (var statement in Statements)
        {
            await using var command = database.Source.CreateCommand(statement);
            await command.ExecuteNonQueryAsync(ct);
        }
    }
}
