using System.Text.Json;
using GridServices.Contracts;
using GridServices.Operations.Service.Clients;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console;

/// <summary>What the hub knows of a site: limits over a window, and what was measured in it. What could not be read is null, and then <see cref="UnknownSince"/> says since when.</summary>
internal sealed record SitePicture(EffectiveTimeline? Timeline, IReadOnlyList<ReceivedReading>? Readings, bool NeverHeardOf, Instant? UnknownSince)
{
    /// <summary>Limits at the connection, now; null: not known, or nothing was published.</summary>
    internal EffectiveSegment? At(Instant at) => Timeline?.Targets.FirstOrDefault(t => t.Target.Kind == TargetKind.Site)?.Segments.FirstOrDefault(s => s.From <= at && !(s.Until <= at));

    /// <summary>The newest measurement of the site as a whole.</summary>
    internal Reading? Latest => Readings?.Where(r => r.Reading.AssetId is null && r.Reading.NetPowerW is not null).MaxBy(r => r.Reading.At)?.Reading;
}

/// <summary>Asks the hub for pictures of sites.</summary>
internal sealed class SitePictures(ServiceCalls calls, IEnvelopeHubApi hub, ServiceAvailability availability)
{
    // Two days at one reading a minute; a page waits for no more.
    private const int MostPages = 3;

    internal async Task<SitePicture> ReadAsync(string tenant, string siteId, Interval window, Instant now, CancellationToken ct)
    {
        var (from, until) = (InstantPattern.ExtendedIso.Format(window.Start), InstantPattern.ExtendedIso.Format(window.End));
        var limits = calls.CallAsync(ServiceName.EnvelopeHub, tenant, token => hub.GetEffectiveAsync(token, siteId, from, until, ct), ct);
        var readings = ReadingsAsync(tenant, siteId, from, InstantPattern.ExtendedIso.Format(Instant.Min(now, window.End)), ct);
        var timeline = await limits;
        return new SitePicture(
            timeline.IsDone ? timeline.Value.Deserialize<EffectiveTimeline>(ContractJson.Options) : null,
            await readings,
            timeline.Kind == ReplyKind.NotThere,
            timeline.Kind == ReplyKind.Away ? availability.UnknownSince(tenant, ServiceName.EnvelopeHub) : null);
    }

    /// <returns>Null: they could not be read.</returns>
    private async Task<IReadOnlyList<ReceivedReading>?> ReadingsAsync(string tenant, string siteId, string from, string until, CancellationToken ct)
    {
        var all = new List<ReceivedReading>();
        string? after = null;
        for (var page = 0; page < MostPages; page++)
        {
            var reply = await calls.CallAsync(ServiceName.EnvelopeHub, tenant, token => hub.ListReadingsAsync(token, siteId, from, until, after, ct), ct);
            if (reply.Kind == ReplyKind.NotThere)
            {
                return [];
            }

            if (!reply.IsDone)
            {
                return null;
            }

            all.AddRange(reply.Value!.Items);
            after = reply.Value.Next;
            if (after is null)
            {
                break;
            }
        }

        return all;
    }
}
