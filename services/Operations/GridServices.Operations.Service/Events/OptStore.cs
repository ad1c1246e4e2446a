using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Events;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Events;

/// <summary>What a person chose for a site in an event.</summary>
internal sealed record OptChoiceRow
{
    public string Tenant { get; init; } = string.Empty;
    public string Source { get; init; } = string.Empty;
    public string SiteId { get; init; } = string.Empty;

    /// <summary>in or out.</summary>
    public string Direction { get; init; } = string.Empty;

    /// <summary>The reason's word of OpenADR.</summary>
    public string Reason { get; init; } = string.Empty;

    public string? Text { get; init; }
    public string ChosenBy { get; init; } = string.Empty;
    public Instant ChosenAt { get; init; }

    /// <summary>When the service took it last.</summary>
    public Instant? ToldAt { get; init; }

    /// <summary>Why the service has not taken it.</summary>
    public string? Problem { get; init; }

    /// <summary>Whose word it is; what is kept is a person's.</summary>
    internal OptBasis Basis { get; init; } = OptBasis.Person;

    internal bool IsOut => Direction == "out";

    /// <summary>Why, as the service is told.</summary>
    internal string Why => SafeText.Line(Text is null ? Reason : $"{Reason}: {Text}");

    /// <summary>As the service is told.</summary>
    internal SentOpt ToSent() => new(IsOut ? OptState.Out : OptState.In, Basis, ChosenBy, Why);
}

/// <summary>Persons' choices on disk: they outlive registrations, restarts and the event's revisions.</summary>
internal sealed class OptStore(Store store)
{
    private const string Columns =
        """
        SELECT tenant AS Tenant, source AS Source, site_id AS SiteId, direction AS Direction, reason AS Reason, text AS Text, chosen_by AS ChosenBy, chosen_at AS ChosenAt,
               told_at AS ToldAt, problem AS Problem FROM opt_choices
        """;

    internal Task<IReadOnlyList<OptChoiceRow>> ListByEventAsync(string tenant, string source, CancellationToken ct = default) => store.ReadAsync<IReadOnlyList<OptChoiceRow>>(
        async db => [.. await db.QueryAsync<OptChoiceRow>($"{Columns} WHERE tenant = @tenant AND source = @source", new { tenant, source })], ct);

