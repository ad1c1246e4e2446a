using System.Collections.Immutable;
using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Invoices;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Service.Runs;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary>Gathers what an invoice is made of: the bill of a run, the parties, the load that was billed.</summary>
internal sealed class BasisReader(TariffStore tariffs)
{
    /// <exception cref="ProblemException">UNKNOWN_ID: something it names is not there.</exception>
    public async Task<(InvoiceBasis Basis, StoredMeter Meter)> ReadAsync(DbTransaction tx, string tenant, InvoiceRequest request)
    {
        var meter = await MeterStore.FindAsync(tx, tenant, request.MeterId)
            ?? throw new ProblemException(ErrorClass.UnknownId, $"There is no meter '{request.MeterId}'; PUT /v1/meters/{{meterId}} first.", "/meterId");
        var packed = await RunStore.BillAsync(tx.Connection!, tenant, request.RunId, request.MeterId)
            ?? throw new ProblemException(ErrorClass.UnknownId, $"Run '{request.RunId}' has no bill of meter '{request.MeterId}' (yet); GET /v1/billing-runs/{{runId}}/bills tells why.", "/runId");
        var (bill, seller) = (BillArchive.Unpack(packed), await PartyAsync(tx, tenant, request.SellerId, "/sellerId"));
        var versions = (await tariffs.CompiledAsync(tx, tenant, bill.TariffId)).Where(v => bill.TariffHashes.Contains(v.Hash)).ToImmutableArray();
        var basis = new InvoiceBasis
        {
            Bill = bill,
            Seller = seller,
            Buyer = await PartyAsync(tx, tenant, request.BuyerId, "/buyerId"),
            Vat = request.Vat ?? seller.Vat ?? throw new ProblemException(ErrorClass.SchemaInvalid,
                "Say how the lines are taxed, here or with the seller, e.g. {\"rules\":[{\"category\":\"S\",\"rate\":19}],\"inBill\":[\"vat\"]}.", "/vat"),
            MeterId = request.MeterId,
            BuyerReference = request.BuyerReference,
            Load = versions.IsEmpty || bill.Months.IsEmpty ? null : await LoadAsync(tx, meter, versions[0], bill),
            WindowMinutes = Windows(versions),
        };
        return (basis, meter);
    }

    private static async Task<InvoiceParty> PartyAsync(DbTransaction tx, string tenant, string partyId, string at) =>
        await PartyStore.PartyAsync(tx.Connection!, tx, tenant, partyId) is { } held
            ? InvoiceJson.Read<InvoiceParty>(held.Content)
            : throw new ProblemException(ErrorClass.UnknownId, $"There is no party '{partyId}'; PUT /v1/parties/{{partyId}} first.", at);

    /// <summary>The intervals, if they are still those that were billed.</summary>
    private async Task<IntervalSeries?> LoadAsync(DbTransaction tx, StoredMeter meter, CompiledTariff version, Bill bill)
    {
        var grid = MeterGrid.Create(version.Zone, meter.Plan.Interval);
        var (from, until) = (version.Zone.AtStartOfDay(bill.Months[0].From).ToInstant(), version.Zone.AtStartOfDay(bill.Months[^1].Until).ToInstant());
        MeterData? data;
        try
        {
            data = await SummedMeters.DataAsync(tx, tariffs, meter, grid, from, until);
        }
        catch (BillRefusedException)
        {
            // A meter of the sum is gone or was changed since: then they are not those that were billed.
            return null;
        }

        return data is not null && string.Join('+', new[] { data.Net, data.Export, data.Generation, data.Reactive }.OfType<IntervalSeries>().Select(s => s.Hash)) == bill.DataHash ? data.Net : null;
    }

    private static ImmutableDictionary<string, int> Windows(ImmutableArray<CompiledTariff> versions) => versions
        .SelectMany(v => v.Source.Demand.Select(d => (d.Id, d.Window)).Concat(v.Source.ContractedPower.Select(c => (c.Id, c.Window))))
        .Where(w => w.Window is not null)
        .DistinctBy(w => w.Id)
        .ToImmutableDictionary(w => w.Id, w => w.Window!.Minutes, StringComparer.Ordinal);
}
