using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Session;
using NodaTime;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>
/// How well a VEN hears its VTN, judged by its last reply to a poll that told of events, against how often it asks. Never ok before the VTN was heard
/// since the start: a fail-safe that holds must not end because a process began.
/// </summary>
internal static class UpstreamRule
{
    private static readonly Duration Slack = Duration.FromSeconds(5);
    private static readonly Duration LeastPatience = Duration.FromMinutes(1);

    /// <summary>ok: heard within two and a half polls; lost: not for ten polls (at least a minute), or never; stale: between.</summary>
    public static (UpstreamStatus Status, string? Detail) Classify(VenView ven, Instant now)
    {
        if (ven.State.Registration is null)
        {
            var detail = ven.Problem is null ? "not registered with the VTN" : $"not registered with the VTN: {ven.Problem}";
            return (now - ven.Since < LeastPatience && ven.Problem is null ? UpstreamStatus.Stale : UpstreamStatus.Lost, detail);
        }

        if (FindSilentSince(ven) is { } since)
        {
            return ClassifyUnheard(ven, now - since);
        }

        if (ven.Config.Transport == VenTransport.Push)
        {
            return ClassifyPush(ven, now);
        }

        var interval = PollInterval(ven);
        var silent = now - VenHealth.UsefulAt(ven.State, ven.EventsHeardAt ?? ven.Since);
        var problem = ven.Problem ?? (VenHealth.Check(ven.State) is [var first, ..] ? first.Problem : null);
        if (silent <= (interval * 2.5) + Slack)
        {
            return (UpstreamStatus.Ok, problem);
        }

        var why = problem ?? $"no reply for {(long)silent.TotalSeconds} s";
        return (silent > GetLostAfter(ven) ? UpstreamStatus.Lost : UpstreamStatus.Stale, why);
    }

    /// <summary>When what is lost became so, where that was before the start; null: it was not.</summary>
    public static Instant? LostBeforeStart(VenView ven) => FindSilentSince(ven) is { } since && since + GetLostAfter(ven) is var lost && lost < ven.Since ? lost : null;

    /// <summary>Since when, where the VTN told of nothing since the start: the start, or earlier, where it was lost before and that is stored.</summary>
    private static Instant? FindSilentSince(VenView ven)
    {
        if (ven.EventsHeardAt is not null || (ven.Config.Transport == VenTransport.Push && ven.PushedAt >= ven.Since))
        {
            return null;
        }

        var link = ven.State.Link;
        return new[] { ven.Since, link.LostSince ?? ven.Since, link.ProblemSince ?? ven.Since }.Min();
    }

    private static (UpstreamStatus Status, string? Detail) ClassifyUnheard(VenView ven, Duration silent)
    {
        var why = ven.PushProblem ?? ven.Problem ?? (VenHealth.Check(ven.State) is [var first, ..] ? first.Problem : "the VTN was not heard since this service began");
        return (ven.PushProblem is not null || silent > GetLostAfter(ven) ? UpstreamStatus.Lost : UpstreamStatus.Stale, why);
    }

    private static Duration GetLostAfter(VenView ven) => ven.Config.Transport == VenTransport.Push ? LeastPatience : Duration.Max(PollInterval(ven) * 10, LeastPatience);

    // A VTN that has nothing to say pushes nothing: silence is no sign of anything, and only what fails is.
    private static (UpstreamStatus Status, string? Detail) ClassifyPush(VenView ven, Instant now)
    {
        if (ven.PushProblem is { } down)
        {
            return (UpstreamStatus.Lost, down);
        }

        var findings = VenHealth.Check(ven.State);
        var line = findings.FirstOrDefault(f => f.IsLine);
        var since = ven.ProblemSince ?? line?.Since;
        var problem = ven.Problem ?? (findings is [var first, ..] ? first.Problem : null);
        return (since is null ? UpstreamStatus.Ok : now - since < LeastPatience ? UpstreamStatus.Stale : UpstreamStatus.Lost, problem);
    }

    private static Duration PollInterval(VenView ven) => LinkPolicy.PollInterval(ven.Config, ven.State.Registration);
}
