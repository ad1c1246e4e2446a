using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;

namespace GridServices.Operations.Tests.Enrollments;

public sealed class NominationCalendarTests
{
    private static readonly ProgramTemplate Cbp = Sample.Template("PGE-CBP");

    [Fact]
    public void Each_month_of_the_season_is_due_five_days_before_in_the_utility_s_zone()
    {
        var due = NominationCalendar.Due(Sample.Enrollment, Cbp, [], Sample.At("2027-06-10T12:00:00Z"));
        Assert.Equal(["2027-07"], due.Select(d => d.DeliveryPeriod));
        Assert.Equal(Sample.At("2027-06-27T00:00:00Z"), due[0].Deadline); // 26 June 17:00 PDT
        Assert.False(due[0].IsDone);
    }

    [Theory]
    [InlineData("2027-09-20T12:00:00Z", "2027-10")]
    [InlineData("2027-10-20T12:00:00Z", "")] // November is out of season
    [InlineData("2027-01-01T12:00:00Z", "2027-05")] // before it begins: what comes first
    public void Only_months_of_season_and_period_are_asked(string now, string periods) =>
        Assert.Equal(periods, string.Join(' ', NominationCalendar.Due(Sample.Enrollment, Cbp, [], Sample.At(now)).Select(d => d.DeliveryPeriod)));

    [Theory]
    [InlineData(NominationState.Submitted, true)]
    [InlineData(NominationState.Accepted, true)]
    [InlineData(NominationState.Draft, false)]
    [InlineData(NominationState.Rejected, false)]
    public void Only_what_was_handed_in_counts(NominationState state, bool done)
    {
        var nomination = Sample.Nomination with { DeliveryPeriod = "2027-07", State = state };
        Assert.Equal(done, Assert.Single(NominationCalendar.Due(Sample.Enrollment, Cbp, [nomination], Sample.At("2027-06-10T12:00:00Z"))).IsDone);
        Assert.Null(Assert.Single(NominationCalendar.Due(Sample.Enrollment, Cbp, [nomination with { EnrollmentId = Sample.Id(60) }], Sample.At("2027-06-10T12:00:00Z"))).Existing);
    }

    [Fact]
    public void The_last_period_s_values_are_filled_in_and_must_be_confirmed()
    {
        var due = Assert.Single(NominationCalendar.Due(Sample.Enrollment, Cbp, [], Sample.At("2027-06-10T12:00:00Z")));
        var stamp = new Stamp(Sample.At("2027-06-10T12:00:00Z"), "system");
        var draft = NominationCalendar.Prefill(due, Sample.Nomination with { State = NominationState.Accepted }, Sample.Id(61), stamp)!;
        Assert.Equal((40m, "2027-07", NominationState.Draft, true, due.Deadline), (draft.Kw, draft.DeliveryPeriod, draft.State, draft.Prefilled, draft.Deadline));
        Assert.Null(NominationCalendar.Prefill(due, null, Sample.Id(61), stamp));

        // A draft does not count as offered, and the list still asks for it.
        var actions = RequiredActions.Compute(Sample.Enrollment, Sample.Facts with { Template = Cbp, Nominations = [draft] }, Sample.At("2027-06-10T12:00:00Z"));
        Assert.Equal("nomination.unconfirmed", actions.Single(a => a.Pointer == "/nominations").Code);
        var confirmed = NominationCalendar.Submit(draft, Cbp, stamp, out var refusal)!;
        Assert.Null(refusal);
        Assert.Equal((NominationState.Submitted, false, 2), (confirmed.State, confirmed.Prefilled, confirmed.Version));
    }

