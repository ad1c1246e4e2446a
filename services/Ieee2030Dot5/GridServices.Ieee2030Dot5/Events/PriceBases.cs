using System.Globalization;
using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What the prices of each component are per, and what is told of those that can't be stated.</summary>
internal sealed class PriceBases
{
    private static readonly PriceBasis None = new(PriceLane.Unknown, 0, 0, "it names no component that is known");
    private readonly Dictionary<(string Tariff, string Component), PriceBasis> bases = [];

    public PriceBases(PriceContext context, IReadOnlyList<TariffView> tariffs)
    {
        foreach (var tariff in tariffs)
        {
            Report(context, tariff);
            foreach (var component in tariff.Components)
            {
                var basis = PriceBasis.From(tariff.Profile, component.Type);
                bases[Key(tariff.Key, component.Key)] = basis;
                if (basis.Why is { } why)
                {
                    var effect = basis.Lane == PriceLane.Apart ? "it is no part of the price per kWh" : "no price per kWh is stated while it counts";
                    context.Remark(NoteLevel.Warning, ErrorClass.Unit, component.Key, $"Component {component.Href} of tariff {Show(tariff.Key)} can't be stated per kWh: {why}; {effect}.");
                }
            }
        }

        foreach (var held in context.Prices.Where(p => p.Listed))
        {
            Report(context, held, GetBasis(held));
        }
    }

    public PriceBasis GetBasis(HeldPrice held) => bases.GetValueOrDefault(Key(held.TariffKey, held.ComponentKey), None);

    /// <summary>The charge per kWh of the first block; null: not known.</summary>
    public decimal? FindCharge(HeldPrice held) => held.Content.Blocks is [var first, ..] ? GetBasis(held).PerKwh(first.Price) : null;

    private static void Report(PriceContext context, TariffView tariff)
    {
        if (Currencies.FindCode(tariff.Profile.Currency) is null)
        {
            var named = tariff.Profile.Currency is { } number ? $"is in currency {number.ToString(CultureInfo.InvariantCulture)}, which ISO 4217 does not know" : "names no currency";
            context.Remark(NoteLevel.Alarm, ErrorClass.SemanticCode, tariff.Key, $"Tariff {Show(tariff.Key)} ({tariff.Profile.Href}) {named}; nothing of it is stated.");
        }

        if (tariff.Profile.Primacy is null)
        {
            context.Remark(NoteLevel.Warning, ErrorClass.SchemaInvalid, $"{tariff.Key}/rank", $"Tariff {Show(tariff.Key)} ({tariff.Profile.Href}) has no legible primacy; it counts as the weakest.");
        }
    }

    private void Report(PriceContext context, HeldPrice held, PriceBasis basis)
    {
        var blocks = held.Content.Blocks;
        if (basis.Lane != PriceLane.Apart && (basis.Lane == PriceLane.Unknown || FindCharge(held) is null))
        {
            var why = basis.Why ?? (blocks.Count == 0 ? "its prices are missing, contradictory or begin above a consumption of 0" : "its price is too large or too fine");
            context.Remark(NoteLevel.Warning, ErrorClass.Incomplete, held.MRid, $"Interval {Show(held.MRid)} of tariff {Show(held.TariffKey)} has no known price per kWh: {why}; none is stated while it counts.");
        }
        else if (blocks.Count > 1)
        {
            context.Remark(NoteLevel.Warning, ErrorClass.UnsupportedSignal, held.MRid,
                $"Interval {Show(held.MRid)} of tariff {Show(held.TariffKey)} prices by consumption: {string.Join(", ", blocks.Take(8).Select(b => Describe(basis, b)))}{(blocks.Count > 8 ? ", …" : string.Empty)}. The first price is the one stated.");
        }
    }

    private static string Describe(PriceBasis basis, PriceBlock block) => string.Create(
        CultureInfo.InvariantCulture,
        $"{basis.PerKwh(block.Price)?.ToString(CultureInfo.InvariantCulture) ?? "a price that can't be stated"} from {basis.Kwh(block.StartValue)} kWh");

    private static (string Tariff, string Component) Key(string tariff, string component) => (tariff.ToUpperInvariant(), component.ToUpperInvariant());

    private static string Show(string text) => SafeText.Quote(text, 80);
}
