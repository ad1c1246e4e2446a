using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Sites;

/// <summary>Actions on many sites on disk: what was asked, how far it is, and what became of each step.</summary>
internal sealed class SiteActionStore(Store store)
{
    private const int RowsAtOnce = 100;

    private const string Columns =
        """
        SELECT id AS Id, action AS Action, mark AS Mark, dry_run <> 0 AS DryRun, needs_second <> 0 AS NeedsSecond, state AS State, sites AS Sites, steps AS Steps,
               done AS Done, waiting AS Waiting, refused AS Refused, created_by AS CreatedBy, created_at AS CreatedAt, started_at AS StartedAt, ended_at AS EndedAt FROM site_actions
        """;

    private const string RowColumns =
        "SELECT number AS Number, site_id AS SiteId, event_id AS EventId, enrollment_id AS EnrollmentId, status AS Status, code AS Code, message AS Message FROM site_action_rows";

    internal Task<SiteActionRun?> FindAsync(string tenant, string id, CancellationToken ct) =>
        store.ReadAsync(db => db.QuerySingleOrDefaultAsync<SiteActionRun?>($"{Columns} WHERE tenant = @tenant AND id = @id", new { tenant, id }), ct);

    internal static Task<SiteActionRun?> FindAsync(DbTransaction tx, string tenant, string id) =>
        tx.Connection!.QuerySingleOrDefaultAsync<SiteActionRun?>($"{Columns} WHERE tenant = @tenant AND id = @id", new { tenant, id }, tx);

    internal Task<SiteActionOrder?> FindOrderAsync(string tenant, string id, CancellationToken ct) => store.ReadAsync(
        async db => await db.QuerySingleOrDefaultAsync<string>("SELECT body FROM site_actions WHERE tenant = @tenant AND id = @id", new { tenant, id }) is { } body
            ? StoredJson.Read<SiteActionOrder>(body)
            : null,
        ct);

    /// <summary>Newest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="by">Only those that were asked for in this name; null = all.</param>
    /// <param name="before">The last id of the page before.</param>
    /// <param name="most">At most so many.</param>
    /// <param name="ct">Gives up.</param>
    internal Task<IReadOnlyList<SiteActionRun>> ListAsync(string tenant, string? by, string? before, int most, CancellationToken ct) => store.ReadAsync<IReadOnlyList<SiteActionRun>>(
        async db => [.. await db.QueryAsync<SiteActionRun>(
            $"{Columns} WHERE tenant = @tenant AND (@by IS NULL OR created_by = @by) AND (@before IS NULL OR id < @before) ORDER BY id DESC LIMIT @most",
            new { tenant, by, before, most = (long)most })],
        ct);

    /// <summary>Those that a restart has to go on with, in every tenant.</summary>
    internal Task<IReadOnlyList<(string Tenant, string Id)>> ListUnfinishedAsync(CancellationToken ct) => store.ReadAsync<IReadOnlyList<(string Tenant, string Id)>>(
        async db => [.. await db.QueryAsync<(string Tenant, string Id)>("SELECT tenant, id FROM site_actions WHERE state IN ('queued', 'running') ORDER BY id")], ct);

    internal Task<IReadOnlyList<SiteActionRow>> RowsAsync(string tenant, string id, long after, int most, CancellationToken ct) => store.ReadAsync<IReadOnlyList<SiteActionRow>>(
        async db => [.. await db.QueryAsync<SiteActionRow>(
            $"{RowColumns} WHERE tenant = @tenant AND action_id = @id AND number > @after ORDER BY number LIMIT @most",
            new { tenant, id, after, most = (long)most })],
        ct);

