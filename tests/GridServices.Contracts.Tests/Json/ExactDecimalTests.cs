using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts.Json;

namespace GridServices.Contracts.Tests.Json;

public sealed class ExactDecimalTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("0e999999999999", "0")]
    [InlineData("12.50", "12.5")]
    [InlineData("1.5e-3", "0.0015")]
    [InlineData("1E+3", "1000")]
    [InlineData("1e27", "1000000000000000000000000000")]
    [InlineData("1e-28", "0.0000000000000000000000000001")]
    [InlineData("1234567890123456789012345678", "1234567890123456789012345678")]
    [InlineData("0.1234567890123456789012345678", "0.1234567890123456789012345678")]
    [InlineData("1.00000000000000000000000000000000000000000000000000000000000000000000000000", "1")]
    public void What_fits_is_read_with_every_digit(string text, string plain)
    {
        Assert.True(ExactDecimal.TryParse(text, out var value));
        Assert.Equal(plain, ExactDecimal.Text(value));
        Assert.True(ExactDecimal.TryParse(Encoding.ASCII.GetBytes(text), out var same));
        Assert.Equal(value, same);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1.")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e1.5")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1,5")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("٣")]
    [InlineData("1e28")]
    [InlineData("1e-29")]
    [InlineData("1e400")]
    [InlineData("1e99999999999999999999")]
    [InlineData("12345678901234567890123456789")]
    [InlineData("0.12345678901234567890123456789")]
    public void What_does_not_fit_is_refused_and_never_rounded(string text)
    {
        Assert.False(ExactDecimal.TryParse(text, out var value));
        Assert.Equal(0, value);
        Assert.False(ExactDecimal.TryParse(Encoding.UTF8.GetBytes(text), out value));
        Assert.Equal(0, value);
    }

    [Theory]
    [InlineData("1e28", true)]
    [InlineData("1e400", true)]
    [InlineData("-12.5", true)]
    [InlineData("=1", false)]
    [InlineData("-", false)]
    public void Whether_it_is_a_number_is_another_question_than_its_size(string text, bool isNumber) => Assert.Equal(isNumber, ExactDecimal.IsNumber(text));

    [Theory]
    [InlineData("1e308", false)]
    [InlineData("1e309", true)]
    [InlineData("-1e400", true)]
    [InlineData("1e-400", false)]
    public void A_number_that_becomes_infinity_elsewhere_is_known(string text, bool isBeyond) => Assert.Equal(isBeyond, ExactDecimal.IsBeyondDouble(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("1.500", 1)]
    [InlineData("-20.00", 0)]
    [InlineData("0.0000", 0)]
    [InlineData("79228162514264337593543950335", 0)]
    [InlineData("0.0000000000000000000000000001", 28)]
    public void The_scale_is_that_of_the_digits_needed(string text, int scale) => Assert.Equal(scale, ExactDecimal.GetScale(decimal.Parse(text, CultureInfo.InvariantCulture)));

    [Fact]
    public void Every_decimal_of_28_digits_reads_back_equal_from_its_text_and_with_an_exponent() =>
        Prop.ForAll(Arb.From(Gen.Choose(int.MinValue, int.MaxValue).Two().Zip(Gen.Choose(0, 18))), number =>
        {
            var ((high, low), scale) = number;
            var units = (high * (1L << 32)) + low;
            var value = ExactDecimal.FromUnits(units, scale);
            return ExactDecimal.TryParse(ExactDecimal.Text(value), out var back) && back == value
                && ExactDecimal.TryParse($"{units}e-{scale}", out var scientific) && scientific == value;
        }).QuickCheckThrowOnFailure();
}
