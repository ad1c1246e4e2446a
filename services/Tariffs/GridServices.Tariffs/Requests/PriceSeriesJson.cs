using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Requests;

/// <summary>A price curve with its currency.</summary>
public sealed record PricedSeries(PriceCurve Curve, string Currency);

/// <summary>Reads <c>{"currency":"EUR","points":[{"from":…,"until":…,"price":…}]}</c>, prices per kWh.</summary>
public static class PriceSeriesJson
{
    public static ReadResult<PricedSeries> Read(ReadOnlyMemory<byte> json, string series, int mostPoints) => RequestDocument.Read(json, typeof(PricesRequestBody), (root, problems) =>
    {
        var currency = root.Member("currency")?.Text() ?? string.Empty;
        if (!Currencies.IsCode(currency))
        {
            problems.Refuse(ErrorClass.Unit, "/currency", Currencies.Unknown(currency));
        }

        var points = root.Required<PricePoint[]>("points", "the prices, e.g. [{\"from\":\"2026-01-15T00:00:00Z\",\"until\":\"2026-01-15T01:00:00Z\",\"price\":0.12}]", problems) ?? [];
        var sorted = points.OrderBy(p => p.From).ToArray();
        if (points.Length == 0 || points.Length > mostPoints)
        {
            problems.Refuse(ErrorClass.LimitCount, "/points", $"give 1 to {mostPoints} points");
        }

        var bad = Array.FindIndex(sorted, p => p.From >= p.Until);
        var overlap = sorted.Zip(sorted.Skip(1)).Any(p => p.First.Until > p.Second.From);
        if (bad >= 0 || overlap)
        {
            problems.Refuse(ErrorClass.SemanticOverlap, "/points", bad >= 0 ? $"the point from {sorted[bad].From} ends before it starts" : "points overlap; each moment has one price");
        }

        return problems.Any ? null : new PricedSeries(new PriceCurve(series, [.. sorted]), currency);
    });
}
