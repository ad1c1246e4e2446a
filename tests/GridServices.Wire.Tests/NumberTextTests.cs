using FsCheck;
using FsCheck.Fluent;

namespace GridServices.Wire.Tests;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0.0", 0)]
    [InlineData("0e5", 0)]
    [InlineData("+1.5", 1.5)]
    [InlineData("-1e3", -1000)]
    [InlineData("1.E2", 100)]
    [InlineData(".5", 0.5)]
    [InlineData("3.4028234663852886E+38", float.MaxValue)]
    public void Numbers_are_read(string text, double value)
    {
        Assert.True(NumberText.TryParseFloat(text, out var read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("INF")]
    [InlineData("-INF")]
    [InlineData("Infinity")]
    [InlineData("1e309")]
    [InlineData("3.5e38")]
    [InlineData("1e-400")]
    [InlineData("1e-40")]
    [InlineData("1,5")]
    [InlineData("0x10")]
    [InlineData("1 2")]
    [InlineData("e5")]
    [InlineData("1e")]
    [InlineData("１")]
    public void What_is_no_finite_number_is_refused(string text) => Assert.False(NumberText.TryParseFloat(text, out _));

    [Fact]
    public void A_number_of_thousands_of_digits_is_refused_at_once() => Assert.False(NumberText.TryParseFloat(new string('9', 100_000), out _));

    [Fact]
    public void What_is_written_reads_back_equal() =>
        Prop.ForAll(ArbMap.Default.ArbFor<float>().Filter(f => float.IsNormal(f) || f == 0), f =>
            NumberText.TryParseFloat(NumberText.Format(f), out var back) && back.Equals(f)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    public void What_has_no_text_is_not_written(double value) => Assert.Throws<ArgumentOutOfRangeException>(() => NumberText.Format(value));

    [Theory]
    [InlineData("4294967295", true)]
    [InlineData("0", true)]
    [InlineData("4294967296", false)]
    [InlineData("-1", false)]
    [InlineData("1.0", false)]
    [InlineData("", false)]
    public void Unsigned_numbers_fit_32_bits(string text, bool fits) => Assert.Equal(fits, NumberText.TryParseUnsigned(text, out _));
}
