using GridServices.Operations.Compliance;
using GridServices.Operations.Money;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Service.Money;

/// <summary>What <c>POST /v1/settlements/demand-response</c> answers, and a settlement made of it.</summary>
internal sealed record SettledAnswer
{
    public required SettledAmounts Settlement { get; init; }
    /// <summary>Absent without an earlier total.</summary>
    public decimal? Delta { get; init; }

    public required SettledBaseline Baseline { get; init; }

    internal static Settlement ToSettlement(SettledAnswer answer, string eventId, SettlementInput input, DataQuality quality, MeterPoint meter, string hash, decimal? previous)
    {
        var (paid, baseline, terms) = (answer.Settlement, answer.Baseline, input.Template);
        var from = baseline.Starts.Count > 0 ? baseline.Starts[0] : input.Event.Site(input.SiteId)!.From;
        var until = from + Duration.FromMinutes((long)baseline.IntervalMinutes * baseline.Starts.Count);
        Instant? finalFrom = terms.DataFinalityDays is { } days ? until + Duration.FromDays(days.Value) : null;
        var reasons = Reasons(paid, quality, finalFrom, input.Now);
        return new Settlement
        {
            EventId = eventId,
            SiteId = input.SiteId,
            ProgramCode = terms.Code,
            Status = reasons.Count == 0 ? ReportStatus.Final : ReportStatus.Preliminary,
            Preliminary = reasons,
            FinalFrom = finalFrom,
            From = from,
            Until = until,
            Zone = input.Zone.Id,
            MeterPointId = meter.Id,
            Quality = quality,
            Currency = terms.Payment.Currency,
            NominatedKw = input.Event.Site(input.SiteId)!.NominatedKw,
            EnergyPricePerKwh = terms.Payment.EnergyPerKwh!.Value,
            BaselineRule = baseline.Rule,
            BaselineSource = terms.Baseline?.Source,
            BaselineFallback = paid.BaselineFallback,
            EventCelsius = baseline.EventCelsius,
            AdjustmentApplied = baseline.AdjustmentApplied,
            EnergyKwh = paid.EnergyKwh,
            EnergyPayment = paid.EnergyPayment,
            ShortfallKwh = paid.ShortfallKwh,
            ShortfallPenalty = paid.ShortfallPenalty,
            Total = paid.Total,
            PreviousTotal = previous,
            Delta = answer.Delta ?? paid.Total,
            IntervalMinutes = baseline.IntervalMinutes,
            EventIntervals = paid.EventIntervals,
            MeasuredIntervals = paid.MeasuredIntervals,
            EstimatedIntervals = paid.EstimatedIntervals,
            Days = baseline.Days,
            Intervals = [.. baseline.Starts.Select((start, i) => baseline.Interval(start, i))],
            Warnings = [.. baseline.Warnings.Select(w => w.Detail), .. new[] { SettlementRequest.HolidaysUnknown(input), SettlementRequest.NominationUnknown(input), SettlementRequest.StationUnknown(input) }.OfType<string>()],
            RequestHash = hash,
        };
    }

    /// <summary>All is measured, and still it is provisional while another rule is used: temperatures may come that give another baseline.</summary>
    private static bool AwaitsWeather(SettledAmounts paid) => paid is { Provisional: true, BaselineFallback: not null, EstimatedIntervals: 0 } && paid.MeasuredIntervals == paid.EventIntervals;

    private static List<PreliminaryReason> Reasons(SettledAmounts paid, DataQuality quality, Instant? finalFrom, Instant now)
    {
        (bool Holds, PreliminaryReason Reason)[] all =
        [
            (paid.MeasuredIntervals < paid.EventIntervals, PreliminaryReason.MissingReadings),
            (paid.EstimatedIntervals > 0 || (paid.Provisional && paid.MeasuredIntervals == paid.EventIntervals && !AwaitsWeather(paid)), PreliminaryReason.EstimatedReadings),
            (AwaitsWeather(paid), PreliminaryReason.TemperaturesMissing),
            (quality == DataQuality.Telemetry, PreliminaryReason.Telemetry),
            (finalFrom > now, PreliminaryReason.BeforeFinality),
            (finalFrom is null, PreliminaryReason.NoFinality),
        ];
        return [.. all.Where(r => r.Holds).Select(r => r.Reason)];
    }
}

internal sealed record SettledAmounts
{
    public string? BaselineFallback { get; init; }
    public required decimal EnergyKwh { get; init; }
    public required decimal EnergyPayment { get; init; }
    public decimal ShortfallKwh { get; init; }
    public decimal ShortfallPenalty { get; init; }
    public required decimal Total { get; init; }
    public required int EventIntervals { get; init; }
    public required int MeasuredIntervals { get; init; }
    public required int EstimatedIntervals { get; init; }
    public required bool Provisional { get; init; }
}

internal sealed record SettledBaseline
{
    public required string Rule { get; init; }
    public required int IntervalMinutes { get; init; }
    public required IReadOnlyList<Instant> Starts { get; init; }
    public IReadOnlyList<SettlementDay> Days { get; init; } = [];
    public required IReadOnlyList<decimal> AdjustedKw { get; init; }
    public decimal AdjustmentApplied { get; init; }
    public decimal? EventCelsius { get; init; }
    public required IReadOnlyList<decimal?> ActualKw { get; init; }
    public required IReadOnlyList<decimal?> DeliveredKwh { get; init; }
    public required IReadOnlyList<string> ActualSource { get; init; }
    public IReadOnlyList<SettledWarning> Warnings { get; init; } = [];

    internal SettlementInterval Interval(Instant start, int i) => new(start, start + Duration.FromMinutes(IntervalMinutes), AdjustedKw[i], ActualKw[i], DeliveredKwh[i], ActualSource[i]);
}

internal sealed record SettledWarning(string Detail);