    internal static async Task ChooseAsync(AuditedTransaction transaction, HeldEvent e, string siteId, OptDirection direction, OptReason reason, string? text)
    {
        var before = await transaction.Tx.Connection!.QuerySingleOrDefaultAsync<OptChoiceRow>($"{Columns} WHERE tenant = @Tenant AND source = @Source AND site_id = @siteId", new { transaction.Actor.Tenant, e.Event.Source, siteId }, transaction.Tx);
        var after = new OptChoiceRow
        {
            Tenant = transaction.Actor.Tenant,
            Source = e.Event.Source,
            SiteId = siteId,
            Direction = EnumNames<OptDirection>.GetName(direction),
            Reason = EnumNames<OptReason>.GetName(reason),
            Text = text,
            ChosenBy = transaction.Actor.Name,
            ChosenAt = transaction.Now,
        };
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO opt_choices (tenant, source, site_id, direction, reason, text, chosen_by, chosen_at, told_at, problem)
            VALUES (@Tenant, @Source, @SiteId, @Direction, @Reason, @Text, @ChosenBy, @ChosenAt, NULL, NULL)
            ON CONFLICT (tenant, source, site_id) DO UPDATE SET direction = excluded.direction, reason = excluded.reason, text = excluded.text, chosen_by = excluded.chosen_by,
            chosen_at = excluded.chosen_at, told_at = NULL, problem = NULL
            """,
            after,
            transaction.Tx);
        await transaction.AuditAsync("event", e.Id, $"opted{(after.IsOut ? "Out" : "In")}", before is null ? null : StoredJson.Write(before), StoredJson.Write(after), text, siteId);
    }

    /// <summary>Other sites that the same person already opted out of the event.</summary>
    internal static async Task<int> OptedOutByAsync(AuditedTransaction transaction, HeldEvent e, IReadOnlyList<string> besides) => (await transaction.Tx.Connection!.QueryAsync<string>(
        "SELECT site_id FROM opt_choices WHERE tenant = @Tenant AND source = @Source AND direction = 'out' AND chosen_by = @Name", new { transaction.Actor.Tenant, e.Event.Source, transaction.Actor.Name }, transaction.Tx))
        .Except(besides, StringComparer.Ordinal).Count();

    /// <summary>What came of telling the service.</summary>
    internal Task RecordOutcomeAsync(OptChoiceRow choice, Instant? toldAt, string? problem, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            "UPDATE opt_choices SET told_at = COALESCE(@toldAt, told_at), problem = @problem WHERE tenant = @Tenant AND source = @Source AND site_id = @SiteId AND chosen_at = @ChosenAt",
            new { toldAt = toldAt?.ToUnixTimeTicks(), problem, choice.Tenant, choice.Source, choice.SiteId, choice.ChosenAt },
            tx),
        ct);

    /// <summary>What the service was told about the event, by site; and of that what nobody knows yet to have arrived.</summary>
    internal Task<(ILookup<string, SentOpt> Told, ILookup<string, SentOpt> Open)> ListToldByEventAsync(string tenant, string source, CancellationToken ct) => store.ReadAsync(
        async db =>
        {
            var rows = (await db.QueryAsync<(string SiteId, string Direction, string Basis, string Who, string Reason, long? NotedAt)>(
                "SELECT site_id, direction, basis, who, reason, noted_at FROM opt_told WHERE tenant = @tenant AND source = @source", new { tenant, source })).ToList();
            return (Lookup(rows), Lookup(rows.Where(r => r.NotedAt is null)));
        },
        ct);

    private static ILookup<string, SentOpt> Lookup(IEnumerable<(string SiteId, string Direction, string Basis, string Who, string Reason, long? NotedAt)> rows) => rows.ToLookup(
        r => r.SiteId,
        r => new SentOpt(r.Direction == "out" ? OptState.Out : OptState.In, EnumNames<OptBasis>.TryParse(r.Basis, out var basis) ? basis : OptBasis.Person, r.Who, r.Reason),
        StringComparer.Ordinal);

    /// <summary>Keeps what is about to be told: the service may have it although its answer is lost.</summary>
    internal Task RecordAttemptAsync(OptChoiceRow choice, string why, Instant now, CancellationToken ct) => store.WriteAsync(tx => RecordAttemptAsync(tx, choice, why, now, null), ct);

    /// <summary>The same within a transaction that is open already; with <paramref name="notedAt"/> there is nothing to arrive.</summary>
    internal static Task RecordAttemptAsync(DbTransaction tx, OptChoiceRow choice, string why, Instant now, Instant? notedAt) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO opt_told (tenant, source, site_id, direction, basis, who, reason, told_at, noted_at) VALUES (@Tenant, @Source, @SiteId, @Direction, @basis, @ChosenBy, @why, @now, @notedAt)
        ON CONFLICT (tenant, source, site_id, direction) DO UPDATE SET basis = excluded.basis, who = excluded.who, reason = excluded.reason, told_at = excluded.told_at, noted_at = excluded.noted_at
        """,
        new { choice.Tenant, choice.Source, choice.SiteId, choice.Direction, basis = EnumNames<OptBasis>.GetName(choice.Basis), choice.ChosenBy, why, now, notedAt = notedAt?.ToUnixTimeTicks() },
        tx);

    /// <summary>The service has it: written down once, by whoever learns it first.</summary>
    /// <returns>False: it was already, or something else was told since.</returns>
    internal static async Task<bool> NoteAsync(AuditedTransaction transaction, string source, string siteId, SentOpt told) => await transaction.Tx.Connection!.ExecuteAsync(
        """
        UPDATE opt_told SET noted_at = @Now WHERE tenant = @Tenant AND source = @source AND site_id = @siteId AND direction = @direction AND basis = @basis AND who = @Who AND reason = @Reason
        AND noted_at IS NULL
        """,
        new
        {
            transaction.Now,
            transaction.Actor.Tenant,
            source,
            siteId,
            direction = told.State == OptState.Out ? "out" : "in",
            basis = EnumNames<OptBasis>.GetName(told.Basis),
            told.Who,
            told.Reason,
        },
        transaction.Tx) == 1;
}
