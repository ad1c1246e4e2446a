using System.Data.Common;
using Dapper;
using GridServices.EnvelopeHub.Service.Sites;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>
/// The sequences that drafts get in their tenants' logs. They are allotted before the store has said which drafts are new, so that the keys can be written
/// with them at once; where some were there already the others close up.
/// </summary>
internal sealed class FeedbackSequences
{
    private readonly Dictionary<(long Site, string Key), long> _sequences = [];
    private readonly List<(string Tenant, long Before, List<(long Site, string Key)> Keys)> _tenants = [];

    private FeedbackSequences()
    {
    }

    /// <summary>Raises the heads. Their rows are held until the commit: the next one of a tenant waits, so sequences appear in order.</summary>
    public static async Task<FeedbackSequences> AllocateAsync(DbTransaction tx, Dictionary<(long Site, string Key), FeedbackDraft> first)
    {
        var places = new FeedbackSequences();
        foreach (var tenant in first.GroupBy(pair => pair.Value.Site.Tenant, pair => pair.Key, StringComparer.Ordinal).OrderBy(tenant => tenant.Key, StringComparer.Ordinal))
        {
            var keys = tenant.ToList();
            var last = await tx.Connection!.QuerySingleAsync<long>(
                """
                INSERT INTO feedback_head (tenant, sequence, trimmed_to) VALUES (@tenant, @count, 0)
                ON CONFLICT (tenant) DO UPDATE SET sequence = feedback_head.sequence + excluded.sequence RETURNING sequence
                """,
                new { tenant = tenant.Key, count = (long)keys.Count },
                tx);
            places._tenants.Add((tenant.Key, last - keys.Count, keys));
            places.Number(last - keys.Count, keys);
        }

        return places;
    }

    public long GetSequence((long Site, string Key) key) => _sequences[key];

    /// <summary>Gives back what was allotted to drafts that were there already.</summary>
    public async Task ReleaseAsync(DbTransaction tx, IReadOnlyCollection<(long Site, string Key)> known, CancellationToken ct)
    {
        if (known.Count == 0)
        {
            return;
        }

        foreach (var (tenant, before, keys) in _tenants)
        {
            var fresh = keys.Where(key => !known.Contains(key)).ToList();
            var moved = fresh.Where((key, i) => _sequences[key] != before + 1 + i).ToList();
            Number(before, fresh);
            await tx.Connection!.ExecuteAsync("UPDATE feedback_head SET sequence = @last WHERE tenant = @tenant", new { tenant, last = before + fresh.Count }, tx);
            await RowsCommand.RunAsync(
                tx,
                "UPDATE feedback_key SET sequence = v.column3 FROM (VALUES {rows}) AS v WHERE feedback_key.site_id = v.column1 AND feedback_key.feedback_key = v.column2",
                moved,
                key => [key.Site, key.Key, _sequences[key]],
                null,
                ct);
        }
    }

    private void Number(long before, List<(long Site, string Key)> keys)
    {
        foreach (var key in keys)
        {
            _sequences[key] = ++before;
        }
    }
}
