using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Json;
using GridServices.Operations.Opt;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests;

/// <summary>What is stored is read back as it was, and documents of an older version still load.</summary>
public sealed class StoredRecordTests
{
    private static readonly Enrollment Full = Sample.Enrollment with
    {
        StateReason = "because",
        SuspendedFor = SuspensionCause.Registration,
        TestedAt = Sample.Now,
        Failsafe = new Failsafe { StaleAfter = Duration.FromMinutes(2), OnStale = OnStale.Failsafe, Limits = new Limits { ImportLimitW = 0 } },
        ContactIds = [Sample.Id(4)],
        Documents = [new EnrollmentDocument("permit", "permit.pdf", new string('a', 64), Sample.Stamp)],
        Consent = new Consent { ContactId = Sample.Id(4), SignedAt = Sample.Now, Scope = "all", Until = Sample.Day("2028-01-01") },
        RequiredActions = [new RequiredAction { Code = "x", Owner = ActionOwner.Utility, Text = "wait", Due = Sample.Now }],
        UtilityReference = "PGE-77",
    };

    public static TheoryData<Entity> Entities =>
    [
        Full,
        Sample.Enrollment with { Period = new DatePeriod { From = Sample.Day("2027-05-01") } },
        Sample.Site with { Geo = new GeoPoint(36.7m, -119.8m), CriticalLoadW = 0, Tags = ["a"], ExternalRefs = [new ExternalRef("storeNo", "4711")] },
        Sample.Site with { Connection = Sample.Connection with { EnergyManagement = new ListedEnergyManagement("UL 916 E123456", null) } },
        Sample.Meter,
        Sample.Signer with { QuietHours = new QuietHours(new LocalTime(22, 0), new LocalTime(6, 30)), Channels = [Channel.Sms, Channel.Webhook] },
        Sample.Certificate,
        Sample.Nomination,
        new Customer { Id = Sample.Id(2), Tenant = "default", Created = Sample.Stamp, Updated = Sample.Stamp, Version = 1, Name = "Fleet", LegalName = "Fleet Inc.", Country = "US" },
        new Asset { Id = Sample.Id(8), Tenant = "default", Created = Sample.Stamp, Updated = Sample.Stamp, Version = 1, SiteId = "site-1", Kind = AssetKind.EvGroup, Name = "Chargers", RatedW = 1, RampTime = Duration.FromSeconds(90), PermitUntil = Sample.Day("2027-02-28") },
        new OptPlan { Id = Sample.Id(9), Tenant = "default", Created = Sample.Stamp, Updated = Sample.Stamp, Version = 1, SiteId = "site-1", From = Sample.Now, Until = Sample.Now + Duration.FromDays(1), Direction = OptDirection.Out, Reason = OptReason.Schedule },
    ];

    [Theory]
    [MemberData(nameof(Entities))]
    public void Every_entity_is_read_back_as_it_was(Entity entity)
    {
        var json = JsonSerializer.Serialize(entity, entity.GetType(), OperationsJson.Options);
        Assert.Equal(entity, JsonSerializer.Deserialize(json, entity.GetType(), OperationsJson.Options));
    }

    [Fact]
    public void Words_on_the_wire_are_the_specification_s()
    {
        var json = JsonSerializer.SerializeToNode<Enrollment>(Full, OperationsJson.Options)!;
        Assert.Equal(("draft", "auto", "2027-05-01", "2027-10-31"), (json["state"]!.GetValue<string>(), json["optPolicy"]!.GetValue<string>(), json["period"]!["from"]!.GetValue<string>(), json["period"]!["until"]!.GetValue<string>()));
        Assert.Equal("PGE-SAID", JsonSerializer.SerializeToNode<MeterPoint>(Sample.Meter, OperationsJson.Options)!["scheme"]!.GetValue<string>());
        Assert.Equal("openadr-ec", JsonSerializer.SerializeToNode<Certificate>(Sample.Certificate, OperationsJson.Options)!["kind"]!.GetValue<string>());
        Assert.Equal(["openadr20b", "ieee2030.5", "manual", "market"], EnumNames<ProgramProtocol>.All);
        Assert.Equal(["readyToSubmit", "utilityReview"], new[] { EnrollmentState.ReadyToSubmit, EnrollmentState.UtilityReview }.Select(EnumNames<EnrollmentState>.GetName));
    }

    /// <summary>The members of the first version: what was added later must stay optional.</summary>
    [Fact]
    public void An_enrollment_with_only_its_required_members_loads()
    {
        var json = JsonNode.Parse("""
            { "id": "01MG0FCDG00000000000000006", "tenant": "default", "created": { "at": "2027-03-01T12:00:00Z", "by": "ann" }, "updated": { "at": "2027-03-01T12:00:00Z", "by": "ann" },
              "version": 1, "siteId": "site-1", "template": { "code": "OPENADR-PLAIN", "version": 1 }, "period": { "from": "2027-05-01" }, "stateSince": "2027-03-01T12:00:00Z" }
            """)!;
        var enrollment = json.Deserialize<Enrollment>(OperationsJson.Options)!;
        Assert.Equal((EnrollmentState.Draft, OptPolicy.Auto, Answers.None, null), (enrollment.State, enrollment.OptPolicy, enrollment.Answers, enrollment.SuspendedFor));
        Assert.Empty(enrollment.RequiredActions);
    }

    [Theory]
    [InlineData("2027-05-01", "2027-05-01T07:00:00Z")]
    [InlineData("2027-11-07", "2027-11-07T07:00:00Z")]
    public void A_period_begins_with_the_first_day_and_ends_after_the_last_one_in_the_zone(string from, string start)
    {
        var zone = DateTimeZoneProviders.Tzdb["America/Los_Angeles"];
        var period = new DatePeriod { From = Sample.Day(from), Until = Sample.Day(from) };
        Assert.Equal(Sample.At(start), period.In(zone).Start);
        Assert.Equal(zone.AtStartOfDay(Sample.Day(from).PlusDays(1)).ToInstant(), period.In(zone).End);
        Assert.True(period.Contains(Sample.Day(from)));
        Assert.False((period with { Until = null }).In(zone).HasEnd);
    }

    [Theory]
    [InlineData("2027-05-01", "2027-05-31", "2027-05-31", null, true)]
    [InlineData("2027-05-01", "2027-05-31", "2027-06-01", null, false)]
    [InlineData("2027-05-01", null, "2027-01-01", "2027-05-01", true)]
    [InlineData("2027-05-01", null, "2027-01-01", "2027-04-30", false)]
    public void Periods_overlap_in_a_day_that_both_have(string from, string? until, string otherFrom, string? otherUntil, bool overlap)
    {
        var one = new DatePeriod { From = Sample.Day(from), Until = until is null ? null : Sample.Day(until) };
        var two = new DatePeriod { From = Sample.Day(otherFrom), Until = otherUntil is null ? null : Sample.Day(otherUntil) };
        Assert.Equal((overlap, overlap), (one.Overlaps(two), two.Overlaps(one)));
    }
}
