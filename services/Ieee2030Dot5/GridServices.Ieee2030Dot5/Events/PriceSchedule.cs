using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>
/// The price engine of one EndDevice: what its tariffs say goes in; what each states per kWh from now on, and what must be answered, come out.
/// No I/O, no clock, no dice.
/// </summary>
/// <remarks>
/// <code>
///   take in      new, changed, cancelled, refused; what merely isn't listed any more goes on
///   settle       randomisation drawn once; successive intervals touch
///   supersede    per component: later creation; per direction of flow: lower primacy of the tariff
///   tell         received, cancelled, superseded: each once
///   add up       the components of a tariff and direction; where one is not known, the sum is not
///
///   network     ├────── 0.10 ──────┤├────── 0.20 ──────┤
///   retailer    ├──────────────── 0.05 ────────────────┤
///   import      ├────── 0.15 ──────┤├────── 0.25 ──────┤
/// </code>
/// </remarks>
public static class PriceSchedule
{
    /// <param name="config">Edition and answers of the device.</param>
    /// <param name="state">As the last step left it.</param>
    /// <param name="tariffs">Every tariff assigned to the device, as last read with success: one that isn't here is taken as removed.</param>
    /// <param name="now">The server's time.</param>
    /// <param name="seed">The only source of chance; drawn anew by the caller.</param>
    public static PriceStep Apply(DerScheduleConfig config, PriceState state, IReadOnlyList<TariffView> tariffs, Instant now, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        var look = new PriceContext(config, state, now, seed);

        // Behaviour rule 10: a tariff reached twice is applied once.
        var once = tariffs.OrderBy(t => t.Primacy).ThenBy(t => t.Key, StringComparer.OrdinalIgnoreCase).DistinctBy(t => t.Key, StringComparer.OrdinalIgnoreCase).ToList();
        PriceIntake.Process(look, once);
        look.Prices = PriceTimes.Compute(look.Prices);
        var bases = new PriceBases(look, once);
        var own = PriceSupersession.Compute(look.Prices, p => bases.GetBasis(p).Lane, config.Edition);
        PriceResponses.Advance(look, own);
        var stated = once.Select(t => Stated(look, t, bases, own)).OfType<TariffPrices>().ToList();
        return new PriceStep(look.State(), look.Responses, NextChange(look, own), stated, look.Notes);
    }

    private static TariffPrices? Stated(PriceContext context, TariffView tariff, PriceBases bases, Dictionary<string, IReadOnlyList<Span>> own) =>
        Currencies.FindCode(tariff.Profile.Currency) is { } currency && !context.Holes.ContainsKey(tariff.Key)
            ? new TariffPrices(tariff.Key, currency, PriceSums.Compute(context.Prices.Where(p => string.Equals(p.TariffKey, tariff.Key, StringComparison.OrdinalIgnoreCase)), bases, own))
            : null;

    // A price that begins or ends is stated ahead: only what is owed then needs a look.
    private static Instant? NextChange(PriceContext context, Dictionary<string, IReadOnlyList<Span>> own)
    {
        Instant? next = null;
        foreach (var held in context.Prices)
        {
            foreach (var at in new[] { held.Over(), PriceResponses.SupersededAt(held, own.GetValueOrDefault(held.MRid, [])) ?? held.Over() })
            {
                next = at > context.Now && !(next <= at) ? at : next;
            }
        }

        return next;
    }
}
