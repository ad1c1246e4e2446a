using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Meters;
using NodaTime;

namespace GridServices.Tariffs.Prices;

/// <summary>What a site's tariff says of the price of energy ahead, as a price series of the hub, before it gets an id and a revision.</summary>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Segments">
/// Per kWh: imported with riders and taxes, exported as it is paid. Every segment has an end, and where a price is not known there is none: what held before, or will hold later, never stands for it.
/// </param>
/// <param name="Provenance">The tariff's version that holds when the series is drawn.</param>
public sealed record PriceDraft(string Currency, ImmutableArray<PriceSegment> Segments, Provenance Provenance)
{
    /// <summary>Key of the stream under service <c>tariff</c>.</summary>
    public const string Stream = LiveMeter.EnergyPrice;

    /// <summary>How far a series reaches.</summary>
    public static readonly Duration Horizon = Duration.FromHours(48);

    private const int Decimals = 12;

    /// <summary>The prices of [now, now + <see cref="Horizon"/>). Prices of programs are not in it: they are series of their own.</summary>
    public static PriceDraft Compute(MeterPlan plan, OutlookInputs inputs, Instant now)
    {
        var (outlook, _) = PriceOutlook.Compute(plan, inputs with { Programs = [] }, now, now + Horizon);
        var tariff = LiveMeter.On(inputs.Versions, now.InZone(inputs.Versions[0].Zone).Date);
        return new PriceDraft(
            tariff.Source.Currency,
            [.. SegmentCoarsening.Prices([.. outlook.Select(ToSegment).Where(s => s.ImportPrice is not null || s.ExportPrice is not null)]).Segments],
            new Provenance { Protocol = "tariff", Authority = $"{tariff.Source.Id} {tariff.Source.Version} sha256:{tariff.Hash}", Program = tariff.Source.Id });
    }

    /// <summary>Whether it states the same prices over [now, until) as what was said before, by the same version.</summary>
    public bool StatesSame(PriceDraft held, Instant now, Instant until) =>
        held.Currency == Currency && held.Provenance == Provenance && Within(held.Segments, now, until).SequenceEqual(Within(Segments, now, until));

    /// <summary>The series of this draft; without segments it withdraws what was said.</summary>
    public PriceSeries ToSeries(string siteId, Guid id, long revision) => new()
    {
        SeriesId = id,
        Revision = revision,
        SiteId = siteId,
        Stream = new StreamId(EnvelopeDrafts.Service, Stream),
        Currency = Currency,
        Unit = "kWh",
        Segments = Segments,
        Provenance = Provenance,
    };

    /// <summary>A tariff without any price of energy says nothing of it: no parts are not 0.</summary>
    private static PriceSegment ToSegment(OutlookSegment segment) => new()
    {
        From = segment.From,
        Until = segment.Until,
        ImportPrice = segment.Parts.IsEmpty ? null : Plain(segment.ImportPriceWithTaxes),
        ExportPrice = Plain(segment.ExportPrice),
        Cause = segment.Parts.IsEmpty ? null : new Cause { EventId = SafeText.Line(string.Join(" + ", segment.Parts.Select(p => p.Source))) },
    };

    private static decimal? Plain(decimal? price) => price is { } known ? ExactDecimal.Plain(decimal.Round(known, Decimals)) : null;

    /// <summary>What is stated from one moment to another, joined where the prices are the same.</summary>
    private static List<(Instant From, Instant Until, decimal? Import, decimal? Export)> Within(ImmutableArray<PriceSegment> segments, Instant from, Instant until)
    {
        var stated = new List<(Instant From, Instant Until, decimal? Import, decimal? Export)>();
        foreach (var s in segments)
        {
            var (a, b) = (Instant.Max(s.From, from), Instant.Min(s.Until ?? until, until));
            if (a >= b)
            {
                continue;
            }

            if (stated.Count > 0 && stated[^1] is var last && last.Until == a && last.Import == s.ImportPrice && last.Export == s.ExportPrice)
            {
                stated[^1] = last with { Until = b };
            }
            else
            {
                stated.Add((a, b, s.ImportPrice, s.ExportPrice));
            }
        }

        return stated;
    }
}
