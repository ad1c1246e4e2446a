using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;

namespace GridServices.EnvelopeHub.Service.History;

internal sealed partial class HistoryLoop
{
    /// <summary>
    /// A controller shows a cursor of this epoch that this store has never given out: an older copy was put back, its publishers' too perhaps,
    /// and only those who read from it know. Another epoch begins then, once per tenant and start, whoever invents cursors.
    /// </summary>
    /// <returns>True: another epoch began; decide again.</returns>
    public async Task<bool> DoubtAsync(SiteKey site, Caller caller, string? held, CancellationToken ct)
    {
        if (caller.Role is not (Role.Controller or Role.Operator or Role.Admin) || !Cursor.TryParse(held, out var cursor)
            || !IsPresent(cursor) || _believed.ContainsKey(site.Tenant) || await HasGivenOutAsync(site, cursor.Sequence, ct))
        {
            return false;
        }

        var why = $"a controller of site {site.SiteId} has seen {cursor}, which the store has never given out: an older copy was put back";
        await UnderGateAsync(
            async () =>
            {
                // Another controller may have come with the same news meanwhile.
                if (IsPresent(cursor) && !_believed.ContainsKey(site.Tenant))
                {
                    await BeginAsync(why, history.Marker, [], history.Epoch, CancellationToken.None);
                    _believed[site.Tenant] = why;
                }
            },
            CancellationToken.None); // a reader that goes away must not leave it half begun
        return !IsPresent(cursor);
    }

    private bool IsPresent(Cursor cursor) => string.Equals(cursor.Epoch, history.Epoch, StringComparison.Ordinal);

    private async Task<bool> HasGivenOutAsync(SiteKey site, long sequence, CancellationToken ct)
    {
        try
        {
            return await store.HasGivenOutAsync(site, sequence, ct);
        }
        catch (StoreUnavailableException)
        {
            return true; // nobody knows; what holds is served all the same
        }
    }
}
