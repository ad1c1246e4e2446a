using GridServices.Operations.Access;
using GridServices.Operations.Compliance;
using GridServices.Operations.Money;
using GridServices.Operations.Service.Storage;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Money;

/// <summary>What of a month can be booked: bills in which everything was measured, and final settlements. What is provisional is not in it.</summary>
internal sealed class Ledger(BillAccess access, SiteStore sites, BillReader bills, SettlementStore settlements)
{
    internal async Task<IReadOnlyList<LedgerLine>> ReadAsync(Actor actor, YearMonth month, CancellationToken ct)
    {
        var meters = await access.ListAsync(actor, UserPermission.SeeBills, ct);
        var period = YearMonthPattern.Iso.Format(month);
        var customers = await sites.CustomerNamesAsync(actor.Tenant, ct);
        var made = await bills.MadeAsync(actor.Tenant, meters.Select(BillReader.FindKey).OfType<string>().ToHashSet(StringComparer.Ordinal), month, ct);
        var lines = new List<LedgerLine>();
        foreach (var meter in meters.Where(m => BillReader.FindKey(m) is not null))
        {
            lines.AddRange(BilledLines.Create(made[BillReader.FindKey(meter)!], customers.GetValueOrDefault(meter.SiteId) ?? meter.SiteId, meter.AccountNo ?? meter.Identifier, period));
        }

        var shown = await access.ShownAsync(actor, UserPermission.SeeBills, ct);
        var settled = await settlements.ListByMonthAsync(actor.Tenant, shown, month, ct);
        var accounts = meters.ToDictionary(m => m.Id, m => m.AccountNo ?? m.Identifier, StringComparer.Ordinal);
        foreach (var group in settled.Where(s => s.Status == ReportStatus.Final).GroupBy(s => (s.EventId, s.SiteId)))
        {
            var booked = 0m;
            foreach (var s in group.OrderBy(s => s.Number))
            {
                // Our lines are what the customer owes; a settlement is what the customer gets. Preliminary ones were never booked.
                lines.Add(new LedgerLine(customers.GetValueOrDefault(s.SiteId) ?? s.SiteId, accounts.GetValueOrDefault(s.MeterPointId) ?? s.SiteId, -Round(s.Total, s.Currency) + booked, s.Currency, period, s.Id, $"settlement {s.ProgramCode}"));
                booked = Round(s.Total, s.Currency);
            }
        }

        return lines;
    }

    private static decimal Round(decimal amount, string currency) => decimal.Round(amount, LedgerLines.GetDigits(currency), MidpointRounding.AwayFromZero);
}
