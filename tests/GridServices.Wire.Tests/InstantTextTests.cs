using NodaTime;

namespace GridServices.Wire.Tests;

public sealed class InstantTextTests
{
    [Theory]
    [InlineData("2027-01-15T18:00:00Z", "2027-01-15T18:00:00Z")]
    [InlineData("2027-01-15T18:00:00.999999999999Z", "2027-01-15T18:00:00Z")]
    [InlineData("2027-01-15T18:00:00.Z", "2027-01-15T18:00:00Z")]
    [InlineData("2028-02-29T23:59:59Z", "2028-02-29T23:59:59Z")]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z")]
    [InlineData("2199-12-31T23:59:59Z", "2199-12-31T23:59:59Z")]
    public void Utc_is_read_and_fractions_are_cut_off(string text, string written)
    {
        Assert.Equal(TimeFault.None, InstantText.TryParse(text, out var value));
        Assert.Equal(written, InstantText.Format(value));
    }

    [Theory]
    [InlineData("2027-01-15T18:00:00", TimeFault.NotUtc)]
    [InlineData("2027-01-15T18:00:00.5", TimeFault.NotUtc)]
    [InlineData("2027-01-15T18:00:00+00:00", TimeFault.NotUtc)]
    [InlineData("2027-01-15T18:00:00-08:00", TimeFault.NotUtc)]
    [InlineData("2027-02-29T00:00:00Z", TimeFault.NoSuchTime)]
    [InlineData("2027-13-01T00:00:00Z", TimeFault.NoSuchTime)]
    [InlineData("2027-00-01T00:00:00Z", TimeFault.NoSuchTime)]
    [InlineData("2027-01-15T24:00:01Z", TimeFault.NoSuchTime)]
    [InlineData("2027-01-15T24:01:00Z", TimeFault.NoSuchTime)]
    [InlineData("2027-01-15T25:00:00Z", TimeFault.NoSuchTime)]
    [InlineData("2199-12-31T24:00:00Z", TimeFault.OutOfRange)]
    [InlineData("2026-12-31T23:59:60Z", TimeFault.NoSuchTime)]
    [InlineData("0000-01-01T00:00:00Z", TimeFault.OutOfRange)]
    [InlineData("0001-01-01T00:00:00Z", TimeFault.OutOfRange)]
    [InlineData("1969-12-31T23:59:59Z", TimeFault.OutOfRange)]
    [InlineData("2200-01-01T00:00:00Z", TimeFault.OutOfRange)]
    [InlineData("9999-12-31T23:59:59Z", TimeFault.OutOfRange)]
    [InlineData("", TimeFault.Form)]
    [InlineData("yesterday, about tea", TimeFault.Form)]
    [InlineData("2027-01-15", TimeFault.Form)]
    [InlineData("2027-01-15t18:00:00z", TimeFault.Form)]
    [InlineData("2027-01-15T18:00:00ZZ", TimeFault.Form)]
    [InlineData("-2027-01-15T18:00:00Z", TimeFault.Form)]
    [InlineData("12027-01-15T18:00:00Z", TimeFault.Form)]
    [InlineData("２027-01-15T18:00:00Z", TimeFault.Form)]
    public void Every_other_text_tells_its_fault(string text, TimeFault fault) => Assert.Equal(fault, InstantText.TryParse(text, out _));

    [Fact]
    public void A_fraction_is_not_written() =>
        Assert.Equal("2027-01-15T18:00:00Z", InstantText.Format(Instant.FromUtc(2027, 1, 15, 18, 0) + Duration.FromMilliseconds(999)));
}
