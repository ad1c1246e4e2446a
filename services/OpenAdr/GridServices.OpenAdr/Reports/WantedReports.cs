using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>What the requests of one message want: data, METADATA once, METADATA again and again.</summary>
/// <param name="Data">Reports of data.</param>
/// <param name="Once">reportRequestIDs of METADATA to be sent once.</param>
/// <param name="Again">METADATA to be sent again and again.</param>
/// <param name="Fault">Why one of them can't be served; null: all can.</param>
internal sealed record WantedReports(List<ScheduledReport> Data, List<string> Once, List<ScheduledMetadata> Again, (int Code, string Text)? Fault)
{
    public static WantedReports From(StepContext context, ValueList<ReportRequest> requests)
    {
        var wanted = new WantedReports([], [], [], null);
        foreach (var request in requests)
        {
            wanted = wanted.With(context, request);
        }

        return wanted;
    }

    private WantedReports With(StepContext context, ReportRequest request)
    {
        if (request.Specifier.ReportSpecifierId != Metadata.Specifier)
        {
            var (report, fault) = ReportRules.CreateReport(context.Config, request, context.Now);
            return report is null ? this with { Fault = Fault ?? fault } : this with { Data = [.. Data, report] };
        }

        // OpenADR 2.0b rule 324: report-back zero means once.
        if (request.Specifier.ReportBackDuration.Exactly() == Duration.Zero)
        {
            return this with { Once = [.. Once, request.ReportRequestId] };
        }

        var (metadata, why) = MetadataSchedule.Create(request, context.Now);
        return metadata is null ? this with { Fault = Fault ?? why } : this with { Again = [.. Again, metadata] };
    }
}
