using System.Globalization;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Invoices;

/// <summary>A line of a bill as a line of an invoice.</summary>
internal static class LineWriter
{
    private const int PriceDigits = 4;
    private const int QuantityDigits = 6;
    private static readonly decimal[] Bases = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

    public static InvoiceLine Write(InvoiceBasis basis, BillPeriod month, LineItem line, string key, int digits)
    {
        var rule = basis.Vat.FindRule(line)!;
        var (quantity, unit, price, priceBase) = Priced(line, digits);
        return new InvoiceLine
        {
            Key = key,
            Kind = line.Kind,
            Charge = line.Charge,
            Name = Name(line),
            From = month.From,
            Until = month.Until,
            Quantity = quantity,
            Unit = line.Unit,
            UnitCode = unit,
            Price = price,
            PriceBase = priceBase,
            Net = Rounding.Apply(line.Amount, digits, RoundingMode.HalfUp),
            Category = rule.Category,
            VatRate = rule.Rate,
            VatReason = rule.Reason,
            Formula = Formula(line, basis.Bill.Currency),
            Peaks = [.. line.PeakAt.Select(at => Peak(basis, line, at))],
            Note = line.Note,
        };
    }

    /// <summary>
    /// Quantity, unit, price and price base whose product is the amount to within half a cent: as on the bill where four decimals of a price per 1 to 10^6
    /// units hold it, else one piece at the amount itself. A negative price becomes a negative quantity (BR-27).
    /// </summary>
    internal static (decimal Quantity, string Unit, decimal Price, decimal PriceBase) Priced(LineItem line, int digits)
    {
        var half = digits > 2 ? 0.0005m : 0.005m;
        var unit = UnitCode.GetCode(line.Unit);
        var rate = line.Terms.IsEmpty ? line.Rate : line.Quantity == 0 ? 0 : line.Amount / line.Quantity;
        var quantity = decimal.Round(line.Quantity * (rate < 0 ? -1 : 1), QuantityDigits, MidpointRounding.AwayFromZero);
        foreach (var priceBase in Bases)
        {
            if (Math.Abs(rate) > decimal.MaxValue / priceBase / 10)
            {
                break;
            }

            var price = decimal.Round(Math.Abs(rate) * priceBase, PriceDigits, MidpointRounding.AwayFromZero);
            var isExact = price == Math.Abs(rate) * priceBase;
            if ((isExact || priceBase == Bases[^1]) && unit != UnitCode.One && Math.Abs(quantity * price / priceBase - line.Amount) < half)
            {
                return (quantity, unit, price, priceBase);
            }
        }

        return (line.Amount < 0 ? -1 : 1, UnitCode.One, decimal.Round(Math.Abs(line.Amount), PriceDigits, MidpointRounding.AwayFromZero), 1);
    }

    private static string Name(LineItem line) => string.Concat(
        line.Name ?? line.Charge,
        line.Period is { } period ? $", {period}" : string.Empty,
        line.Tier is { } tier ? string.Create(CultureInfo.InvariantCulture, $", block {tier}") : string.Empty,
        line.Version is { } version ? $" ({version})" : string.Empty);

    private static string Formula(LineItem line, string currency)
    {
        var amount = $"{ExactDecimal.Text(line.Amount)} {currency}";
        return !line.Terms.IsEmpty ? $"{line.Terms.Length} prices, each x its part of {ExactDecimal.Text(line.Quantity)} {line.Unit}, sum to {amount}"
            : line.Unit == currency ? $"{ExactDecimal.Text(line.Rate * 100)} % of {ExactDecimal.Text(line.Quantity)} {currency} = {amount}"
            : $"{ExactDecimal.Text(line.Quantity)} {line.Unit} x {ExactDecimal.Text(line.Rate)} {currency} per {line.Unit} = {amount}";
    }

    private static PeakInterval Peak(InvoiceBasis basis, LineItem line, NodaTime.Instant at) =>
        basis.WindowMinutes.TryGetValue(line.Charge, out var minutes)
            ? new PeakInterval(at, at + NodaTime.Duration.FromMinutes(minutes), basis.Load is { } load ? LoadPlot.MeanKw(load, at, minutes) : null)
            : new PeakInterval(at, null, null);
}
