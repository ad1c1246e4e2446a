using FsCheck;
using FsCheck.Fluent;
using NodaTime;

namespace GridServices.Wire.Tests;

public sealed class PeriodTextTests
{
    [Theory]
    [InlineData("PT15M", "PT15M")]
    [InlineData("PT90M", "PT90M")]
    [InlineData("PT1800S", "PT1800S")]
    [InlineData("P1DT2H3M4S", "P1DT2H3M4S")]
    [InlineData("+PT1H", "PT1H")]
    [InlineData("-PT5M", "-PT5M")]
    [InlineData("-P1DT1H", "-P1DT1H")]
    [InlineData("PT0S", "PT0S")]
    [InlineData("P", "PT0S")]
    [InlineData("P10M", "P10M")]
    [InlineData("P1Y2M3D", "P1Y2M3D")]
    [InlineData("P1W", "P7D")]
    [InlineData("2W", "P14D")]
    [InlineData("P1H", "PT1H")]
    [InlineData("P0Y0M0DT0H15M0S", "PT15M")]
    [InlineData("PT3600.000S", "PT3600S")]
    [InlineData("P0Y0M0DT1H0M0.000S", "PT1H")]
    [InlineData("-P0Y0M0DT0H5M0.000S", "-PT5M")]
    [InlineData("P0Y0M0DT0H0M0.000S", "PT0S")]
    [InlineData("PT1.0H", "PT1H")]
    [InlineData("P1.00D", "P1D")]
    [InlineData("PT0.0S", "PT0S")]
    [InlineData("PT1.999S", "PT1S")]
    [InlineData("PT1H0.5S", "PT1H")]
    [InlineData("PT1M0.000000000001S", "PT1M")]
    public void Durations_are_read_and_their_components_kept(string text, string written)
    {
        Assert.Equal(TimeFault.None, PeriodText.TryParse(text, out var value));
        Assert.Equal(written, PeriodText.Format(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("PT")]
    [InlineData("PTS")]
    [InlineData("PT1")]
    [InlineData("T1H")]
    [InlineData("PT0.5H")]
    [InlineData("PT0.5S")]
    [InlineData("P1.5D")]
    [InlineData("PT1.S")]
    [InlineData("PT.5S")]
    [InlineData("PT1.0.0S")]
    [InlineData("PT1.0")]
    [InlineData("PT1,5H")]
    [InlineData("PT-1H")]
    [InlineData("--PT1H")]
    [InlineData("PT1H1H")]
    [InlineData("PT1S1M")]
    [InlineData("PT1HT1M")]
    [InlineData("PT1D")]
    [InlineData("P1h")]
    [InlineData("PT1m")]
    [InlineData("pt1h")]
    [InlineData("PT99999999999999999999H")]
    [InlineData("P١D")]
    [InlineData("1H")]
    [InlineData(" PT1H")]
    public void What_is_no_duration_is_refused(string text) => Assert.Equal(TimeFault.Form, PeriodText.TryParse(text, out _));

    [Theory]
    [InlineData("P9999Y")]
    [InlineData("P101Y")]
    [InlineData("P999999999999D")]
    [InlineData("-P999999999999M")]
    [InlineData("PT999999999999S")]
    [InlineData("P99YT999999H")]
    public void More_than_a_hundred_years_is_out_of_range(string text) => Assert.Equal(TimeFault.OutOfRange, PeriodText.TryParse(text, out _));

    [Fact]
    public void What_is_written_reads_back_equal() =>
        Prop.ForAll(Seconds().ToArbitrary(), seconds =>
        {
            var period = Duration.FromSeconds(seconds) is var d && seconds < 0
                ? Normal(-d, -1)
                : Normal(d, 1);
            return PeriodText.TryParse(PeriodText.Format(period), out var back) == TimeFault.None && period.Equals(back);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_it_throw() =>
        Prop.ForAll(Gen.Elements("P-+T0123456789YMWDHS.".ToCharArray()).ArrayOf().ToArbitrary(), text =>
        {
            var fault = PeriodText.TryParse(text, out var value);
            return fault != TimeFault.None || PeriodText.TryParse(PeriodText.Format(value), out _) == TimeFault.None;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Fractions_and_mixed_signs_cannot_be_written()
    {
        Assert.Throws<ArgumentException>(() => PeriodText.Format(Period.FromMilliseconds(1)));
        Assert.Throws<ArgumentException>(() => PeriodText.Format(new PeriodBuilder { Hours = 1, Minutes = -1 }.Build()));
    }

    private static Gen<int> Seconds() => Gen.Choose(-100_000_000, 100_000_000);

    private static Period Normal(Duration d, int sign) =>
        new PeriodBuilder { Days = sign * d.Days, Hours = sign * d.Hours, Minutes = sign * d.Minutes, Seconds = sign * d.Seconds }.Build();
}
