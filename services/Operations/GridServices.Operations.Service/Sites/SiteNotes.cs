using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Sites;

/// <summary>What a person noted about a site.</summary>
internal sealed record SiteNote
{
    public string Id { get; init; } = string.Empty;
    public Instant At { get; init; }
    public string Author { get; init; } = string.Empty;
    public string Text { get; init; } = string.Empty;
}

/// <summary>Notes of people about a site, for one another; each is audited when it is written and when it is removed.</summary>
internal sealed class SiteNotes(Store store)
{
    internal const int LongestText = 2_000;
    private const int Most = 200;

    /// <summary>The newest first.</summary>
    internal Task<IReadOnlyList<SiteNote>> ListBySiteAsync(string tenant, string siteId, CancellationToken ct) => store.ReadAsync<IReadOnlyList<SiteNote>>(
        async db => [.. await db.QueryAsync<SiteNote>(
            "SELECT id AS Id, at AS At, author AS Author, text AS Text FROM site_notes WHERE tenant = @tenant AND site_id = @siteId ORDER BY id DESC LIMIT @most", new { tenant, siteId, most = (long)Most })],
        ct);

    /// <exception cref="FormException">Nothing is written, or too much.</exception>
    internal static async Task AddAsync(AuditedTransaction transaction, string siteId, string? text)
    {
        // A note may have paragraphs; each of its lines is plain text.
        var lines = (text ?? string.Empty).ReplaceLineEndings("\n").Replace('\t', ' ').Trim().Split('\n');
        var line = string.Join(' ', lines.Where(l => l.Length > 0));
        new FormCheck().Text("/text", line, LongestText).ThrowIfAny();
        var id = transaction.NewId();
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO site_notes (tenant, id, site_id, at, author, text) VALUES (@Tenant, @id, @siteId, @Now, @Name, @text)", new { transaction.Actor.Tenant, id, siteId, transaction.Now, transaction.Actor.Name, text = string.Join('\n', lines) }, transaction.Tx);
        await transaction.AuditAsync("siteNote", id, "created", null, null, null, siteId);
    }

    /// <exception cref="ProblemException">404: there is none. 403: it is another one's.</exception>
    internal static async Task RemoveAsync(AuditedTransaction transaction, string siteId, string id, bool mayRemoveAny)
    {
        var author = await transaction.Tx.Connection!.QuerySingleOrDefaultAsync<string>("SELECT author FROM site_notes WHERE tenant = @Tenant AND site_id = @siteId AND id = @id", new { transaction.Actor.Tenant, siteId, id }, transaction.Tx)
            ?? throw new ProblemException(ErrorClass.NotFound, "The note is gone.");
        if (!mayRemoveAny && author != transaction.Actor.Name)
        {
            throw new ProblemException(ErrorClass.AuthzRole, "Only who wrote a note, or an administrator, may remove it.");
        }

        await transaction.Tx.Connection!.ExecuteAsync("DELETE FROM site_notes WHERE tenant = @Tenant AND id = @id", new { transaction.Actor.Tenant, id }, transaction.Tx);
        await transaction.AuditAsync("siteNote", id, "deleted", null, null, $"of {author}", siteId);
    }
}
