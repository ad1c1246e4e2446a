using System.Collections.Immutable;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Settlement;
using NodaTime;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>A baseline with everything that made it.</summary>
public sealed record BaselineResponse
{
    public required string Rule { get; init; }

    /// <summary>The rules in whose place it stands, with the reason; empty = it is the one that was asked for.</summary>
    public ImmutableArray<RuleTried> InsteadOf { get; init; } = [];

    /// <summary>°C of the event, where the rule looks at the weather.</summary>
    public decimal? EventCelsius { get; init; }

    /// <summary>kW per °C by which the baseline moves with the weather; absent = the rule does not say so.</summary>
    public decimal? KwPerCelsius { get; init; }

    /// <summary>kW that the weather adds; in unadjustedKw already.</summary>
    public decimal? WeatherKw { get; init; }

    /// <summary>Minutes of a settlement interval of the event.</summary>
    public required int IntervalMinutes { get; init; }

    /// <summary>Start of each interval of the event.</summary>
    public required ImmutableArray<Instant> Starts { get; init; }

    /// <summary>Every day looked at, newest first.</summary>
    public required ImmutableArray<BaselineDay> Days { get; init; }

    public required ImmutableArray<LocalDate> Candidates { get; init; }
    public required ImmutableArray<LocalDate> Selected { get; init; }

    /// <summary>kW per interval.</summary>
    public required ImmutableArray<decimal> UnadjustedKw { get; init; }

    public required decimal AdjustmentRaw { get; init; }
    public required decimal AdjustmentApplied { get; init; }
    public required ImmutableArray<decimal> AdjustedKw { get; init; }

    /// <summary>kW per interval; null where it was not measured.</summary>
    public required ImmutableArray<decimal?> ActualKw { get; init; }

    /// <summary>kWh per interval; null where it was not measured.</summary>
    public required ImmutableArray<decimal?> DeliveredKwh { get; init; }

    /// <summary>Per interval, where the baseline comes from.</summary>
    public required ImmutableArray<MeasurementSource> BaselineSource { get; init; }

    /// <summary>Per interval, where the actual load comes from.</summary>
    public required ImmutableArray<MeasurementSource> ActualSource { get; init; }

    /// <summary>An interval is not measured or rests on an estimate.</summary>
    public required bool Provisional { get; init; }
    public required decimal DeliveredTotalKwh { get; init; }
    public required IReadOnlyList<Warning> Warnings { get; init; }

    internal static BaselineResponse Create(BaselineOutcome outcome, ImmutableArray<Finding> warnings) => new()
    {
        Rule = outcome.Rule.Name,
        InsteadOf = outcome.InsteadOf,
        EventCelsius = outcome.EventCelsius,
        KwPerCelsius = outcome.KwPerCelsius,
        WeatherKw = outcome.WeatherKw,
        IntervalMinutes = outcome.IntervalMinutes,
        Starts = outcome.Starts,
        Days = outcome.Days,
        Candidates = outcome.Candidates,
        Selected = outcome.Selected,
        UnadjustedKw = outcome.UnadjustedKw,
        AdjustmentRaw = outcome.AdjustmentRaw,
        AdjustmentApplied = outcome.AdjustmentApplied,
        AdjustedKw = outcome.AdjustedKw,
        ActualKw = outcome.ActualKw,
        DeliveredKwh = outcome.DeliveredKwh,
        BaselineSource = outcome.BaselineSource,
        ActualSource = outcome.ActualSource,
        Provisional = outcome.Provisional,
        DeliveredTotalKwh = outcome.DeliveredTotalKwh,
        Warnings = Responses.Warnings(warnings),
    };
}

/// <summary>What an event earned.</summary>
/// <param name="Settlement">The parts and their total.</param>
/// <param name="Delta">Still due after what was settled before; absent without previousTotal.</param>
/// <param name="Baseline">What it rests on.</param>
public sealed record SettlementResponse(DemandResponseSettlement Settlement, decimal? Delta, BaselineResponse Baseline);

