using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Service.Driver;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Hub;

/// <summary>How well a client hears its server.</summary>
internal static class UpstreamRule
{
    private static readonly Duration Patience = Duration.FromMinutes(5);
    private static readonly Duration FirstPatience = Duration.FromMinutes(1);

    /// <summary>ok: the last answer could be used; stale: none for up to five minutes (the engine asks at least every minute then); lost: longer, or never.</summary>
    public static (UpstreamStatus Status, string? Detail) Of(ClientView client, Instant now)
    {
        var silentSince = client.State.Line.LostSince ?? client.ProblemSince;
        if (client.HeardAt is not null && silentSince is null && !client.Ceased)
        {
            return (UpstreamStatus.Ok, null);
        }

        var detail = client.Ceased ? "the server's registration PIN is not ours: communication has ceased until POST …/actions/resume"
            : client.Problem ?? (client.HeardAt is null ? "the server has not answered yet" : "the server answers, but with nothing that can be used");
        var since = silentSince ?? client.Since;
        return (now - since > (client.HeardAt is null ? FirstPatience : Patience) ? UpstreamStatus.Lost : UpstreamStatus.Stale, detail);
    }
}
