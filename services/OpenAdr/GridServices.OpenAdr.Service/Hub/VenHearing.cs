using GridServices.Hosting;
using GridServices.OpenAdr.Service.Driver;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>
/// A program's stream is heard once its VTN has told all of its events since the start. What follows from an event that it told since then goes out at once:
/// an order of now must not wait for what else the VTN tells.
/// </summary>
internal sealed class VenHearing(VenHost fleet) : IStreamHearing
{
    public string? WhyUnheard(SpokenStream stream)
    {
        if (!fleet.IsLoaded)
        {
            return "The VENs are not loaded yet.";
        }

        var ven = fleet.OfSite(stream.Tenant, stream.SiteId).Select(l => l.View).FirstOrDefault(v => v.Config.Programs.Any(p => p.Stream == stream.Stream.Key));
        if (ven is null)
        {
            // What a person ended just now is known; what the store says of a VEN that is gone may be older than what the hub was told since.
            return stream.IsFresh ? null : "No VEN of this service speaks for it any more: configure the VEN again, or strike this with DELETE /v1/outbox/{id}.";
        }

        return IsHeard(ven.State.Link, stream) ? null
            : $"VEN '{ven.Id.Key}' was not told all events by its VTN since this service began{(ven.Problem is { } problem ? $" ({problem})" : string.Empty)}; once it was, this goes on by itself.";
    }

    internal static bool IsHeard(LinkState line, SpokenStream stream) => line.ListedAt is not null || (stream.IsFresh && line.ToldStreams.Contains(stream.Stream.Key));
}
