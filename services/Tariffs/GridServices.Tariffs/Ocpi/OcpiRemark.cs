using System.Collections.Immutable;
using System.Globalization;
using NodaTime;

namespace GridServices.Tariffs.Ocpi;

/// <summary>Something about a session's cost that is easily overlooked, for programs by its code and for people by its text.</summary>
/// <param name="Code">What.</param>
/// <param name="TariffId">Whose.</param>
/// <param name="Text">In words.</param>
public sealed record OcpiRemark(OcpiRemarkCode Code, string TariffId, string Text)
{
    /// <summary>Place of the charging period in the session; -1 = the reservation, absent = the session.</summary>
    public int? Period { get; init; }

    public OcpiDimension? Dimension { get; init; }

    /// <summary>From when on, where it begins inside the session.</summary>
    public Instant? From { get; init; }
}

/// <summary>What a remark says.</summary>
public enum OcpiRemarkCode
{
    /// <summary>The tariff is not valid when the session starts.</summary>
    TariffNotValid,

    /// <summary>The price changes inside a charging period.</summary>
    PriceChangesInPeriod,

    /// <summary>step_size added to what was used.</summary>
    StepAdded,

    /// <summary>Energy of a charging period matches no element of its tariff, and costs nothing.</summary>
    NotPriced,

    /// <summary>min_price was applied.</summary>
    MinimumApplied,

    /// <summary>max_price was applied.</summary>
    MaximumApplied,
}

/// <summary>Collects the remarks on a cost.</summary>
internal static class OcpiRemarks
{
    /// <summary>What splitting a period at a share of its time may leave, kWh or s.</summary>
    private const decimal Tiny = 0.0000005m;

    /// <param name="tariffs">Those that price the session, each with the sum of its lines before and after its limits.</param>
    /// <param name="session">What happened.</param>
    /// <param name="lines">What was priced.</param>
    public static ImmutableArray<OcpiRemark> Collect(IReadOnlyList<(OcpiTariff Tariff, OcpiPrice Sum, OcpiPrice Limited)> tariffs, OcpiSession session, ImmutableArray<OcpiCostLine> lines) =>
    [
        .. tariffs.Where(t => OcpiTariff.Governing([t.Tariff], session.Start) is null)
            .Select(t => new OcpiRemark(OcpiRemarkCode.TariffNotValid, t.Tariff.Id, $"the tariff '{t.Tariff.Id}' is not valid when the session starts")),
        .. Changes(lines),
        .. lines.Where(l => l.Billed - l.Volume > Tiny).Select(Added),
        .. Unpriced(tariffs.Select(t => t.Tariff), session, lines),
        .. tariffs.Where(t => t.Limited != t.Sum).Select(Limit),
    ];

    private static IEnumerable<OcpiRemark> Changes(ImmutableArray<OcpiCostLine> lines) =>
        from period in lines.Where(l => l.Dimension != OcpiDimension.Flat).GroupBy(l => (l.Period, l.Dimension))
        let sorted = period.OrderBy(l => l.From).ToArray()
        from pair in sorted.Zip(sorted.Skip(1))
        where pair.First.Price != pair.Second.Price
        select new OcpiRemark(OcpiRemarkCode.PriceChangesInPeriod, pair.Second.TariffId, string.Create(CultureInfo.InvariantCulture, $"from {pair.First.Price} to {pair.Second.Price} at {pair.Second.From}"))
        {
            Period = pair.Second.Period,
            Dimension = pair.Second.Dimension,
            From = pair.Second.From,
        };

    private static OcpiRemark Added(OcpiCostLine line) => new(
        OcpiRemarkCode.StepAdded,
        line.TariffId,
        string.Create(CultureInfo.InvariantCulture, $"step_size {line.StepSize} adds {line.Billed - line.Volume:0.######} {(line.Dimension == OcpiDimension.Energy ? "kWh" : "s")}"))
    { Period = line.Period, Dimension = line.Dimension };

    private static IEnumerable<OcpiRemark> Unpriced(IEnumerable<OcpiTariff> tariffs, OcpiSession session, ImmutableArray<OcpiCostLine> lines) =>
        from tariff in tariffs
        from number in Enumerable.Range(0, session.Periods.Length)
        let period = session.Periods[number]
        where tariff.Prices(session, period.TariffId)
        let priced = lines.Where(l => l.Period == number && l.Dimension == OcpiDimension.Energy).Sum(l => l.Volume)
        where period.Energy - priced > Tiny
        select new OcpiRemark(OcpiRemarkCode.NotPriced, tariff.Id, string.Create(CultureInfo.InvariantCulture, $"{period.Energy - priced:0.######} kWh match no element with a price for energy")) { Period = number, Dimension = OcpiDimension.Energy };

    private static OcpiRemark Limit((OcpiTariff Tariff, OcpiPrice Sum, OcpiPrice Limited) part)
    {
        var isMinimum = part.Limited.BeforeTaxes > part.Sum.BeforeTaxes || part.Limited.AfterTaxes > part.Sum.AfterTaxes;
        return new OcpiRemark(
            isMinimum ? OcpiRemarkCode.MinimumApplied : OcpiRemarkCode.MaximumApplied,
            part.Tariff.Id,
            string.Create(CultureInfo.InvariantCulture, $"{(isMinimum ? "min_price" : "max_price")} makes {part.Sum.BeforeTaxes:0.######} before taxes {part.Limited.BeforeTaxes:0.######}"));
    }
}
