using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Prices;

/// <summary>One time series of a day-ahead document, with its curve's gaps filled.</summary>
public sealed record DayAheadSeries
{
    /// <summary>Position in the classification sequence; the lowest one counts where several cover a time. Absent = 1.</summary>
    public required int Sequence { get; init; }

    public required Instant Start { get; init; }
    public required Instant End { get; init; }
    public required Duration Resolution { get; init; }

    /// <summary>Points that stood in the document.</summary>
    public required int PointsPresent { get; init; }

    /// <summary>One price per resolution step, in <see cref="Currency"/> per <see cref="Unit"/>.</summary>
    public required ImmutableArray<decimal> Prices { get; init; }

    public required string Currency { get; init; }
    public required string Unit { get; init; }

    /// <summary>The bidding zone (in_Domain); empty where the document does not say.</summary>
    public string Zone { get; init; } = string.Empty;

    /// <summary>The price that holds at a moment inside the series, per kWh.</summary>
    internal decimal PerKwhAt(Instant moment) => Prices[(int)((moment - Start) / Resolution)] / (string.Equals(Unit, "MWH", StringComparison.OrdinalIgnoreCase) ? 1000 : 1);
}

/// <summary>A read document.</summary>
public sealed record DayAheadDocument(ImmutableArray<DayAheadSeries> Series)
{
    /// <summary>The prices as one curve per kWh: where series overlap, the lowest sequence; where they do not, each.</summary>
    public PriceCurve Curve(string name)
    {
        var points = new SortedDictionary<Instant, PricePoint>();
        var covered = new List<DayAheadSeries>();
        foreach (var series in Series.OrderBy(s => s.Sequence))
        {
            var factor = string.Equals(series.Unit, "MWH", StringComparison.OrdinalIgnoreCase) ? 1000 : 1;
            for (var i = 0; i < series.Prices.Length; i++)
            {
                // Quarter-hours of a higher sequence must not slip in between the hours of a lower one.
                var from = series.Start + series.Resolution * i;
                if (!covered.Exists(c => c.Start < from + series.Resolution && from < c.End))
                {
                    points.TryAdd(from, new PricePoint(from, from + series.Resolution, series.Prices[i] / factor));
                }
            }

            covered.Add(series);
        }

        return new PriceCurve(name, [.. points.Values]);
    }
}

/// <summary>
/// ENTSO-E A44 price documents. Curve A01 names every position; in curve A03 a missing position repeats the price before it. Positions count
/// from the period's start in UTC, so days of 92 and 100 quarter-hours need nothing.
/// </summary>
public static class DayAheadPrices
{
    private static readonly XmlLimits Limits = new() { MaxBytes = 16 << 20, MaxElements = 400_000, MaxRepeats = 20_000 };
    private static readonly InstantPattern Minutes = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm'Z'");

    public static ReadResult<DayAheadDocument> Read(ReadOnlyMemory<byte> xml)
    {
        try
        {
            var document = HardenedXml.Load(xml, Limits);
            if (document.Name != "Publication_MarketDocument" || Text(document, "type") != "A44")
            {
                throw new WireFormatException(ErrorClass.SchemaInvalid, document.Path, "this is no price document of type A44 (an acknowledgement says why there are no prices)");
            }

            // Day-ahead only: intraday auctions (contract A07) come in the same envelope.
            var series = document.Children
                .Where(c => c.Name == "TimeSeries" && (Text(c, "contract_MarketAgreement.type") ?? "A01") == "A01")
                .SelectMany(Series)
                .ToImmutableArray();
            if (series.IsEmpty)
            {
                throw new WireFormatException(ErrorClass.SemanticEmpty, document.Path, "the document has no day-ahead series");
            }

            return ReadResult<DayAheadDocument>.Read(new DayAheadDocument(series), DayAheadConflicts.Check(series, document.Path));
        }
        catch (WireFormatException e)
        {
            return ReadResult<DayAheadDocument>.Refused(e.Refusal);
        }
    }