    [Theory]
    [InlineData(0, "day-ahead 2-6h", "2027-04-01T00:00:00Z", "above 0 kW")]
    [InlineData(40, "sometimes", "2027-04-01T00:00:00Z", "must be one of day-ahead 1-4h, day-ahead 2-6h")]
    [InlineData(40, "day-ahead 2-6h", "2027-04-27T00:00:01Z", "deadline is past")]
    public void What_cannot_be_handed_in_says_why(int kw, string product, string at, string why)
    {
        Assert.Null(NominationCalendar.Submit(Sample.Nomination with { Kw = kw, Product = product }, Cbp, new Stamp(Sample.At(at), "ann"), out var refusal));
        Assert.Contains(why, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Less_than_the_program_s_minimum_is_refused()
    {
        NominationCalendar.Submit(Sample.Nomination with { Kw = 20, Product = null }, Sample.Template("CONED-CSRP"), Sample.Stamp, out var refusal);
        Assert.Contains("at least 50 kW", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_season_is_nominated_once_and_who_joins_in_its_middle_delivers_from_then_on()
    {
        var elrp = Sample.Template("PGE-ELRP-A1");
        var before = Assert.Single(NominationCalendar.Due(Sample.Enrollment, elrp, [], Sample.Now));
        Assert.Equal(("2027", Sample.Day("2027-05-01")), (before.DeliveryPeriod, before.Start));
        var joined = Sample.Enrollment with { Period = new DatePeriod { From = Sample.Day("2027-07-15"), Until = Sample.Day("2027-10-31") } };
        var middle = Assert.Single(NominationCalendar.Due(joined, elrp, [], Sample.At("2027-07-01T12:00:00Z")));
        Assert.Equal(("2027", Sample.Day("2027-07-15")), (middle.DeliveryPeriod, middle.Start));
        Assert.True(middle.Deadline > Sample.At("2027-07-15T00:00:00Z"));
    }

    [Fact]
    public void Seasons_of_one_year_are_told_apart_by_name()
    {
        var ers = Sample.Template("ERCOT-ERS");
        Assert.Equal("2027-spring", Assert.Single(NominationCalendar.Due(Sample.Enrollment with { Period = new DatePeriod { From = Sample.Day("2027-04-01") } }, ers, [], Sample.Now)).DeliveryPeriod);
    }

    [Theory]
    [InlineData("2027-02-28T12:00:00Z", "2026-winter 2027-spring")] // due on 2 March, while winter is on
    [InlineData("2027-01-20T12:00:00Z", "2026-winter")]
    [InlineData("2027-05-10T12:00:00Z", "2027-spring 2027-summer")]
    public void The_next_season_is_asked_for_while_this_one_is_on(string now, string periods)
    {
        var enrollment = Sample.Enrollment with { Period = new DatePeriod { From = Sample.Day("2026-12-01") } };
        Assert.Equal(periods, string.Join(' ', NominationCalendar.Due(enrollment, Sample.Template("ERCOT-ERS"), [], Sample.At(now)).Select(d => d.DeliveryPeriod)));
        Assert.DoesNotContain(NominationCalendar.Due(enrollment with { Period = enrollment.Period with { Until = Sample.Day("2027-03-31") } }, Sample.Template("ERCOT-ERS"), [], Sample.At(now)), d => d.DeliveryPeriod == "2027-summer");
    }

    [Theory]
    [InlineData("ERCOT-ERS", "2027-summer", "2027-06-01")]
    [InlineData("ERCOT-ERS", "2027", null)]
    [InlineData("PGE-ELRP-A1", "2027", "2027-05-01")]
    [InlineData("PGE-CBP", "2027-07", "2027-07-01")]
    [InlineData("PGE-CBP", "2027-13", null)]
    [InlineData("NESO-DFS", "DFS-2027-1", null)]
    public void The_name_of_a_period_tells_its_first_day(string code, string period, string? start) =>
        Assert.Equal(start is null ? null : Sample.Day(start), NominationCalendar.FindStart(Sample.Template(code), period));

    [Fact]
    public void Programs_that_nominate_per_event_or_not_at_all_have_nothing_due()
    {
        Assert.Empty(NominationCalendar.Due(Sample.Enrollment, Sample.Template("NESO-DFS"), [], Sample.Now));
        Assert.Empty(NominationCalendar.Due(Sample.Enrollment, Sample.Template("OPENADR-PLAIN"), [], Sample.Now));
    }
}
