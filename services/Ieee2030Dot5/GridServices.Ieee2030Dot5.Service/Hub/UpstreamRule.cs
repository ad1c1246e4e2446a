using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Hub;

/// <summary>How well a client hears its server. Never ok before an answer since the start: a fail-safe that holds must not end because a process began.</summary>
internal static class UpstreamRule
{
    private static readonly Duration Patience = Duration.FromMinutes(5);
    private static readonly Duration FirstPatience = Duration.FromMinutes(1);

    /// <summary>
    /// Of the client as a whole. ok: the server can be followed for every device; stale: it can't, or not for all, or was not heard for up to five
    /// minutes (the engine asks at least every minute then); lost: not heard for longer, or never.
    /// </summary>
    public static (UpstreamStatus Status, string? Detail) Classify(ClientView client, Instant now)
    {
        var line = ClassifyConnection(client, now);
        var devices = Usability.For(client.Engine, client.State).Devices;
        return line.Status != UpstreamStatus.Ok || devices.Count == 0
            ? line
            : (UpstreamStatus.Stale, devices.Count == 1 ? devices.First().Value.Reason : $"{devices.First().Value.Reason}; and {devices.Count - 1} more devices (…/doctor names them)");
    }

    /// <summary>For one of its EndDevices.</summary>
    public static (UpstreamStatus Status, string? Detail) Classify(ClientView client, string lfdi, Instant now)
    {
        var line = ClassifyConnection(client, now);
        return line.Status == UpstreamStatus.Ok && Usability.For(client.Engine, client.State).Devices.GetValueOrDefault(lfdi) is { } trouble
            ? (UpstreamStatus.Stale, trouble.Reason)
            : line;
    }

    private static (UpstreamStatus Status, string? Detail) ClassifyConnection(ClientView client, Instant now)
    {
        var line = client.State.Line;
        var silentSince = line.LostSince ?? client.ProblemSince;
        var trouble = Usability.For(client.Engine, client.State).Entrance;
        if (client.HeardAt is not null && line.HeardAt is not null && silentSince is null && !client.Ceased && trouble is null)
        {
            return (UpstreamStatus.Ok, null);
        }

        var detail = client.Ceased ? "the server's registration PIN is not ours: communication has ceased until POST …/actions/resume"
            : client.Problem ?? (client.HeardAt is null ? "the server has not answered yet" : trouble?.Reason ?? "the server answers, but with nothing that can be used");
        var isHeard = client.HeardAt is not null && line.HeardAt is not null && silentSince is null && !client.Ceased;
        var since = silentSince ?? client.Since;
        return (!isHeard && now - since > GetLostAfter(client) ? UpstreamStatus.Lost : UpstreamStatus.Stale, detail);
    }

    /// <summary>When what is lost became so, where that was before the start; null: it was not.</summary>
    public static Instant? LostBeforeStart(ClientView client) =>
        client.HeardAt is null && client.State.Line.LostSince is { } since && since + Patience is var lost && lost < client.Since ? lost : null;

    // One that was lost before the start gets what it would have got without it.
    private static Duration GetLostAfter(ClientView client) =>
        client.State.Line is { HeardAt: null } line && !(line.LostSince < client.Since) ? FirstPatience : Patience;
}
