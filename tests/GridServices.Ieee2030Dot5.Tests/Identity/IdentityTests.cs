using System.Text.Json;
using GridServices.Ieee2030Dot5.Identity;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Tests.Identity;

/// <summary>LFDI, SFDI and PIN.</summary>
public sealed class IdentityTests
{
    [Fact]
    public void The_published_example_holds()
    {
        using var published = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("ieee2030-5/vectors/identity.json")));
        var example = published.RootElement.GetProperty("published_example");
        var lfdi = Lfdi.Parse(example.GetProperty("lfdi").GetString()!);
        Assert.Equal(example.GetProperty("sfdi").GetString(), lfdi.Sfdi.Text);
        Assert.Equal(example.GetProperty("pin").GetString(), Pin.FromDigits(11111).Text);
    }

    [Fact]
    public void Every_computed_vector_holds()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("ieee2030-5/vectors/sfdi-computed.json")));
        foreach (var v in vectors.RootElement.EnumerateArray())
        {
            Assert.Equal(v.GetProperty("sfdi").GetString(), Lfdi.Parse(v.GetProperty("lfdi").GetString()!).Sfdi.Text);
        }
    }

    [Fact]
    public void An_lfdi_is_the_start_of_the_hash_of_the_certificate()
    {
        Assert.Equal("BA7816BF8F01CFEA414140DE5DAE2223B00361A3", Lfdi.FromCertificate("abc"u8).Text);
        Assert.True(Lfdi.FromCertificate("abc"u8).Is("ba7816bf8f01cfea414140de5dae2223b00361a3"));
        Assert.False(Lfdi.FromCertificate("abc"u8).Is(null));
    }

    [Theory]
    [InlineData("3E4F-45AB-31ED-FE5B-67E3-43E5-E456-2E31-984E-23E5", true)]
    [InlineData("3e:4f:45:ab:31:ed:fe:5b:67:e3:43:e5:e4:56:2e:31:98:4e:23:e5", true)]
    [InlineData("3E4F45AB31EDFE5B67E343E5E4562E31984E23E", false)]
    [InlineData("XE4F45AB31EDFE5B67E343E5E4562E31984E23E5", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_lfdi_is_40_hex_digits(string? text, bool taken) => Assert.Equal(taken, Lfdi.TryParse(text, out _));

    [Theory]
    [InlineData("167261211391", true)]
    [InlineData("167-261-211-391", true)]
    [InlineData("000000000019", true)]
    [InlineData("19", true)]
    [InlineData("167261211397", false)] // the check digit of Luhn, which it is not
    [InlineData("167261211390", false)]
    [InlineData("687194767360", false)] // 37 bits
    [InlineData("-19", false)]
    [InlineData("1672612113910", false)]
    public void The_digits_of_an_sfdi_add_up_to_tens(string text, bool taken) => Assert.Equal(taken, Sfdi.TryParse(text, out _));

    [Theory]
    [InlineData("111115", true)]
    [InlineData("123455", true)]
    [InlineData("0", true)]
    [InlineData("111111", false)]
    [InlineData("1111150", false)]
    public void The_digits_of_a_pin_add_up_to_tens(string text, bool taken) => Assert.Equal(taken, Pin.TryParse(text, out _));

    [Fact]
    public void A_label_is_grouped() => Assert.Equal("167-261-211-391", Sfdi.Parse("167261211391").Label);
}
