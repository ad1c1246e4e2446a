using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Session;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>
/// A program's stream is heard once its VTN has told all of its events since the start. What follows from an event that it told since then goes out at once:
/// an order of now must not wait for what else the VTN tells.
/// </summary>
internal sealed class VenHearing(VenHost host) : IStreamHearing
{
    public string? WhyUnheard(SpokenStream stream) =>
        host.IsLoaded ? WhyUnheard(stream, host.FindBySite(stream.Tenant, stream.SiteId).Select(l => l.View)) : "The VENs are not loaded yet.";

    /// <param name="stream">What is asked about.</param>
    /// <param name="vens">Of its site.</param>
    internal static string? WhyUnheard(SpokenStream stream, IEnumerable<VenView> vens)
    {
        if (vens.FirstOrDefault(v => Ven.GetStreams(v.Config).Contains(stream.Stream.Key, StringComparer.Ordinal)) is not { } ven)
        {
            // What a person ended just now is known; what the store says of a VEN that is gone may be older than what the hub was told since.
            return stream.IsFresh ? null : "No VEN of this service speaks for it any more: configure the VEN again, or strike this with DELETE /v1/outbox/{id}.";
        }

        return IsHeard(ven.State.Link, stream) ? null
            : $"VEN '{ven.Id.Key}' was not told all events by its VTN since this service began{(ven.Problem is { } problem ? $" ({problem})" : string.Empty)}; {WhatThen(ven)}";
    }

    // A VTN that does not serve oadrRequestEvent tells all events when it distributes some, which may be never.
    private static string WhatThen(VenView ven) => ven.State.Owed.FirstOrDefault(o => o is PendingRequest.RequestEvents { ParkedAt: not null } or PendingRequest.RequestEvents { Refusals: > 0 }) is { } stuck
        ? $"the VTN does not take {PendingRequestText.Describe(stuck)} ({SafeText.Clause(stuck.Problem ?? "no reply")}{(stuck.ParkedAt is null ? string.Empty : "; it is parked")}): have it sent again with POST /v1/vens/{ven.Id.Key}/actions/request-events once the VTN takes it, or strike this with DELETE /v1/outbox/{{id}}. A list of events that the VTN sends of itself lets it go on too."
        : "once it was, this goes on by itself.";

    internal static bool IsHeard(LinkState line, SpokenStream stream) => line.ListedAt is not null || (stream.IsFresh && line.ToldStreams.Contains(stream.Stream.Key));
}
