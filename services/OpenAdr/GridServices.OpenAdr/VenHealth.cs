using GridServices.Contracts;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Session;
using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>What keeps a VEN from hearing its VTN or from being heard, read from its state alone; for the status view and the doctor.</summary>
public static class VenHealth
{
    /// <summary>Empty: nothing is wrong that the state knows of. Messages that are parked are told beside it.</summary>
    public static IReadOnlyList<HealthFinding> Check(VenState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var findings = new List<HealthFinding>();
        if (state is { Registration: not null, Link: { Problem: { } problem, ProblemSince: { } since } })
        {
            findings.Add(new HealthFinding(
                IsLine: true,
                since,
                problem,
                $"Since {since} no poll told whether there are events: {SafeText.Clause(problem)}. Limits in force stay; new ones would not arrive. Tell the VTN's operator."));
        }

        // OpenADR 2.0b rule 500: a push VEN asks for events only where it may have missed some.
        if (state.Registration is not null && state.Owed.FirstOrDefault(o => o is PendingRequest.RequestEvents { FailedSince: not null }) is { } request)
        {
            var why = SafeText.Clause(request.Problem ?? "no reason known");
            findings.Add(new HealthFinding(
                IsLine: true,
                request.FailedSince,
                $"the request for the VTN's events is not answered: {why}",
                $"Since {request.FailedSince} the VTN does not say which events there are ({why}). Limits in force stay. Tell the VTN's operator."));
        }

        findings.AddRange(state.Reports.Where(r => r.IsTold).Select(r => new HealthFinding(
            IsLine: false,
            r.FailedSince,
            $"the VTN does not take report '{SafeText.Short(r.ReportRequestId)}': {SafeText.Clause(r.Problem ?? "no reason known")}",
            $"The VTN does not take report '{SafeText.Short(r.ReportRequestId)}' ({SafeText.Clause(r.Problem ?? "no reason known")}): its readings are kept for a while and then lost to the VTN. Tell its operator.")));
        findings.AddRange(state.Events.Where(e => e.UnlistedSince is not null).Take(5).Select(e => new HealthFinding(
            IsLine: false,
            e.UnlistedSince,
            $"the VTN does not list event '{SafeText.Short(e.Id)}' of an earlier registration any more",
            $"Event '{SafeText.Short(e.Id)}' is of an earlier registration, and since {e.UnlistedSince} the VTN does not list it any more: its limits stay {(e.End() is { } end ? $"until {end}" : "for good")}, and the VTN can't cancel what it does not know. Ask its operator, or opt out of the event.")));
        return findings;
    }

    /// <summary>The last moment at which the VTN can count as heard: <paramref name="heardAt"/>, or earlier, where polls are answered but tell nothing.</summary>
    public static Instant UsefulAt(VenState state, Instant heardAt)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Link is { Problem: not null, ProblemSince: { } since } ? Instant.Min(heardAt, since) : heardAt;
    }
}

/// <summary>Something that is wrong between a VEN and its VTN.</summary>
/// <param name="IsLine">True: events would not arrive; false: something of ours does not arrive at the VTN.</param>
/// <param name="Since">Since when; null: not noted.</param>
/// <param name="Problem">In a few words.</param>
/// <param name="Advice">What it means and what to do.</param>
public sealed record HealthFinding(bool IsLine, Instant? Since, string Problem, string Advice);
