using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Reports;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Scripts;

/// <summary>What reports are about, in few words.</summary>
internal static class ReportScript
{
    /// <summary>The site is read at this time; the energy register stands at as many Wh as the power has W, unless said.</summary>
    public static VenScript Reads(this VenScript ven, string at, long watts, bool manual = false, long? register = null) => ven.At(at)
        .Takes(new VenInput.ReadingsArrived(
            [new SiteReading("site-1", new Reading { At = Vtn.Time(at), NetPowerW = watts, EnergyImportWh = register ?? watts, ManualOverride = manual })]));

    /// <summary>The site is read each minute: 0 W, 1 W, 2 W…</summary>
    public static VenScript ReadsEachMinute(this VenScript ven, string from, int count)
    {
        for (var minute = 0; minute < count; minute++)
        {
            ven.Reads((Vtn.Time(from) + Duration.FromMinutes(minute)).ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", null), minute);
        }

        return ven;
    }

    /// <summary>The VTN asks for this, found by a poll, and is answered with this code.</summary>
    public static VenScript IsAskedFor(this VenScript ven, ReportRequest request, int code = 200)
    {
        ven.State = ven.State with { Link = new LinkState() };
        ven.Polls(Vtn.AsksReports("q-1", request)).Sends<OadrCreatedReport>(out var created).Hears(Vtn.Nothing);
        Assert.Equal((code, "q-1"), (created.Response.Code, created.Response.RequestId));
        ven.State = ven.State with { Link = new LinkState() };
        return ven;
    }

    /// <summary>The VEN sends one report now, and the VTN takes it; a cancellation may ride on its answer.</summary>
    public static OadrReport Reports(this VenScript ven, OadrCancelReport? riding = null)
    {
        ven.Sends<OadrUpdateReport>(out var data).Hears(Took(data) with { CancelReport = riding });
        return Assert.Single(data.Reports);
    }

    /// <summary>The past that was asked for is found: the same at each meter of the message, by the number of the interval; null = missing.</summary>
    public static VenScript Finds(this VenScript ven, PastQuestion question, PastGrid grid, (Func<int, long?> Value, Func<int, MeteredQuality> Quality) told)
    {
        var values = Enumerable.Range(0, grid.Count).Where(i => told.Value(i) is not null).Select(i => new MeteredValue(grid.From + (grid.Step * i), told.Value(i)!.Value, told.Quality(i)));
        var metered = question.Metered.Select(c => new MeteredChannel(c.RId, values.ToValueList())).ToValueList();
        return ven.Takes(new VenInput.PastFetched(question.ReportRequestId, question.Due, new FetchedPast(grid, metered, [])));
    }

    /// <summary>What the VEN does where its next poll is far away.</summary>
    public static VenNext NextButPolls(this VenScript ven)
    {
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = ven.Now + Duration.FromSeconds(5) } };
        return ven.Next();
    }

    public static OadrUpdatedReport Took(OadrUpdateReport data) => new(EiResponse.Ok(data.RequestId), null, Vtn.VenId);

    /// <summary>One column of a report, oldest first: <c>5</c>, <c>5 held</c> (the value before) or <c>bad</c>; a status as <c>on</c>, <c>on by hand</c> or <c>off</c>.</summary>
    public static string[] Column(this OadrReport report, string rId) =>
        [.. report.Intervals.Select(i => i.Payloads.Single(p => p.RId == rId)).Select(p => Text(p) + (p.Quality == DataQuality.PreviousValueUsed ? " held" : string.Empty))];

    private static string Text(ReportPayload payload) => payload switch
    {
        { Status: { Online: true, ManualOverride: var manual } } => manual ? "on by hand" : "on",
        { Status: not null } => "off",
        { Quality: DataQuality.BadCommFailure } => "bad",
        _ => $"{payload.Value}",
    };
}
