using System.Text;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

public sealed class BillArchiveTests
{
    [Fact]
    public void A_bill_from_the_archive_is_the_bill_that_went_in_to_the_last_digit()
    {
        var tariff = Sample.Empty() with
        {
            Schedules = [Sample.OnOff(16, 21)],
            Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", 0.123456789m), Sample.Rate("off", 1m / 7)] }],
            Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 12)], Ratchet = new Ratchet { Percent = 80 } }],
            Adjustments = [new Adjustment { Id = "vat", Percent = 19 }],
        };
        var bill = Sample.Bill(tariff, Sample.Constant("Etc/UTC", new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 15), 15, 3.3m), [.. BillingCycle.Year(2026).Take(2)]);
        var back = BillArchive.Unpack(BillArchive.Pack(bill));
        Assert.Equal(Encoding.UTF8.GetString(BillJson.Write(bill)), Encoding.UTF8.GetString(BillJson.Write(back)));
        Assert.Equal((bill.Total, BillCsv.Write(bill), BillHtml.Write(bill)), (back.Replay(), BillCsv.Write(back), BillHtml.Write(back)));
        Assert.True(back.Provisional);
    }

    [Fact]
    public void A_cycle_without_a_line_comes_back_from_the_archive()
    {
        var tariff = Sample.Empty() with { Energy = [new EnergyCharge { Id = "e", Rates = [Sample.Rate("all", 0.3m)] }] };
        var bill = Sample.Bill(tariff, Sample.Constant("Etc/UTC", new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1), 15, 0), [.. BillingCycle.Year(2026).Take(1)]);
        Assert.Empty(Assert.Single(BillArchive.Unpack(BillArchive.Pack(bill)).Months).LineItems);
    }
}
