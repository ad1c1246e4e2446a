using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Registry.Identifiers;

namespace GridServices.Operations.Tests.Registry;

public sealed class DeviceIdentifierTests
{
    // IEEE 2030.5-2018 6.3: the example device.
    private const string Lfdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";
    private const string Sfdi = "167261211391";

    [Fact]
    public void The_standard_s_device_has_its_SFDI()
    {
        Assert.Equal(Sfdi, DeviceIdentifiers.ComputeSfdi(Lfdi));
        Assert.Equal(IdentifierVerdict.Valid, DeviceIdentifiers.CheckPair("3E4F-45AB-31ED-FE5B-67E3-43E5-E456-2E31-984E-23E5", "167-261-211-391").Verdict);
    }

    [Fact]
    public void An_LFDI_is_read_in_either_case_and_told_when_short()
    {
        Assert.Equal(Lfdi, DeviceIdentifiers.CheckLfdi(Lfdi.ToLowerInvariant()).Normal);
        Assert.Equal("lfdi.form", DeviceIdentifiers.CheckLfdi(Lfdi[1..]).Code);
        Assert.Equal("lfdi.form", DeviceIdentifiers.CheckLfdi("G" + Lfdi[1..]).Code);
    }

    [Theory]
    [InlineData(Sfdi, null)]
    [InlineData("167261211390", "sfdi.checkDigit")]
    [InlineData("687194767369", "sfdi.form")]
    [InlineData("", "sfdi.form")]
    [InlineData("1672612113910", "sfdi.form")]
    public void An_SFDI_has_36_bits_and_a_check_digit(string text, string? code) => Assert.Equal(code, DeviceIdentifiers.CheckSfdi(text).Code);

    [Theory]
    [InlineData("123455", null, "123455")]
    [InlineData("111115", null, "111115")]
    [InlineData("19", null, "000019")]
    [InlineData("123456", "pin.checkDigit", "123456")]
    [InlineData("1234555", "pin.form", "1234555")]
    [InlineData("12E455", "pin.form", "12E455")]
    public void A_PIN_has_six_digits_that_sum_to_tens(string text, string? code, string normal)
    {
        var check = DeviceIdentifiers.CheckPin(text);
        Assert.Equal((code, normal), (check.Code, check.Normal));
    }

    [Fact]
    public void The_SFDI_of_another_device_is_named() =>
        Assert.Contains(Sfdi, DeviceIdentifiers.CheckPair(Lfdi, "000000000019").Text, StringComparison.Ordinal);

    [Fact]
    public void Identities_come_from_the_certificate_s_hash()
    {
        // FIPS 180-2, appendix B.1: SHA-256("abc").
        var abc = "abc"u8;
        Assert.Equal("BA7816BF8F01CFEA414140DE5DAE2223B00361A3", DeviceIdentifiers.ComputeLfdi(abc));
        Assert.Equal("9C:B4:10:FF:61:F2:00:15:AD", DeviceIdentifiers.ComputeFingerprint10(abc)[3..]);
        Assert.StartsWith("7A:", DeviceIdentifiers.ComputeFingerprint10(abc), StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_SHA256_is_cut_to_OpenADR_s_ten_bytes_with_a_warning()
    {
        var whole = Convert.ToHexStringLower(SHA256.HashData("abc"u8));
        var check = DeviceIdentifiers.CheckFingerprint10(whole);
        Assert.Equal((IdentifierVerdict.Warning, DeviceIdentifiers.ComputeFingerprint10("abc"u8)), (check.Verdict, check.Normal));
        Assert.Equal(IdentifierVerdict.Valid, DeviceIdentifiers.CheckFingerprint10("06:a5:da:70:60:10:16:37:58:23").Verdict);
        Assert.Equal("06:A5:DA:70:60:10:16:37:58:23", DeviceIdentifiers.CheckFingerprint10("06A5DA70601016375823").Normal);
        Assert.Equal(IdentifierVerdict.Error, DeviceIdentifiers.CheckFingerprint10("06:A5:DA:70:60:10:16:37:58").Verdict);
    }

    [Fact]
    public void Every_calculated_SFDI_belongs_to_its_LFDI() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        var lfdi = DeviceIdentifiers.ComputeLfdi(bytes);
        var sfdi = DeviceIdentifiers.ComputeSfdi(lfdi);
        Assert.Equal(12, sfdi.Length);
        Assert.Equal(IdentifierVerdict.Valid, DeviceIdentifiers.CheckPair(lfdi, sfdi).Verdict);
    }).QuickCheckThrowOnFailure();
}
