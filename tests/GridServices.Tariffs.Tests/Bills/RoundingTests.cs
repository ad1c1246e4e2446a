using GridServices.Contracts.Json;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

public sealed class RoundingTests
{
    [Theory]
    [InlineData(RoundingMode.HalfUp, "0.125", "0.13")]
    [InlineData(RoundingMode.HalfUp, "-0.125", "-0.13")]
    [InlineData(RoundingMode.HalfEven, "0.125", "0.12")]
    [InlineData(RoundingMode.HalfEven, "0.135", "0.14")]
    [InlineData(RoundingMode.Up, "0.121", "0.13")]
    [InlineData(RoundingMode.Up, "-0.121", "-0.13")]
    [InlineData(RoundingMode.Down, "-0.129", "-0.12")]
    public void A_mode_says_how_a_digit_is_lost(RoundingMode mode, string amount, string rounded) =>
        Assert.Equal(decimal.Parse(rounded), new Rounding { Mode = mode }.Round(decimal.Parse(amount), "EUR"));

    [Theory]
    [InlineData("JPY", "12.5", "13")]
    [InlineData("EUR", "12.345", "12.35")]
    [InlineData("KWD", "12.3455", "12.346")]
    public void A_currency_is_paid_in_its_own_digits(string currency, string amount, string rounded) =>
        Assert.Equal(decimal.Parse(rounded), Rounding.Invoice.Payable(decimal.Parse(amount), currency));

    [Fact]
    public void The_smallest_coin_rounds_the_payable_only() => Assert.Equal(1.05m, new Rounding { CashStep = 0.05m }.Payable(1.03m, "CHF"));

    [Fact]
    public void Money_of_two_currencies_never_meets() =>
        Assert.Throws<InvalidOperationException>(() => new Money(1, "EUR") + new Money(1, "USD"));

    [Fact]
    public void Lines_rounded_one_by_one_sum_to_the_bill_and_replay()
    {
        var month = new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
        var tariff = Sample.Empty() with
        {
            Schedules = [Sample.OnOff(6, 22)],
            Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", 0.12345m), Sample.Rate("off", 0.06789m)] }],
            Rounding = new Rounding { Level = RoundingLevel.Line, KwhDigits = 0 },
        };
        var bill = Sample.Bill(tariff, Sample.Constant("Etc/UTC", month.From, month.Until, 15, 1.0101m), month);
        Assert.All(bill.Months[0].LineItems, l => Assert.Equal((decimal.Truncate(l.Quantity), Math.Round(l.Amount, 2)), (l.Quantity, l.Amount)));
        Assert.Equal(bill.Total, bill.Replay());
        Assert.Equal(bill.Total, bill.Payable);
    }

    [Theory]
    [InlineData("1e400", false)]
    [InlineData("0.1234567890123456789012345678901", false)]
    [InlineData("12.50", true)]
    [InlineData("1.5e-3", true)]
    [InlineData("1e-29", false)]
    [InlineData("1,5", false)]
    [InlineData("NaN", false)]
    [InlineData("", false)]
    [InlineData("-", false)]
    [InlineData("1.", false)]
    public void A_number_is_read_exactly_or_not_at_all(string text, bool read) => Assert.Equal(read, ExactDecimal.TryParse(text, out _));
}
