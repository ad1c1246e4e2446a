using System.Collections.Immutable;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>One tariff's place among several for the same load.</summary>
/// <param name="Tariff">The tariff.</param>
/// <param name="Bill">What it would cost; null when it cannot be calculated.</param>
/// <param name="AboveCheapest">How much more than the cheapest one in the same currency.</param>
/// <param name="Reason">Which kind of line makes most of the difference, or why there is no bill.</param>
public sealed record ComparedTariff(CompiledTariff Tariff, Bill? Bill, decimal AboveCheapest, string Reason);

/// <summary>What-if: one load under many tariffs; or two loads under one (with and without an event or a battery).</summary>
public static class TariffComparison
{
    /// <summary>
    /// Cheapest first; tariffs that cannot be calculated, or whose zone divides the load into other days than the first tariff's, last, with their
    /// reason. Currencies are not mixed: each ranks for itself.
    /// </summary>
    public static ImmutableArray<ComparedTariff> Rank(IEnumerable<CompiledTariff> tariffs, MeterData data, IReadOnlyList<BillingCycle> cycles, Account? account = null,
        BillOptions? options = null, IReadOnlyList<CalledEvent>? events = null)
    {
        var all = tariffs.ToArray();
        var calculated = all.Select(t => OtherHours(all[0], t, cycles) is { } why ? new ComparedTariff(t, Bill: null, 0, why) : Try(t, data, cycles, account, options, events)).ToArray();
        return [.. calculated
            .Where(r => r.Bill is not null)
            .GroupBy(r => r.Bill!.Currency, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .SelectMany(Ranked)
            .Concat(calculated.Where(r => r.Bill is null))];
    }

    /// <summary>What a change of load is worth under one tariff, by kind of line: positive = it saves.</summary>
    public static ImmutableSortedDictionary<LineKind, decimal> Worth(Bill before, Bill after) =>
        Enum.GetValues<LineKind>().ToImmutableSortedDictionary(kind => kind, kind => before.Subtotal(kind) - after.Subtotal(kind));

    /// <summary>Why the bills would not be over the same hours; null where they are.</summary>
    private static string? OtherHours(CompiledTariff first, CompiledTariff tariff, IReadOnlyList<BillingCycle> cycles)
    {
        bool StartsTogether(LocalDate day) => first.Zone.AtStartOfDay(day).ToInstant() == tariff.Zone.AtStartOfDay(day).ToInstant();
        return cycles.All(c => StartsTogether(c.From) && StartsTogether(c.Until))
            ? null
            : $"its days are those of {tariff.Zone.Id}, the first tariff's those of {first.Zone.Id}: the two bills would be over different hours of the load; give the tariff the load's time zone, or compare it alone";
    }

    private static ComparedTariff Try(CompiledTariff tariff, MeterData data, IReadOnlyList<BillingCycle> cycles, Account? account, BillOptions? options, IReadOnlyList<CalledEvent>? events)
    {
        try
        {
            return new ComparedTariff(tariff, BillCalculator.Calculate(BillPlan.Create([tariff], cycles, data.Net, events), data, account, options), 0, string.Empty);
        }
        catch (BillRefusedException e)
        {
            return new ComparedTariff(tariff, Bill: null, 0, e.Message);
        }
    }

    private static IEnumerable<ComparedTariff> Ranked(IEnumerable<ComparedTariff> same)
    {
        var sorted = same.OrderBy(r => r.Bill!.Total).ThenBy(r => r.Tariff.Source.Id, StringComparer.Ordinal).ToArray();
        var best = sorted[0].Bill!;
        foreach (var tariff in sorted)
        {
            var above = tariff.Bill!.Total - best.Total;
            var driver = Enum.GetValues<LineKind>().MaxBy(kind => tariff.Bill.Subtotal(kind) - best.Subtotal(kind));
            yield return tariff with
            {
                AboveCheapest = above,
                Reason = above == 0 ? "cheapest" : $"{above:0.00} {best.Currency} above the cheapest, mostly by {driver} ({tariff.Bill.Subtotal(driver) - best.Subtotal(driver):0.00})",
            };
        }
    }
}
