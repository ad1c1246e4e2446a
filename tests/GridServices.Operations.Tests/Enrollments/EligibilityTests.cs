using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;

namespace GridServices.Operations.Tests.Enrollments;

public sealed class EligibilityTests
{
    private static readonly ProgramTemplate Csrp = Sample.Template("CONED-CSRP");
    private static readonly Site NewYork = Sample.Site with { Address = Sample.Site.Address with { Region = "NY" } };
    private static readonly MeterPoint Meter = Sample.Meter with { Scheme = IdentifierScheme.ConEdAccount };

    [Fact]
    public void A_site_that_fits_is_green() => Assert.Equal(EligibilityColour.Green, Evaluate(NewYork, [Meter], 60).Colour);

    [Fact]
    public void Another_country_or_region_is_red_for_ever_and_an_unknown_region_amber()
    {
        Assert.True(Assert.Single(Evaluate(NewYork with { Address = NewYork.Address with { Country = "FR" } }, [Meter], null).Reasons).ForEver);
        Assert.Equal((EligibilityColour.Red, "eligibility.region"), Only(Evaluate(Sample.Site, [Meter], null)));
        Assert.Equal((EligibilityColour.Amber, "eligibility.regionUnknown"), Only(Evaluate(NewYork with { Address = NewYork.Address with { Region = null } }, [Meter], null)));
    }

    [Fact]
    public void Meters_of_other_utilities_do_not_count() =>
        Assert.Equal((EligibilityColour.Amber, "eligibility.meterMissing"), Only(Evaluate(NewYork, [Sample.Meter], null)));

    [Theory]
    [InlineData(null, "eligibility.interval")]
    [InlineData(60, "eligibility.interval")]
    [InlineData(15, null)]
    public void Intervals_that_are_too_long_or_unknown_are_amber(int? minutes, string? code) =>
        Assert.Equal(code, Evaluate(NewYork, [Meter with { IntervalMinutes = minutes }], null).Reasons.SingleOrDefault()?.Code);

    [Theory]
    [InlineData("2027-01-30", null)]
    [InlineData("2027-01-31", "eligibility.dataDays")]
    [InlineData(null, "eligibility.dataDays")]
    public void Thirty_days_of_data_are_needed_on_the_day(string? since, string? code) =>
        Assert.Equal(code, Evaluate(NewYork, [Meter with { IntervalDataSince = since is null ? null : Sample.Day(since) }], null).Reasons.SingleOrDefault()?.Code);

    [Theory]
    [InlineData(49.9, "eligibility.minKw")]
    [InlineData(50, null)]
    public void Too_little_is_red(double kw, string? code) => Assert.Equal(code, Evaluate(NewYork, [Meter], (decimal)kw).Reasons.SingleOrDefault()?.Code);

    [Fact]
    public void A_portfolio_s_minimum_is_not_asked_of_a_site()
    {
        var uk = Sample.Site with { Address = Sample.Site.Address with { Country = "GB", Region = null } };
        var meter = Sample.Meter with { Scheme = IdentifierScheme.Mpan, IntervalMinutes = 30 };
        var dfs = Sample.Template("NESO-DFS");
        Assert.Empty(Eligibility.Evaluate(dfs, uk, [meter], [], 40, Sample.Day("2027-03-01")).Reasons);
        Assert.Equal("eligibility.maxKw", Assert.Single(Eligibility.Evaluate(dfs, uk, [meter], [], 100_001, Sample.Day("2027-03-01")).Reasons).Code);
    }

    [Fact]
    public void A_conflict_is_red_and_an_unknown_connection_amber()
    {
        var conflict = new DualConflict(Meter.Id, Sample.Id(9), "PGE-CBP", Sample.Day("2027-05-01"), null, "A and B exclude each other");
        Assert.Equal(EligibilityColour.Red, Eligibility.Evaluate(Csrp, NewYork, [Meter], [conflict], null, Sample.Day("2027-03-01")).Colour);
        Assert.Equal(EligibilityColour.Amber, Evaluate(NewYork with { Connection = new SiteConnection() }, [Meter], null).Colour);
    }

    private static Eligibility Evaluate(Site site, MeterPoint[] meters, decimal? kw) => Eligibility.Evaluate(Csrp, site, meters, [], kw, Sample.Day("2027-03-01"));

    private static (EligibilityColour Colour, string Code) Only(Eligibility eligibility) => (eligibility.Colour, Assert.Single(eligibility.Reasons).Code);
}
