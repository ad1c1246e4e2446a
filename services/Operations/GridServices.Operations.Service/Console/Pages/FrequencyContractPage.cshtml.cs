using GridServices.Operations.Access;
using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Frequency;
using GridServices.Operations.Service.Storage;
using Microsoft.AspNetCore.Mvc;
using NodaTime;

namespace GridServices.Operations.Service.Console.Pages;

/// <summary>One contract: the frequency as it was measured, what was required and what was delivered, how it is scored, what it earned today, and what needs a person.</summary>
[Needs(UserPermission.SeeSites)]
internal sealed class FrequencyContractPage(PageUi ui, FrequencyReader reader, SiteStore sites) : ConsolePage(ui)
{
    private static readonly int[] Minutes = [10, 60, 360];

    internal FrequencyPicture Picture { get; private set; } = null!;

    internal DateTimeZone? Zone { get; private set; }

    /// <summary>How far the trace goes back.</summary>
    internal int Back { get; private set; } = Minutes[0];

    internal static IReadOnlyList<int> Choices => Minutes;

    internal TracePlot FrequencyTrace { get; private set; } = null!;

    internal TracePlot ResponseTrace { get; private set; } = null!;

    internal bool MaySeeMoney { get; private set; }

    internal override object Document => MaySeeMoney ? new { Picture, alarms = Picture.Alarms } : new { Picture = Picture with { Money = null }, alarms = Picture.Alarms };

    public async Task OnGetAsync([FromRoute] string contractId, int? minutes)
    {
        var ct = HttpContext.RequestAborted;
        var list = await reader.ListAsync(Ui.Tenant, ct);
        if (list.Kind == Clients.ReplyKind.Away)
        {
            throw new Hosting.Refusals.ProblemException(Contracts.ErrorClass.Unavailable, Ui.T["frequency.away"]);
        }

        var contract = list.Value?.FirstOrDefault(c => c.ContractId == contractId);
        var site = contract is null ? null : await sites.FindBySiteIdAsync(Ui.Tenant, contract.SiteId, ct);
        var target = site is not null ? AccessTarget.From(site) : AccessTarget.Tenant;
        if (contract is null || !Ui.May(UserPermission.SeeSites, target))
        {
            throw CreateNotFound("frequency contract", contractId);
        }

        MaySeeMoney = Ui.May(UserPermission.SeeBills, target);
        Zone = Times.Find(site?.TimeZone);
        Back = Minutes.Contains(minutes ?? 0) ? minutes!.Value : Minutes[0];
        var trace = new Interval(Ui.Now - Duration.FromMinutes(Back), Ui.Now);
        var midnight = Ui.Now.InZone(Zone ?? DateTimeZone.Utc).Date.AtStartOfDayInZone(Zone ?? DateTimeZone.Utc).ToInstant();
        Picture = await reader.ReadAsync(Ui.Tenant, contract, trace, Duration.FromMinutes(Back) / 600, midnight, ct);
        Draw(trace);
    }

    private void Draw(Interval trace)
    {
        var rows = Picture.Rows ?? [];
        TraceLevel[] band =
        [
            .. Picture.DeadBand?.LowHz is { } low ? [new TraceLevel(low, Ui.T["frequency.bandLow", Hertz(low)])] : Array.Empty<TraceLevel>(),
            .. Picture.DeadBand?.HighHz is { } high ? [new TraceLevel(high, Ui.T["frequency.bandHigh", Hertz(high)])] : Array.Empty<TraceLevel>(),
        ];
        FrequencyTrace = new TracePlot("frequency-plot", Ui.T["frequency.trace"], Ui.T["frequency.traceDescription", Ui.N.Count(rows.Count(r => r.FrequencyHz is not null)), Ui.N.Count(rows.Count)], trace.Start, trace.End, hertz => Hertz(hertz))
        {
            Series = [new TraceSeries("measured", Ui.T["frequency.measured"], [.. rows.Select(r => (r.At, r.FrequencyHz))])],
            Levels = band,
            LeastSpan = 0.1m,
        };
        ResponseTrace = new TracePlot("response-plot", Ui.T["frequency.response"], Ui.T["frequency.responseDescription", Ui.N.Count(rows.Count(r => r.DeliveredW is not null)), Ui.N.Count(rows.Count)], trace.Start, trace.End, watts => Ui.N.Power(decimal.Round(watts)))
        {
            Series =
            [
                new TraceSeries("baseline", Ui.T["frequency.required"], [.. rows.Select(r => (r.At, r.ResponseW))]),
                new TraceSeries("measured", Ui.T["frequency.delivered"], [.. rows.Select(r => (r.At, r.DeliveredW))]),
            ],
            Levels = [new TraceLevel(0, Ui.N.Power(0))],
            LeastSpan = Picture.Contract.QuantityW / 5m,
        };
    }

    internal string Hertz(decimal? hertz) => hertz is { } hz ? $"{Ui.N.Plain(decimal.Round(hz, 3))}\u00a0Hz" : Ui.T["unknown"];

    /// <summary>A share of the quantity.</summary>
    internal string Share(decimal? pu) => pu is null ? Ui.T["unknown"] : Ui.N.Percent(pu);

    internal string Asked(FrequencyPeriod period) => $"{Ui.N.Energy(period.AskedRaiseWh)} / {Ui.N.Energy(period.AskedLowerWh)}";

    internal string Given(FrequencyPeriod period) => $"{Ui.N.Energy(period.GivenRaiseWh)} / {Ui.N.Energy(period.GivenLowerWh)}";
}
