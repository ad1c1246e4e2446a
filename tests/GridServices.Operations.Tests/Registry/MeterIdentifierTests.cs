using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Registry;
using GridServices.Operations.Registry.Identifiers;

namespace GridServices.Operations.Tests.Registry;

public sealed class MeterIdentifierTests
{
    // AEMO, National Metering Identifier Procedure, the table of NMIs with their checksums.
    [Theory]
    [InlineData("20019857328")]
    [InlineData("20019857336")]
    [InlineData("30756218758")]
    [InlineData("43168540059")]
    [InlineData("43168540067")]
    [InlineData("63058884446")]
    [InlineData("NBBBX111100")]
    [InlineData("NAAAMYS5826")]
    [InlineData("QAAAVZZZZZ3")]
    [InlineData("QCDWW000102")]
    [InlineData("VCCCX000091")]
    [InlineData("VKTS7861502")]
    public void The_published_NMIs_are_valid_and_no_other_digit_is(string nmi)
    {
        Assert.Equal(IdentifierVerdict.Valid, MeterIdentifiers.Check(IdentifierScheme.Nmi, nmi).Verdict);
        Assert.Equal(IdentifierVerdict.Valid, MeterIdentifiers.Check(IdentifierScheme.Nmi, nmi[..10]).Verdict);
        foreach (var wrong in "0123456789".Where(digit => digit != nmi[10]))
        {
            var check = MeterIdentifiers.Check(IdentifierScheme.Nmi, nmi[..10] + wrong);
            Assert.Equal((IdentifierVerdict.Error, "nmi.checkDigit"), (check.Verdict, check.Code));
            Assert.Contains($"is {nmi[10]}, not {wrong}", check.Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("SA Power Networks", "20019857328", "nmi.tenWanted", "2001985732")]
    [InlineData("AusNet", "2001985732", "nmi.elevenWanted", "20019857328")]
    public void A_network_that_wants_the_other_form_is_warned_of_with_the_form(string network, string nmi, string code, string wanted)
    {
        var check = MeterIdentifiers.Check(IdentifierScheme.Nmi, nmi, network);
        Assert.Equal((IdentifierVerdict.Warning, code), (check.Verdict, check.Code));
        Assert.EndsWith(wanted, check.Text, StringComparison.Ordinal);
        Assert.Equal(IdentifierVerdict.Valid, MeterIdentifiers.Check(IdentifierScheme.Nmi, wanted, network).Verdict);
    }

    [Theory]
    [InlineData("200198573", "nmi.length")]
    [InlineData("200198573I", "nmi.alphabet")]
    [InlineData("2001985O32", "nmi.alphabet")]
    [InlineData("20019857é2", "nmi.alphabet")]
    [InlineData("  ", "identifier.missing")]
    public void What_no_NMI_can_be_is_an_error(string text, string code) =>
        Assert.Equal((IdentifierVerdict.Error, code), Outcome(MeterIdentifiers.Check(IdentifierScheme.Nmi, text)));

    // The examples of the mpan library for Python (pypi.org/project/mpan).
    [Theory]
    [InlineData("2012345678385")]
    [InlineData("1312345678907")]
    [InlineData("20 1234 5678 385")]
    [InlineData("01 801 100 20 1234 5678 385")]
    [InlineData("018011002012345678385")]
    public void Published_MPANs_are_valid_with_and_without_their_top_line(string mpan)
    {
        var check = MeterIdentifiers.Check(IdentifierScheme.Mpan, mpan);
        Assert.Equal(IdentifierVerdict.Valid, check.Verdict);
        Assert.Equal(13, check.Normal.Length);
    }

    [Theory]
    [InlineData("2012345678384", "mpan.checkDigit")]
    [InlineData("201234567838", "mpan.length")]
    [InlineData("20123456783X5", "mpan.length")]
    public void What_no_MPAN_can_be_is_an_error(string text, string code) =>
        Assert.Equal((IdentifierVerdict.Error, code), Outcome(MeterIdentifiers.Check(IdentifierScheme.Mpan, text)));

    // Connections in exports of Fluvius (Belgium), of the Netherlands and of Denmark.
    [Theory]
    [InlineData("541448820052632233")]
    [InlineData("541448789814175404")]
    [InlineData("871687940008186827")]
    [InlineData("571313180400013469")]
    public void EANs_of_real_connections_are_valid(string ean) =>
        Assert.Equal(IdentifierVerdict.Valid, MeterIdentifiers.Check(IdentifierScheme.Ean, ean).Verdict);

    [Theory]
    [InlineData("541448820052632234", "ean.checkDigit")]
    [InlineData("8716871000002", "ean.length")]
    public void What_no_EAN_of_a_connection_can_be_is_an_error(string text, string code) =>
        Assert.Equal((IdentifierVerdict.Error, code), Outcome(MeterIdentifiers.Check(IdentifierScheme.Ean, text)));

    [Theory]
    [InlineData("10443720004425378", IdentifierVerdict.Valid)]
    [InlineData("1008901000123456789012", IdentifierVerdict.Valid)]
    [InlineData("20443720004425378", IdentifierVerdict.Warning)]
    [InlineData("1044372000442", IdentifierVerdict.Error)]
    public void ESI_IDs_have_their_length_and_usually_start_with_10(string text, IdentifierVerdict verdict) =>
        Assert.Equal(verdict, MeterIdentifiers.Check(IdentifierScheme.EsiId, text).Verdict);

    [Theory]
    [InlineData(IdentifierScheme.PgeSaId, "1234567890", "123456789")]
    [InlineData(IdentifierScheme.SceSa, "3-001-2345-67", "3001234")]
    [InlineData(IdentifierScheme.SdgeSa, "9876543210", "98765A3210")]
    [InlineData(IdentifierScheme.ConEdAccount, "411111111100005", "4111")]
    [InlineData(IdentifierScheme.HqContract, "300123456", "30012345")]
    public void Habits_of_utilities_only_warn(IdentifierScheme scheme, string usual, string odd)
    {
        Assert.Equal(IdentifierVerdict.Valid, MeterIdentifiers.Check(scheme, usual).Verdict);
        var check = MeterIdentifiers.Check(scheme, odd);
        Assert.Equal(IdentifierVerdict.Warning, check.Verdict);
        Assert.True(check.MayBeUsed);
        Assert.Contains("compare with the bill", check.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1234567890-1", IdentifierVerdict.Valid)]
    [InlineData("123456789", IdentifierVerdict.Warning)]
    public void An_account_of_PGE_has_eleven_digits(string text, IdentifierVerdict verdict) =>
        Assert.Equal(verdict, MeterIdentifiers.CheckAccount(IdentifierScheme.PgeSaId, text).Verdict);

    [Fact]
    public void A_number_of_another_scheme_is_kept_as_typed_and_may_have_dashes()
    {
        Assert.Equal("AB-12/x 9", MeterIdentifiers.Check(IdentifierScheme.Other, " AB-12/x 9 ").Normal);
        Assert.Equal(IdentifierVerdict.Error, MeterIdentifiers.Check(IdentifierScheme.Other, "AB\u202E12").Verdict);
    }

    [Fact]
    public void One_wrong_digit_of_an_EAN_is_always_found() => Prop.ForAll(
        Gen.Choose(0, 9).ArrayOf(17).ToArbitrary(),
        Gen.Choose(0, 17).ToArbitrary(),
        Gen.Choose(1, 9).ToArbitrary(),
        (digits, at, by) =>
        {
            var text = string.Concat(digits);
            var whole = (text + CheckDigits.Gs1(text)).ToCharArray();
            Assert.Equal(IdentifierVerdict.Valid, MeterIdentifiers.Check(IdentifierScheme.Ean, new string(whole)).Verdict);
            whole[at] = (char)('0' + ((whole[at] - '0' + by) % 10));
            Assert.Equal(IdentifierVerdict.Error, MeterIdentifiers.Check(IdentifierScheme.Ean, new string(whole)).Verdict);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_a_check_throw_and_every_verdict_but_valid_says_why() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>(), Gen.Elements(Enum.GetValues<IdentifierScheme>()).ToArbitrary(), (text, scheme) =>
        {
            foreach (var check in new[] { MeterIdentifiers.Check(scheme, text.Get), MeterIdentifiers.CheckAccount(scheme, text.Get) })
            {
                Assert.Equal(check.Verdict == IdentifierVerdict.Valid, check.Text is null && check.Code is null);
            }
        }).QuickCheckThrowOnFailure();

    private static (IdentifierVerdict Verdict, string? Code) Outcome(IdentifierCheck check) => (check.Verdict, check.Code);
}