    private static IEnumerable<DayAheadSeries> Series(ReceivedElement series)
    {
        var sequence = Text(series, "classificationSequence_AttributeInstanceComponent.position");
        var curve = Text(series, "curveType") ?? "A01";
        var unit = Text(series, "price_Measure_Unit.name") ?? "MWH";
        if (curve is not ("A01" or "A03") || unit.ToUpperInvariant() is not ("MWH" or "KWH"))
        {
            throw new WireFormatException(ErrorClass.Unit, series.Path, $"curve type {SafeText.Quote(curve, 10)} per {SafeText.Quote(unit, 10)} is not read; A01 and A03 per MWH or KWH are");
        }

        foreach (var period in series.Children.Where(c => c.Name == "Period"))
        {
            yield return Period(period, curve == "A03", sequence is null ? 1 : ReadInteger(sequence, series), Text(series, "currency_Unit.name") ?? "EUR", unit) with { Zone = Text(series, "in_Domain.mRID") ?? string.Empty };
        }
    }

    private static DayAheadSeries Period(ReceivedElement period, bool repeats, int sequence, string currency, string unit)
    {
        var interval = period.Children.FirstOrDefault(c => c.Name == "timeInterval")
            ?? throw new WireFormatException(ErrorClass.SchemaInvalid, period.Path, "timeInterval is missing");
        var (start, end) = (ReadInstant(interval, "start"), ReadInstant(interval, "end"));
        var step = Text(period, "resolution") switch
        {
            "PT15M" => 15,
            "PT30M" => 30,
            "PT60M" or "PT1H" => 60,
            var other => throw new WireFormatException(ErrorClass.SemanticDuration, $"{period.Path}/resolution", $"the resolution {SafeText.Quote(other ?? "(none)", 20)} is not read; PT15M, PT30M and PT60M are"),
        };
        var minutes = (end - start).TotalMinutes;
        if (minutes <= 0 || minutes % step != 0 || minutes > 60 * 24 * 400)
        {
            throw new WireFormatException(ErrorClass.SemanticTime, interval.Path, "the period is no whole number of resolution steps");
        }

        var prices = new decimal?[(int)minutes / step];
        var points = period.Children.Where(c => c.Name == "Point").ToArray();
        foreach (var point in points)
        {
            Place(point, prices);
        }

        return new DayAheadSeries
        {
            Sequence = sequence,
            Start = start,
            End = end,
            Resolution = Duration.FromMinutes(step),
            PointsPresent = points.Length,
            Prices = Filled(prices, repeats, period),
            Currency = currency,
            Unit = unit,
        };
    }

    private static void Place(ReceivedElement point, decimal?[] prices)
    {
        var position = ReadInteger(Text(point, "position") ?? "", point);
        if (position < 1 || position > prices.Length || prices[position - 1] is not null)
        {
            throw new WireFormatException(ErrorClass.DataConflict, point.Path, $"position {position} is outside 1..{prices.Length} or stands twice");
        }

        prices[position - 1] = ExactDecimal.TryParse(Text(point, "price.amount") ?? "", out var price)
            ? price
            : throw new WireFormatException(ErrorClass.SemanticNumber, point.Path, "price.amount is no number");
    }

    private static ImmutableArray<decimal> Filled(decimal?[] prices, bool repeats, ReceivedElement period)
    {
        var filled = ImmutableArray.CreateBuilder<decimal>(prices.Length);
        for (var i = 0; i < prices.Length; i++)
        {
            filled.Add(prices[i] ?? (repeats && i > 0
                ? filled[i - 1]
                : throw new WireFormatException(ErrorClass.DataGap, period.Path, $"position {i + 1} has no price, and its curve type does not repeat the one before")));
        }

        return filled.MoveToImmutable();
    }

    private static Instant ReadInstant(ReceivedElement interval, string name) => Minutes.Parse(Text(interval, name) ?? "") is { Success: true } parsed
        ? parsed.Value
        : throw new WireFormatException(ErrorClass.SemanticTime, $"{interval.Path}/{name}", "a UTC minute like 2026-03-28T23:00Z is wanted here");

    private static int ReadInteger(string text, ReceivedElement where) => int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new WireFormatException(ErrorClass.SemanticNumber, where.Path, $"{SafeText.Quote(text, 20)} is no whole number");

    private static string? Text(ReceivedElement element, string name) => element.Children.FirstOrDefault(c => c.Name == name)?.Text.Trim();
}
