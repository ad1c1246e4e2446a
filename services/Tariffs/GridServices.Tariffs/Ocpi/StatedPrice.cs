using GridServices.Contracts.Json;

namespace GridServices.Tariffs.Ocpi;

/// <summary>An amount as a CDR states it.</summary>
/// <param name="BeforeTaxes">2.1.1: the number; 2.2.1: <c>excl_vat</c>; 2.3.0: <c>before_taxes</c>.</param>
/// <param name="AfterTaxes">2.2.1: <c>incl_vat</c>; 2.3.0: <c>before_taxes</c> with the amounts of <c>taxes</c>; absent where none is stated.</param>
public sealed record StatedPrice(decimal BeforeTaxes, decimal? AfterTaxes)
{
    internal static StatedPrice? Read(JsonMember? price)
    {
        if (price is null)
        {
            return null;
        }

        if (!price.IsObject)
        {
            return new StatedPrice(price.Number(), null);
        }

        if (price.Member("before_taxes") is { } before)
        {
            var taxes = price.Member("taxes")?.Items();
            return new StatedPrice(before.Number(), taxes is { IsEmpty: false } named ? before.Number() + named.Sum(t => t.Required("amount", "the amount of this tax").Number()) : null);
        }

        return new StatedPrice(price.Required("excl_vat", "the amount before taxes; before_taxes in OCPI 2.3.0").Number(), price.Member("incl_vat")?.Number());
    }
}
