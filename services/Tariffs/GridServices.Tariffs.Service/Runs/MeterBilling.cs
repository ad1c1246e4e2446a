using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using GridServices.Contracts.Json;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Prices;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Service.Runs;

/// <summary>The bill of one meter from what is stored of it. Plans are shared by all meters of one tariff, calendar and grid.</summary>
internal sealed class MeterBilling(Store store, TariffStore tariffs)
{
    private const int MostPlans = 64;
    private readonly ConcurrentDictionary<string, BillPlan> plans = new(StringComparer.Ordinal);

    /// <summary>The job's result; what cannot be billed is a result too, with its reason.</summary>
    public async Task<JobResult> CalculateAsync(JobRow job, CancellationToken ct)
    {
        var request = BillingRunRequest.Stored(job.Request);
        try
        {
            var (inputs, earlier) = await store.SnapshotAsync(tx => InputsAsync(tx, job, request), ct);
            var bill = BillCalculator.Calculate(Plan(inputs), inputs.Data, inputs.Account, inputs.Options);
            return new JobResult(job, RunStore.Done)
            {
                Currency = bill.Currency,
                Total = ExactDecimal.Text(bill.Total),
                Payable = ExactDecimal.Text(bill.Payable),
                Delta = earlier is null ? null : ExactDecimal.Text(earlier.DeltaTo(bill)),
                Provisional = bill.Provisional ? 1 : 0,
                DataHash = bill.DataHash,
                Bill = BillArchive.Pack(bill),
            };
        }
        catch (Exception e) when (e is BillRefusedException or OverflowException or InvalidDataException)
        {
            return new JobResult(job, RunStore.Failed) { Problem = e is OverflowException ? "the numbers are too large to be calculated exactly; check units and magnitudes" : e.Message };
        }
    }

    private static async Task<Bill?> EarlierAsync(DbTransaction tx, JobRow job, string? runId) =>
        runId is not null && await RunStore.BillAsync(tx.Connection!, job.Tenant, runId, job.MeterId) is { } packed ? BillArchive.Unpack(packed) : null;

    /// <summary>The account with what the meter's bills in other runs left.</summary>
    private static async Task<Account> CarriedAsync(DbTransaction tx, JobRow job, Account account, Tariff tariff, BillingCycle first)
    {
        var bills = (await RunStore.ListEarlierBillsAsync(tx, job)).Select(BillArchive.Unpack).ToLookup(b => b.TariffId == tariff.Id && b.Currency == tariff.Currency);
        return CarriedAccount.Compute(account, [.. bills[true]], first, [.. bills[false]]);
    }

    private async Task<(Inputs Inputs, Bill? Earlier)> InputsAsync(DbTransaction tx, JobRow job, BillingRunRequest request)
    {
        var meter = await MeterStore.FindAsync(tx, job.Tenant, job.MeterId) ?? throw new BillRefusedException("the meter is no longer registered");
        var tariffId = request.TariffId ?? meter.Plan.TariffId;
        var versions = await tariffs.CompiledAsync(tx, job.Tenant, tariffId);
        Require(!versions.IsEmpty, $"there is no tariff '{tariffId}'; PUT /v1/tariffs/{tariffId} first");
        var cycles = request.Cycles(meter.Plan.ReadingDay);
        Require(!cycles.IsEmpty, $"no billing cycle of this meter (it is read on day {meter.Plan.ReadingDay}) starts in the time asked for");
        var (zone, grid) = (versions[0].Zone, MeterGrid.Create(versions[0].Zone, meter.Plan.Interval));
        var (from, until) = (zone.AtStartOfDay(cycles[0].From).ToInstant(), zone.AtStartOfDay(cycles[^1].Until).ToInstant());
        var data = await SummedMeters.DataAsync(tx, tariffs, meter, grid, from, until)
            ?? throw new BillRefusedException("nothing is stored for the time asked for; PUT /v1/meters/{meterId}/intervals first");
        var before = (meter.Plan.SumOf.IsEmpty ? meter.Memory.Peaks : await SummedMeters.PeaksAsync(tx, tariffs, meter, versions, grid, cycles[0])).Where(p => p.Month.OnDayOfMonth(1) < cycles[0].Month.OnDayOfMonth(1));
        var account = versions.Any(CarriedAccount.IsNeeded) ? await CarriedAsync(tx, job, meter.Plan.Account, versions[0].Source, cycles[0]) : meter.Plan.Account;
        var inputs = new Inputs(
            versions, cycles, data, meter.Memory.Into(account, before), meter.Plan.Events,
            new BillOptions { EnergyTierFill = request.EnergyTierFill, Rounding = request.Rounding, Prices = await PriceStore.CurvesAsync(tx, job.Tenant, versions, from, until) });
        return (inputs, await EarlierAsync(tx, job, request.Resettles));
    }

    private BillPlan Plan(Inputs inputs)
    {
        if (!inputs.Events.IsEmpty)
        {
            return BillPlan.Create(inputs.Versions, inputs.Cycles, inputs.Data.Net, inputs.Events);
        }

        if (plans.Count > MostPlans)
        {
            plans.Clear();
        }

        var key = string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join('+', inputs.Versions.Select(v => v.Hash))} {string.Join('+', inputs.Cycles.Select(c => c.From))} {inputs.Data.Net.Start} {inputs.Data.Net.StepSeconds} {inputs.Data.Net.Count}");
        return plans.GetOrAdd(key, static (_, i) => BillPlan.Create(i.Versions, i.Cycles, i.Data.Net), inputs);
    }

    private static void Require(bool holds, string detail)
    {
        if (!holds)
        {
            throw new BillRefusedException(detail);
        }
    }

    private sealed record Inputs(
        ImmutableArray<CompiledTariff> Versions, ImmutableArray<BillingCycle> Cycles, MeterData Data, Account Account, ImmutableArray<CalledEvent> Events, BillOptions Options);
}
