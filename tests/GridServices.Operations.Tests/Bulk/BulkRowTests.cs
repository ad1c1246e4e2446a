using GridServices.Operations.Bulk;
using GridServices.Operations.Opt;
using NodaTime;

namespace GridServices.Operations.Tests.Bulk;

/// <summary>What each kind of row refuses, beyond what all of them do.</summary>
public sealed class BulkRowTests
{
    [Theory]
    [InlineData("scheme", "PGE-SAD", "did you mean PGE-SAID?")]
    [InlineData("scheme", "", "is empty")]
    [InlineData("kind", "battry", "did you mean battery?")]
    [InlineData("interval_min", "7", "divides the day")]
    [InlineData("interval_min", "15.5", "whole number")]
    [InlineData("data_source", "GreenButton", "did you mean greenButton?")]
    public void Meters(string column, string value, string says) => Refused(BulkKind.Meters, column, value, says);

    [Theory]
    [InlineData("email", "ann", "one mail address")]
    [InlineData("email", "a@x.com;b@x.com", "one mail address")]
    [InlineData("email", "", "is empty")]
    [InlineData("phone", "0301234567", "with its country")]
    [InlineData("role", "eventPrimry", "did you mean eventPrimary?")]
    [InlineData("channels", "email|pigeon", "'pigeon'")]
    [InlineData("language", "german", "de or fr-CA")]
    public void Contacts(string column, string value, string says) => Refused(BulkKind.Contacts, column, value, says);

    [Fact]
    public void A_contact_by_sms_needs_a_number() => Refused(BulkKind.Contacts, "phone", "", "sms and voice need a number");

    [Fact]
    public void A_number_is_kept_without_the_marks_that_people_type() =>
        Assert.Equal("+49301234567", Assert.IsType<ContactRow>(Read(BulkKind.Contacts, "phone", "+49 (30) 123-4567").Record).Phone);

    [Theory]
    [InlineData("period_from", "01.05.2027", "write the date as 2027-05-01")]
    [InlineData("period_from", "05/01/2027", "year-month-day")]
    [InlineData("period_from", "31/05/2027", "write the date as 2027-05-31")]
    [InlineData("period_from", "2027-02-30", "year-month-day")]
    [InlineData("period_until", "2027-04-30", "is before period_from")]
    [InlineData("opt_policy", "always", "auto, manual, never")]
    [InlineData("generator", "maybe", "write y or n")]
    [InlineData("generator", "y", "kW of its nameplate")]
    [InlineData("generator_kw", "50", "write y, or empty them")]
    [InlineData("answers_json", "[1]", "JSON object")]
    [InlineData("answers_json", "{\"a\":{}}", "JSON object")]
    [InlineData("lfdi", "12", "")]
    [InlineData("nominated_kw", "-1", "0 to 1000000 kW")]
    public void Enrollments(string column, string value, string says) => Refused(BulkKind.Enrollments, column, value, says);

    [Fact]
    public void Further_answers_are_read_from_JSON()
    {
        var row = Assert.IsType<EnrollmentRow>(Read(BulkKind.Enrollments, "answers_json", "{\"attestsNoPpa\":true,\"rampMinutes\":10}").Record);
        Assert.Equal(("true", "10"), (row.Answers["attestsNoPpa"], row.Answers["rampMinutes"]));
    }

    [Theory]
    [InlineData("kw", "", "above 0")]
    [InlineData("kw", "0", "above 0")]
    [InlineData("nominate", "No", "empty the kW")]
    [InlineData("nominate", "", "is empty")]
    [InlineData("program_code", "", "both site_id and program_code")]
    [InlineData("delivery_period", "07-2027", "2027-07")]
    [InlineData("delivery_period", "2027-13", "2027-07")]
    public void Nominations(string column, string value, string says) => Refused(BulkKind.Nominations, column, value, says);

    [Fact]
    public void Nothing_is_nominated_by_No() =>
        Assert.Equal(0, Assert.IsType<NominationRow>(Rows(BulkKind.Nominations, 2).Record).Kw);

    [Theory]
    [InlineData("until_local", "2027-07-01T14:00", "not after from_local")]
    [InlineData("from_local", "1 July", "2027-07-01T14:00")]
    [InlineData("from_local", "", "is empty")]
    [InlineData("direction", "off", "out, in")]
    [InlineData("reason", "mustrun: buses", "did you mean mustRun?")]
    public void OptPlans(string column, string value, string says) => Refused(BulkKind.OptPlans, column, value, says);

    [Fact]
    public void A_reason_is_a_word_and_a_text_of_one_s_own()
    {
        var row = Assert.IsType<OptPlanRow>(Rows(BulkKind.OptPlans, 0).Record);
        Assert.Equal((OptReason.MustRun, "buses leave at 15:00"), (row.Reason, row.Text));
    }

    [Theory]
    [InlineData("2027-03-28T02:30", null, "there is no such time; write 2027-03-28T03:00")]
    [InlineData("2027-10-31T02:30", null, "write 2027-10-31T02:30+02 or 2027-10-31T02:30+01")]
    [InlineData("2027-10-31T02:30+02:00", "2027-10-31T00:30:00Z", null)]
    [InlineData("2027-10-31 02:30+01:00", "2027-10-31T01:30:00Z", null)]
    [InlineData("2027-07-01 14:00:30", "2027-07-01T12:00:30Z", null)]
    [InlineData("2027-07-01T14:00+01:00", null, "leave the offset out")]
    public void A_wall_clock_time_becomes_an_instant_or_says_why_not(string written, string? instant, string? says)
    {
        var moment = LocalMoment.TryParse(written)!.In(DateTimeZoneProviders.Tzdb["Europe/Berlin"], out var fault);
        Assert.Equal(instant, moment?.ToString());
        Assert.Contains(says ?? string.Empty, fault ?? string.Empty, StringComparison.Ordinal);
        Assert.Equal(says is null, fault is null);
    }

    private static void Refused(BulkKind kind, string column, string value, string says)
    {
        var row = Read(kind, column, value);
        Assert.Null(row.Record);
        Assert.Contains(row.Faults, f => !f.IsWarning && f.Line == 2 && f.Message.Contains(says, StringComparison.Ordinal));
    }

    private static BulkRow Rows(BulkKind kind, int index) => BulkFile.Open(new StringReader(BulkTemplate.Write(kind)), kind).Rows().ElementAt(index);

    /// <summary>The first example with one value in another's place.</summary>
    private static BulkRow Read(BulkKind kind, string column, string value)
    {
        var row = BulkLayout.For(kind).Columns.ToDictionary(c => c.Name, c => (string?)c.Examples[0], StringComparer.Ordinal);
        row[column] = value;
        return BulkFile.Open(new StringReader(BulkTemplate.Write(kind, [row])), kind).Rows().Single();
    }
}
