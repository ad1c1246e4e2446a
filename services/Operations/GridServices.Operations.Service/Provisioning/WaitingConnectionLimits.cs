using GridServices.Contracts;
using GridServices.Hosting.Publishing;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using NodaTime;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>
/// Stored limits of connections that wait because the hub holds other ones, after a restart or in a store that was put back: those that a person said after the hub's
/// go above it, all others wait for a person.
/// </summary>
internal sealed partial class WaitingConnectionLimits(StoredPublications stored, ServiceCalls calls, IEnvelopeHubApi hub, IClock clock, ILogger<WaitingConnectionLimits> logger)
{
    /// <summary>Left to a person: not certainly later than the hub's. That is not asked again: what the hub may forget since was said all the same.</summary>
    private readonly HashSet<(string Key, long Revision)> _left = [];

    internal async Task CheckAsync(CancellationToken ct)
    {
        var waiting = (await stored.WaitingAsync(ct)).Where(w => w.Spoken.Stream == ConnectionEnvelope.Stream).ToList();
        _left.IntersectWith(waiting.Select(GetKey));
        foreach (var word in waiting.Where(w => !_left.Contains(GetKey(w))))
        {
            if (!await CheckAsync(word, ct))
            {
                return;
            }
        }
    }

    /// <returns>False: the hub can't be asked now, or has not its limits together; nothing is known of any.</returns>
    private async Task<bool> CheckAsync(StoredPublication publication, CancellationToken ct)
    {
        var reply = await calls.CallAsync(ServiceName.EnvelopeHub, publication.Spoken.Tenant, token => hub.ListEnvelopesAsync(token, publication.Spoken.SiteId, ct), ct);
        if (reply.As<SiteEnvelopes>() is not { Incomplete: not true } atHub)
        {
            return reply.Kind is ReplyKind.NotThere or ReplyKind.Refused;
        }

        if (ReadEnvelopeId(publication) is { } said && ConnectionAtHub.FindEarlier(said, atHub, clock.GetCurrentInstant()) is { } held)
        {
            LogReleased(logger, publication.Spoken.SiteId, held.Revision);
            await stored.ReleaseAsync(publication, held.Revision, ct);
        }
        else
        {
            _left.Add(GetKey(publication));
        }

        return true;
    }

    private static (string Key, long Revision) GetKey(StoredPublication publication) => (publication.Key, publication.Revision);

    private static Guid? ReadEnvelopeId(StoredPublication word) =>
        EnvelopeReader.ReadPublication(word.Body).Items is [var only] && only.TryGet(out var publication, out _) && publication is EnvelopePublished published ? published.Envelope.EnvelopeId : null;

    [LoggerMessage(EventIds.ConnectionWordReleased, LogLevel.Information,
        "The limit of the connection of site {Site} was said here after the one that the hub holds (revision {Held}), and is published above it")]
    private static partial void LogReleased(ILogger logger, string site, long held);
}