/// <summary>What a frequency service earned.</summary>
/// <param name="Currency">Of every amount.</param>
/// <param name="Total">Availability plus energy.</param>
/// <param name="Availability">Mw x hours x price x performance, over all blocks.</param>
/// <param name="Energy">Energy settled apart.</param>
/// <param name="Delta">Still due after what was settled before; absent without previousTotal.</param>
/// <param name="NotMeasuredMwHours">Contracted MW h for which nothing is paid because delivery was not measured.</param>
/// <param name="Provisional">Delivery is estimated or not measured somewhere.</param>
/// <param name="Blocks">In the order given.</param>
/// <param name="Warnings">Among them, every block that is not paid for want of a measurement.</param>
public sealed record FrequencySettlementResponse(
    string Currency, decimal Total, decimal Availability, decimal Energy, decimal? Delta, decimal NotMeasuredMwHours, bool Provisional,
        IReadOnlyList<FrequencyBlockResponse> Blocks, IReadOnlyList<Warning> Warnings);

/// <summary>One block's two amounts, what measured it, and the share of it that is paid.</summary>
public sealed record FrequencyBlockResponse(decimal Availability, decimal Energy, MeasurementSource Source, decimal Measured);

/// <summary>The cost of a session in the terms of OCPI.</summary>
public sealed record CdrCostResponse
{
    public required string Currency { get; init; }
    public required string TariffId { get; init; }

    /// <summary>After minimum and maximum price; negative for a credit CDR.</summary>
    public required OcpiPrice TotalCost { get; init; }

    /// <summary>The same in the currency's digits.</summary>
    public required OcpiPrice TotalCostRounded { get; init; }

    /// <summary>Before minimum and maximum price.</summary>
    public required OcpiPrice Unlimited { get; init; }

    public required OcpiPrice TotalFixedCost { get; init; }
    public required OcpiPrice TotalEnergyCost { get; init; }
    public required OcpiPrice TotalTimeCost { get; init; }
    public required OcpiPrice TotalParkingCost { get; init; }
    public required OcpiPrice TotalReservationCost { get; init; }

    /// <summary>With what step_size adds.</summary>
    public required decimal BilledKwh { get; init; }

    public required decimal BilledSeconds { get; init; }
    public required decimal BilledParkingSeconds { get; init; }
    public required ImmutableArray<OcpiCostLine> Lines { get; init; }
    public required ImmutableArray<string> Notes { get; init; }

    /// <summary>What is easily overlooked, each with a code: a price that changes inside a charging period, what step_size, min_price and max_price did, energy without a price.</summary>
    public required ImmutableArray<OcpiRemark> Remarks { get; init; }

    /// <summary>The CDR's own totals against these; absent where it states none.</summary>
    public CdrCheck? Check { get; init; }

    public required IReadOnlyList<Warning> Warnings { get; init; }

    internal static CdrCostResponse Create(OcpiCostReport report, bool isCredit, CdrCheck? check, ImmutableArray<Finding> warnings)
    {
        var total = isCredit ? report.Credit() : report.Total;
        return new CdrCostResponse
        {
            Currency = report.Currency,
            TariffId = report.TariffId,
            TotalCost = total,
            TotalCostRounded = total.Rounded(Currencies.MinorDigits(report.Currency)),
            Unlimited = report.Unlimited,
            TotalFixedCost = report.GetPrice(OcpiDimension.Flat),
            TotalEnergyCost = report.GetPrice(OcpiDimension.Energy),
            TotalTimeCost = report.GetPrice(OcpiDimension.Time),
            TotalParkingCost = report.GetPrice(OcpiDimension.ParkingTime),
            TotalReservationCost = report.Reservation,
            BilledKwh = report.BilledKwh,
            BilledSeconds = report.BilledSeconds(OcpiDimension.Time),
            BilledParkingSeconds = report.BilledSeconds(OcpiDimension.ParkingTime),
            Lines = report.Lines,
            Notes = report.Notes,
            Remarks = report.Remarks,
            Check = check,
            Warnings = Responses.Warnings(warnings),
        };
    }
}
