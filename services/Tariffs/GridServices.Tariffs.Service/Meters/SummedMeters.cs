using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>Meters that are the sum of others: what they may be summed of, and what that recorded.</summary>
internal static class SummedMeters
{
    private const int MostCycles = 36;

    /// <summary>Refuses a sum of what is not registered, not the caller's, or of another interval.</summary>
    /// <exception cref="ProblemException">UNKNOWN_ID, AUTHZ_SITE or SEMANTIC_REFERENCE.</exception>
    public static async Task CheckAsync(HttpContext http, Store store, string meterId, MeterPlan plan)
    {
        for (var i = 0; i < plan.SumOf.Length; i++)
        {
            var (id, at) = (plan.SumOf[i].MeterId, string.Create(CultureInfo.InvariantCulture, $"/sumOf/{i}/meterId"));
            var part = id == meterId ? null : await store.SnapshotAsync(tx => MeterStore.FindAsync(tx, http.Caller().Tenant, id), http.RequestAborted);
            if (part is null || !http.Caller().MayAct(part.Plan.SiteId))
            {
                throw new ProblemException(ErrorClass.UnknownId, $"There is no other meter '{id}' to be summed; PUT /v1/meters/{{meterId}} first.", at);
            }

            if (FindMismatch(plan, part) is { } why)
            {
                throw new ProblemException(ErrorClass.SemanticReference, $"{why}.", at);
            }
        }
    }

    /// <summary>What a meter recorded, its own or those of the meters that it is summed of; null where nothing is stored.</summary>
    /// <exception cref="BillRefusedException">One of them is gone, has other intervals, or nothing is stored of it.</exception>
    public static async Task<MeterData?> DataAsync(DbTransaction tx, TariffStore tariffs, StoredMeter meter, MeterGrid grid, Instant from, Instant until)
    {
        if (meter.Plan.SumOf.IsEmpty)
        {
            return await IntervalStore.DataAsync(tx.Connection!, tx, meter.Tenant, meter.MeterId, grid, from, until);
        }

        var parts = ImmutableArray.CreateBuilder<(MeterData, MeterSign)>();
        foreach (var summed in meter.Plan.SumOf)
        {
            var part = await MeterStore.FindAsync(tx, meter.Tenant, summed.MeterId) ?? throw new BillRefusedException($"the meter '{summed.MeterId}' that it sums is no longer registered");
            if (FindMismatch(meter.Plan, part) is { } why)
            {
                throw new BillRefusedException(why);
            }

            var versions = await tariffs.CompiledAsync(tx, meter.Tenant, part.Plan.TariffId);
            if (!versions.IsEmpty && MeterGrid.Create(versions[0].Zone, part.Plan.Interval) != grid)
            {
                throw new BillRefusedException($"the meter '{summed.MeterId}' keeps its intervals on the clock of another time zone");
            }

            var data = await IntervalStore.DataAsync(tx.Connection!, tx, meter.Tenant, summed.MeterId, grid, from, until)
                ?? throw new BillRefusedException($"nothing is stored of the meter '{summed.MeterId}' for the time asked for; PUT /v1/meters/{summed.MeterId}/intervals first");
            parts.Add((data, summed.Takes));
        }

        return MeterTotal.Compute(parts.ToImmutable());
    }

    /// <summary>
    /// Peaks of the sum in the cycles before one, as far back as the tariff's ratchets, means and hours of use look: a sum has no memory of its own. Of a cycle in which one of the meters has
    /// nothing stored no peak is known, and the bill tells so.
    /// </summary>
    public static async Task<ImmutableArray<PriorPeak>> PeaksAsync(
        DbTransaction tx, TariffStore tariffs, StoredMeter meter, ImmutableArray<CompiledTariff> versions, MeterGrid grid, BillingCycle current)
    {
        var (memory, zone) = (MeterMemory.Empty, versions[0].Zone);
        var cycle = current;
        for (var back = versions.Max(v => Lookback(v.Source)); back > 0; back--)
        {
            cycle = BillingCycle.Containing(cycle.From.PlusDays(-1), meter.Plan.ReadingDay);
            try
            {
                if (await DataAsync(tx, tariffs, meter, grid, zone.AtStartOfDay(cycle.From).ToInstant(), zone.AtStartOfDay(cycle.Until).ToInstant()) is { } data)
                {
                    memory = LiveMeter.Recompute(meter.Plan, versions, memory, cycle, current, StoredIntervals.Samples(data.Net, reactive: data.Reactive));
                }
            }
            catch (BillRefusedException)
            {
                // Nothing is stored of one of them.
            }
        }

        return memory.Peaks;
    }

    private static int Lookback(Tariff tariff) => Math.Min(MostCycles, tariff.Demand
        .Select(d => Math.Max(d.Ratchet is not { } ratchet ? 0 : ratchet.Basis == RatchetBasis.CalendarYear ? 11 : ratchet.LookbackMonths, (d.Mean?.Months ?? 1) - 1))
        .Append(tariff.HoursOfUse.IsEmpty ? 0 : 11).Max());

    private static string? FindMismatch(MeterPlan plan, StoredMeter part) =>
        !part.Plan.SumOf.IsEmpty ? $"the meter '{part.MeterId}' is itself summed of others; name those"
        : part.Plan.Interval != plan.Interval ? $"the meter '{part.MeterId}' keeps intervals of {part.Plan.Interval}, the sum of {plan.Interval}; register both with one"
        : null;
}
