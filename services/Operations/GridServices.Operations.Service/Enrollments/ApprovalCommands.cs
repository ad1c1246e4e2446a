using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Operations.Audit;
using GridServices.Operations.Opt;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Enrollments;

/// <summary>Requests that a second person decides about.</summary>
internal sealed class ApprovalCommands(Store store, OperationsStore operations, EnrollmentStore enrollments, IClock clock)
{
    private const string Columns =
        "SELECT id AS Id, action AS Action, content AS Content, requested_by AS RequestedBy, requested_at AS RequestedAt, decided_by AS DecidedBy, decided_at AS DecidedAt, verdict AS Verdict FROM approvals";

    internal static async Task<ApprovalItem> RequestAsync<T>(AuditedTransaction transaction, GuardedAction action, T content)
    {
        var item = new ApprovalItem { Id = transaction.NewId(), Action = action, Content = StoredJson.Write(content), RequestedBy = transaction.Actor.Name, RequestedAt = transaction.Now };
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO approvals (tenant, id, action, content, content_hash, requested_by, requested_at) VALUES (@Tenant, @Id, @action, @Content, @Hash, @RequestedBy, @RequestedAt)",
            new { transaction.Actor.Tenant, item.Id, action = EnumNames<GuardedAction>.GetName(action), item.Content, item.Hash, item.RequestedBy, item.RequestedAt },
            transaction.Tx);
        await transaction.AuditAsync("approval", item.Id, "requested", null, item.Content);
        return item;
    }

    /// <summary>The same for an opt-out, unless the person waits for a second one already with the same choice for at least these sites: that request is answered again.</summary>
    internal static async Task<ApprovalItem> RequestOnceAsync(AuditedTransaction transaction, OptContent content)
    {
        var open = await transaction.Tx.Connection!.QueryAsync<ApprovalRow>(
            $"{Columns} WHERE tenant = @Tenant AND action = @action AND requested_by = @Name AND verdict IS NULL AND requested_at > @since ORDER BY id",
            new { transaction.Actor.Tenant, action = EnumNames<GuardedAction>.GetName(GuardedAction.OptOut), transaction.Actor.Name, since = transaction.Now - TwoPersonRule.RequestLasts },
            transaction.Tx);
        return open.Select(row => row.Item()).FirstOrDefault(item => StoredJson.Read<OptContent>(item.Content) is var asked
                && asked.EventId == content.EventId && asked.Choice == content.Choice && content.SiteIds.All(asked.SiteIds.Contains))
            ?? await RequestAsync(transaction, GuardedAction.OptOut, content);
    }

    /// <summary>Asks for an opt-out in the name of who planned it, unless a request for at least these sites of the event waits already; one that nobody answered in time is made anew.</summary>
    internal async Task RequestOnceAsync(string tenant, string by, OptContent content, CancellationToken ct)
    {
        var open = await store.ReadAsync(
            async db => (await db.QueryAsync<string>(
                "SELECT content FROM approvals WHERE tenant = @tenant AND action = @action AND requested_by = @by AND verdict IS NULL AND requested_at > @since",
                new { tenant, action = EnumNames<GuardedAction>.GetName(GuardedAction.OptOut), by, since = clock.GetCurrentInstant() - TwoPersonRule.RequestLasts })).Select(StoredJson.Read<OptContent>).ToList(),
            ct);
        if (!open.Exists(o => o.EventId == content.EventId && content.SiteIds.All(o.SiteIds.Contains)))
        {
            await operations.WriteAsync(new Actor(tenant, by, AuditActorKind.Job), transaction => RequestAsync(transaction, GuardedAction.OptOut, content), ct);
        }
    }

    internal Task<IReadOnlyList<ApprovalItem>> ListAsync(string tenant, CancellationToken ct) => store.ReadAsync<IReadOnlyList<ApprovalItem>>(
        async db => [.. (await db.QueryAsync<ApprovalRow>($"{Columns} WHERE tenant = @tenant ORDER BY id DESC LIMIT 200", new { tenant })).Select(r => r.Item())], ct);

    internal Task<ApprovalItem?> FindAsync(string tenant, string id, CancellationToken ct) => store.ReadAsync(
        async db => (await db.QuerySingleOrDefaultAsync<ApprovalRow>($"{Columns} WHERE tenant = @tenant AND id = @id", new { tenant, id }))?.Item(), ct);

    /// <summary>The sites that a request is about.</summary>
    internal async Task<IReadOnlyList<string>> ListSitesAsync(string tenant, ApprovalItem item, CancellationToken ct) => item.Action switch
    {
        GuardedAction.OptOut => [.. StoredJson.Read<OptContent>(item.Content).SiteIds],
        GuardedAction.EndEnrollment => await enrollments.FindAsync(tenant, StoredJson.Read<EndContent>(item.Content).EnrollmentId, ct) is { } held ? [held.SiteId] : [],
        _ => [],
    };

    /// <summary>Decides; where it is granted, the caller does what <see cref="ApprovalItem.Content"/> says in the same transaction.</summary>
    internal static async Task<ApprovalItem> GrantAsync(AuditedTransaction transaction, ApprovalItem item)
    {
        if (item.Granted is not null)
        {
            throw new ProblemException(ErrorClass.Conflict, $"'{item.DecidedBy}' has decided about this already.");
        }

        var request = new ApprovalRequest(item.Action, item.Hash, new Stamp(item.RequestedAt, item.RequestedBy));
        if (request.FindRefusal(new Stamp(transaction.Now, transaction.Actor.Name), item.Hash) is { } refusal)
        {
            throw new ProblemException(ErrorClass.Conflict, $"This can't be allowed: {refusal}.");
        }

        var decided = item with { DecidedBy = transaction.Actor.Name, DecidedAt = transaction.Now, Granted = true };
        var written = await transaction.Tx.Connection!.ExecuteAsync(
            "UPDATE approvals SET decided_by = @DecidedBy, decided_at = @DecidedAt, verdict = 'granted' WHERE tenant = @Tenant AND id = @Id AND verdict IS NULL",
            new { decided.DecidedBy, decided.DecidedAt, transaction.Actor.Tenant, item.Id },
            transaction.Tx);
        if (written != 1)
        {
            // The request was read before this transaction: another person was faster.
            throw new ProblemException(ErrorClass.Conflict, "Somebody else has decided about this in between.");
        }

        await transaction.AuditAsync("approval", item.Id, "granted", null, item.Content);
        return decided;
    }

    private sealed class ApprovalRow
    {
        public string Id { get; set; } = string.Empty;
        public string Action { get; set; } = string.Empty;
        public string Content { get; set; } = string.Empty;
        public string RequestedBy { get; set; } = string.Empty;
        public Instant RequestedAt { get; set; }
        public string? DecidedBy { get; set; }
        public Instant? DecidedAt { get; set; }
        public string? Verdict { get; set; }

        internal ApprovalItem Item() => new()
        {
            Id = Id,
            Content = Content,
            RequestedBy = RequestedBy,
            RequestedAt = RequestedAt,
            DecidedBy = DecidedBy,
            DecidedAt = DecidedAt,
            Action = EnumNames<GuardedAction>.TryParse(Action, out var action) ? action : throw new InvalidDataException($"'{Action}' is no guarded action."),
            Granted = Verdict is null ? null : Verdict == "granted",
        };
    }
}
