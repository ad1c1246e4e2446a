using System.Text.Json.Nodes;
using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

public sealed partial class VtnServer
{
    private XElement RegisterReport(VenRecord ven, XElement message)
    {
        if (habits.Has(Habit.ForgetsAtMetadata))
        {
            return RegistrationMessages.Response("463", "Not registered", FindRequestId(message), ven.VenId);
        }

        var first = !ven.MetadataReceived;
        ven.MetadataReceived = true;
        ven.Offered.Clear();
        ven.Offered.AddRange(ReportMessages.Offered(message));
        ven.ReportRequests.Clear(); // Rule 306: new METADATA cancels what was scheduled.
        log.Add("metadata", ven.VenId, $"{ven.VenId} offers {ven.Offered.Count} report point(s): {string.Join(", ", ven.Offered.Select(p => $"{p.ReportName}/{p.RId}"))}");
        if (first)
        {
            ven.PollQueue.Enqueue(new(ReportMessages.RegisterReport(NewId("metadata"), ven.VenId, "0"), null));
        }

        if (options.RequestReports is { } period)
        {
            Request(ven, period, period, _ => true, asOffered: true);
        }

        return ReportMessages.RegisteredReport(FindRequestId(message), ven.VenId, []);
    }

    private XElement UpdateReport(VenRecord ven, XElement message)
    {
        var values = ReportMessages.Values(message).ToList();
        foreach (var value in values)
        {
            journal.Add(new ReportRecord(clock.GetCurrentInstant(), ven.VenId, value));
        }

        var last = values.LastOrDefault();
        log.Add("report", ven.VenId, $"{ven.VenId} reports {values.Count} value(s){(last is null ? "" : $", last {last.RId} = {last.Value}")}");
        var cancel = ven.CancelWithNextUpdate is { } ids ? ReportMessages.CancelReport(NewId("cancel-report"), ven.VenId, ids, reportToFollow: false) : null;
        ven.CancelWithNextUpdate = null;
        return ReportMessages.UpdatedReport(FindRequestId(message), ven.VenId, cancel);
    }

    private XElement ReportReply(VenRecord ven, XElement message)
    {
        log.Add("report-reply", ven.VenId, $"{ven.VenId} answers {message.Name.LocalName} {message.Find(Ns.Ei + "responseCode")}, pending: {string.Join(", ", Pending(message))}");
        if (message.Elements(Ns.Oadr + "oadrReportRequest").ToList() is { Count: > 0 } riding)
        {
            // Rule 344: a request may ride on the answer to METADATA.
            riding.ForEach(r => ven.PollQueue.Enqueue(new(ReportMessages.RegisterReport(NewId("metadata"), ven.VenId, r.Text(Ns.Ei + "reportRequestID")), null)));
            return ReportMessages.CreatedReport("200", "OK", FindRequestId(message), ven.VenId);
        }

        return RegistrationMessages.Response("200", "OK", FindRequestId(message), ven.VenId);
    }

    // Rule 301: METADATA is always to be had, also from the VTN; there is nothing else to ask for here.
    private XElement CreateReport(VenRecord ven, XElement message)
    {
        var asked = message.Descendants(Ns.Ei + "reportSpecifierID").Select(e => e.Value.Trim()).ToList();
        if (asked.Exists(id => !string.Equals(id, "METADATA", StringComparison.Ordinal)))
        {
            return ReportMessages.CreatedReport("452", "Unknown reportSpecifierID", FindRequestId(message), ven.VenId);
        }

        ven.PollQueue.Enqueue(new(ReportMessages.RegisterReport(NewId("metadata"), ven.VenId, message.Find(Ns.Ei + "reportRequestID")), null));
        return ReportMessages.CreatedReport("200", "OK", FindRequestId(message), ven.VenId);
    }

    /// <summary>Asks a VEN for the points it offers.</summary>
    /// <exception cref="SimException">There is no such VEN, or it offers no such point.</exception>
    /// <param name="venId">The VEN; null: the only one.</param>
    /// <param name="granularity">Length of an interval.</param>
    /// <param name="reportBack">How often; zero: once.</param>
    /// <param name="rId">The point; null: all.</param>
    /// <param name="period">The reportInterval; null: from now on, for ever.</param>
    public JsonArray RequestReports(string? venId, Duration granularity, Duration reportBack, string? rId, (Instant Start, Duration Length)? period = null)
    {
        lock (gate)
        {
            var ven = Pick(venId);
            var ids = Request(ven, granularity, reportBack, p => rId is null || string.Equals(p.RId, rId, StringComparison.Ordinal), period);
            return ids.Count > 0 ? [.. ids.Select(id => JsonValue.Create(id))] : throw new SimException($"{ven.VenId} offers no such report point.");
        }
    }

    /// <summary>Cancels report requests: as a message of its own, or within the next oadrUpdatedReport.</summary>
    /// <exception cref="SimException">There is no such VEN.</exception>
    public void CancelReports(string? venId, IReadOnlyList<string>? ids, bool reportToFollow, bool piggyBack)
    {
        lock (gate)
        {
            var ven = Pick(venId);
            ids ??= [.. ven.ReportRequests.Keys];
            if (piggyBack)
            {
                ven.CancelWithNextUpdate = ids;
            }
            else
            {
                ven.PollQueue.Enqueue(new(ReportMessages.CancelReport(NewId("cancel-report"), ven.VenId, ids, reportToFollow), null));
            }

            foreach (var id in ids)
            {
                ven.ReportRequests.Remove(id);
            }
        }
    }

    /// <summary>Asks for the VEN's METADATA.</summary>
    /// <exception cref="SimException">There is no such VEN.</exception>
    public void RequestMetadata(string? venId)
    {
        lock (gate)
        {
            var ven = Pick(venId);
            ven.PollQueue.Enqueue(new(ReportMessages.CreateReport(NewId("create-report"), ven.VenId, [ReportMessages.MetadataRequest(NewId("metadata-request"))]), null));
        }
    }

    // One request per specifier; all of them in one message.
    private List<string> Request(VenRecord ven, Duration granularity, Duration reportBack, Func<OfferedPoint, bool> chosen, (Instant Start, Duration Length)? period = null, bool asOffered = false)
    {
        // Rule 317: not finer than the VEN offers; only a person may ask for what it must refuse.
        Duration Rate(Duration asked, IEnumerable<OfferedPoint> points) => asOffered ? points.Aggregate(asked, (rate, p) => Duration.Max(rate, p.MinPeriod ?? rate)) : asked;

        var (start, length) = period ?? (clock.GetCurrentInstant(), Duration.Zero);
        var requests = ven.Offered.Where(chosen).GroupBy(p => p.SpecifierId, StringComparer.Ordinal).Select(group => (Id: NewId("report"), group.Key, Points: group)).ToList();
        foreach (var (id, specifier, _) in requests)
        {
            ven.ReportRequests[id] = specifier;
        }

        if (requests.Count > 0)
        {
            var elements = requests.Select(r => ReportMessages.ReportRequest(
                r.Id, r.Key, Rate(granularity, r.Points), asOffered ? Duration.Max(reportBack, Rate(granularity, r.Points)) : reportBack, start, length, r.Points.Select(p => p.RId)));
            ven.PollQueue.Enqueue(new(ReportMessages.CreateReport(NewId("create-report"), ven.VenId, elements), null));
        }

        return [.. requests.Select(r => r.Id)];
    }

    private static IEnumerable<string> Pending(XElement message) =>
        message.Elements(Ns.Oadr + "oadrPendingReports").Elements(Ns.Ei + "reportRequestID").Select(e => e.Value.Trim());
}