    internal static async Task<SiteActionRun> AddAsync(AuditedTransaction transaction, SiteActionRequest request, SiteActionPlan plan, bool isDry, IReadOnlyList<SiteActionRow> rows)
    {
        var run = new SiteActionRun
        {
            Id = transaction.NewId(),
            Action = EnumNames<SiteAction>.GetName(request.Action),
            Mark = plan.MarkFor(request),
            DryRun = isDry,
            NeedsSecond = plan.NeedsSecond,
            State = isDry ? "done" : "queued",
            Sites = request.SiteIds.Count,
            Steps = plan.Steps.Count,
            Refused = plan.Refused.Count,
            CreatedBy = transaction.Actor.Name,
            CreatedAt = transaction.Now,
            EndedAt = isDry ? transaction.Now : null,
        };
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO site_actions (tenant, id, action, mark, dry_run, needs_second, state, sites, steps, done, waiting, refused, created_by, created_at, ended_at, body)
            VALUES (@Tenant, @Id, @Action, @Mark, @dryRun, @needsSecond, @State, @Sites, @Steps, 0, 0, @Refused, @CreatedBy, @CreatedAt, @EndedAt, @body)
            """,
            new
            {
                transaction.Actor.Tenant,
                run.Id,
                run.Action,
                run.Mark,
                dryRun = isDry ? 1L : 0L,
                needsSecond = plan.NeedsSecond ? 1L : 0L,
                run.State,
                run.Sites,
                run.Steps,
                run.Refused,
                run.CreatedBy,
                run.CreatedAt,
                run.EndedAt,
                body = StoredJson.Write(SiteActionOrder.Create(transaction.Actor, request)),
            },
            transaction.Tx);
        foreach (var some in rows.Chunk(RowsAtOnce))
        {
            await AddAsync(transaction, run.Id, some);
        }

        await transaction.AuditAsync("siteAction", run.Id, isDry ? "checked" : "started", null, StoredJson.Write(run));
        return run;
    }

    private static Task<int> AddAsync(AuditedTransaction transaction, string id, IReadOnlyList<SiteActionRow> rows)
    {
        var parameters = new DynamicParameters(new { transaction.Actor.Tenant, id });
        var values = rows.Select((row, i) =>
        {
            parameters.Add($"n{i}", row.Number);
            return $"(@Tenant, @id, @n{i}, {SqlNames.Add(parameters, $"r{i}_", [row.SiteId, row.EventId, row.EnrollmentId, row.Status, row.Code, row.Message])})";
        }).ToList();
        return transaction.Tx.Connection!.ExecuteAsync(
            $"INSERT INTO site_action_rows (tenant, action_id, number, site_id, event_id, enrollment_id, status, code, message) VALUES {string.Join(", ", values)}", parameters, transaction.Tx);
    }

    /// <summary>The next steps that belong into one commit: of an opt-out all of one event, else the first hundred.</summary>
    internal static async Task<IReadOnlyList<SiteActionRow>> NextAsync(AuditedTransaction transaction, string id, int most)
    {
        var rows = (await transaction.Tx.Connection!.QueryAsync<SiteActionRow>(
            $"{RowColumns} WHERE tenant = @Tenant AND action_id = @id AND status = 'planned' ORDER BY number LIMIT @most",
            new { transaction.Actor.Tenant, id, most = (long)most }, transaction.Tx)).AsList();
        return rows is [{ EventId: { } eventId }, ..]
            ? (await transaction.Tx.Connection!.QueryAsync<SiteActionRow>(
                $"{RowColumns} WHERE tenant = @Tenant AND action_id = @id AND status = 'planned' AND event_id = @eventId ORDER BY number",
                new { transaction.Actor.Tenant, id, eventId }, transaction.Tx)).AsList()
            : rows;
    }

    /// <summary>Steps and how far it is in one commit: what is done is never done again.</summary>
    internal static async Task SaveAsync(AuditedTransaction transaction, SiteActionRun run, IReadOnlyList<SiteActionRow> rows)
    {
        foreach (var row in rows)
        {
            await transaction.Tx.Connection!.ExecuteAsync(
                "UPDATE site_action_rows SET status = @Status, code = @Code, message = @Message WHERE tenant = @Tenant AND action_id = @Id AND number = @Number",
                new { transaction.Actor.Tenant, run.Id, row.Number, row.Status, row.Code, row.Message },
                transaction.Tx);
        }

        await transaction.Tx.Connection!.ExecuteAsync(
            "UPDATE site_actions SET state = @State, done = @Done, waiting = @Waiting, refused = @Refused, started_at = @StartedAt, ended_at = @EndedAt WHERE tenant = @Tenant AND id = @Id",
            new { run.State, run.Done, run.Waiting, run.Refused, run.StartedAt, run.EndedAt, transaction.Actor.Tenant, run.Id },
            transaction.Tx);
        transaction.Changes.Add(new EntityChange(transaction.Actor.Tenant, "siteAction", run.Id, run.State, null));
    }

    /// <summary>Ends it; of one that has ended nothing changes. Steps that are left are cancelled.</summary>
    internal static async Task EndAsync(AuditedTransaction transaction, string id, string state)
    {
        if (await FindAsync(transaction.Tx, transaction.Actor.Tenant, id) is { IsOpen: true } run)
        {
            await transaction.Tx.Connection!.ExecuteAsync(
                "UPDATE site_action_rows SET status = 'cancelled' WHERE tenant = @Tenant AND action_id = @id AND status = 'planned'", new { transaction.Actor.Tenant, id }, transaction.Tx);
            await SaveAsync(transaction, run with { State = state, EndedAt = transaction.Now }, []);
            await transaction.AuditAsync("siteAction", id, state, null, StoredJson.Write(run));
        }
    }
}
