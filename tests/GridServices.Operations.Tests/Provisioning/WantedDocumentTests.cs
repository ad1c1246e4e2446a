using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Registry;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Operations.Tests.Provisioning;

/// <summary>What is written is what the services' own cores read and find nothing wrong with.</summary>
public sealed class WantedDocumentTests
{
    internal static readonly LocalDate Today = Sample.Day("2027-06-01");

    internal static readonly ProvisionSource Ven = new()
    {
        Enrollment = Sample.Enrollment with { State = EnrollmentState.Provisioning },
        Template = Sample.Facts.Template,
        Site = Sample.Site,
        MeterPoints = [Sample.Meter with { TariffId = "B-19", DataSource = MeterDataSource.Telemetry }],
        Certificate = Sample.Certificate,
    };

    internal static readonly ProvisionSource DerClient = Ven with
    {
        Template = Sample.Template("CSIP-AUS-SAPN"),
        Site = Sample.Site with { Address = Sample.Site.Address with { Country = "AU" } },
        MeterPoints = [],
        Assets = [Asset(20, AssetKind.Pv, 30_000), Asset(21, AssetKind.Ess, 20_000) with { EnergyWh = 40_000 }],
        Enrollment = Ven.Enrollment with
        {
            Template = new TemplateRef("CSIP-AUS-SAPN", 1),
            AssetIds = [Sample.Id(20), Sample.Id(21)],
            Identity = new ProtocolIdentity { Server = "https://utility.example/dcap", Pin = "111115", Nmi = "2001985732", Pen = 37244, CertificateId = Sample.Id(5) },
            Answers = Answers.None.With("registrationWay", "outOfBand").With("fallbackExportW", "1500"),
        },
    };

    [Fact]
    public void A_VEN_is_read_by_the_OpenAdr_core_without_fault()
    {
        var document = Single([Ven], ProvisionedService.OpenAdr);
        Assert.Equal("/v1/vens/site-1", document.Path);
        var ven = JsonSerializer.Deserialize<VenConfig>(document.Json, ContractJson.Options)!;
        Assert.Empty(VenConfigRules.Check(ven));
        Assert.Equal(("site-1", "/keys/site-1.pem", "/keys/site-1.key"), (ven.VenName, ven.Profile.ClientCertificate, ven.Profile.ClientKey));
        var program = Assert.Single(ven.Programs);
        Assert.Equal(("OPENADR-PLAIN", true, Tier.Contractual, OpenAdr.Configuration.OptPolicy.Auto), (program.Stream, program.DefaultPolicy, program.Tier, program.OptPolicy));
        Assert.Equal(Limits.None, program.Signals.Simple!.Levels["0"]);
        Assert.Equal([60_000, 30_000, 10_500], new[] { "1", "2", "3" }.Select(l => program.Signals.Simple.Levels[l].ImportLimitW!.Value));
        Assert.Equal(70_000, program.Signals.LoadControl!.ReferenceW);
        Assert.Equal(OnStale.HoldSchedule, program.Failsafe!.OnStale);
        Assert.Equal(Duration.FromMinutes(1), Assert.Single(ven.Reports, r => r.Kind == ReportKind.TelemetryUsage).SamplingInterval);
    }

    [Fact]
    public void Histories_name_the_utilitys_meters_that_Tariffs_has()
    {
        var own = Ven.MeterPoints[0] with { TariffMeterId = null };
        var second = own with { Id = Sample.Id(51), TariffId = null, TariffMeterId = "m-2", IntervalMinutes = 30 };
        var part = own with { Id = Sample.Id(52), Kind = MeterKind.Submeter };
        var unknown = own with { Id = Sample.Id(53), TariffId = null };
        var other = own with { Id = Sample.Id(54), TariffMeterId = "m-of-no-enrollment" };
        var source = Ven with { MeterPoints = [second, own, part, unknown, other], Enrollment = Ven.Enrollment with { MeterPointIds = [own.Id, second.Id, part.Id, unknown.Id] } };

        var ven = JsonSerializer.Deserialize<VenConfig>(Single([source], ProvisionedService.OpenAdr).Json, ContractJson.Options)!;
        Assert.Empty(VenConfigRules.Check(ven));
        Assert.Equal(
            [
                (ReportKind.HistoryUsage, $"billed-energy-{own.Id}", own.Id, own.IntervalMinutes ?? 15), (ReportKind.HistoryGreenButton, $"green-button-{own.Id}", own.Id, own.IntervalMinutes ?? 15),
                (ReportKind.HistoryUsage, "billed-energy-m-2", "m-2", 30), (ReportKind.HistoryGreenButton, "green-button-m-2", "m-2", 30),
            ],
            ven.Reports.Where(r => r.Meter is not null).Select(r => (r.Kind, r.RId, r.Meter!, (int)r.SamplingInterval.TotalMinutes)));
        Assert.Equal(2, ven.Reports.Count(r => r.RId.StartsWith("billed", StringComparison.Ordinal)));

        // Once the first has left, the second is still called what it was.
        var left = source with { Enrollment = source.Enrollment with { MeterPointIds = [second.Id] } };
        Assert.Equal(
            ["billed-energy-m-2", "green-button-m-2"],
            JsonSerializer.Deserialize<VenConfig>(Single([left], ProvisionedService.OpenAdr).Json, ContractJson.Options)!.Reports.Where(r => r.Meter is not null).Select(r => r.RId));
        Assert.DoesNotContain("HISTORY", Single([Ven with { MeterPoints = [] }], ProvisionedService.OpenAdr).Json, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_programs_of_one_VTN_share_the_VEN_with_a_stream_each()
    {
        var second = Other(Ven, 30, "http://utility.example/adr") with { Template = Sample.Template("PGE-ADR") };
        var ven = JsonSerializer.Deserialize<VenConfig>(Single([Ven, second], ProvisionedService.OpenAdr).Json, ContractJson.Options)!;
        Assert.Empty(VenConfigRules.Check(ven));
        Assert.Equal(["OPENADR-PLAIN", "PGE-ADR"], ven.Programs.Select(p => p.Stream));
        Assert.DoesNotContain(ven.Programs, p => p.DefaultPolicy);

        var twice = JsonSerializer.Deserialize<VenConfig>(Single([Ven, Other(Ven, 30, "http://utility.example/adr")], ProvisionedService.OpenAdr).Json, ContractJson.Options)!;
        Assert.Empty(VenConfigRules.Check(twice));
    }

    [Fact]
    public void Enrollments_that_cannot_share_a_VEN_are_told_to_have_keys_of_their_own()
    {
        var elsewhere = Other(Ven, 30, null);
        elsewhere = elsewhere with { Enrollment = elsewhere.Enrollment with { Identity = elsewhere.Enrollment.Identity with { VtnUrl = "https://other.example/OpenADR2/Simple/2.0b" } } };
        var outcome = WantedDocuments.Create([Ven, elsewhere], Today);
        Assert.Empty(outcome.Documents);
        Assert.Equal(["/identity/venKey", "/identity/marketContext"], outcome.Faults.Select(f => f.Field));
        Assert.All(outcome.Faults, f => Assert.Equal(Sample.Id(30), f.EnrollmentId));
        var own = elsewhere with { Enrollment = elsewhere.Enrollment with { Identity = elsewhere.Enrollment.Identity with { VenKey = "site-1-b" } } };
        Assert.Equal(["/v1/vens/site-1", "/v1/vens/site-1-b"], Documents([Ven, own], ProvisionedService.OpenAdr).Select(d => d.Path));
    }

    [Fact]
    public void What_an_enrollment_with_a_fault_shares_is_not_known_and_the_rest_goes_on()
    {
        var faulty = Other(Ven, 30, null) with { Site = Sample.Site with { CriticalLoadW = 20_000 } };
        faulty = faulty with { Enrollment = faulty.Enrollment with { MeterPointIds = [], Identity = faulty.Enrollment.Identity with { VenKey = "site-1-b" } } };
        var ending = In(Ven, EnrollmentState.Ending);
        foreach (var one in new[] { Ven, ending })
        {
            var outcome = WantedDocuments.Create([one, faulty], Today);
            Assert.Equal(Sample.Id(30), Assert.Single(outcome.Faults).EnrollmentId);
            Assert.Equal((one == Ven, false), (outcome.Documents.Any(d => d.Path == "/v1/vens/site-1"), outcome.Documents.Any(d => d.Path == "/v1/vens/site-1-b")));
            Assert.Equal((true, false, false), (outcome.IsKnown("/v1/vens/site-1"), outcome.IsKnown("/v1/vens/site-1-b"), outcome.IsKnown("/v1/vens/of-before")));
            Assert.False(outcome.Paths[one.Enrollment.Id].Overlaps(outcome.Blocked));
        }

        var shared = faulty with { Enrollment = faulty.Enrollment with { Identity = Ven.Enrollment.Identity } };
        Assert.False(WantedDocuments.Create([ending, shared], Today).IsKnown("/v1/vens/site-1"));
        Assert.True(WantedDocuments.Create([Ven], Today).IsKnown("/v1/vens/of-before"));
    }

    [Theory]
    [InlineData(SuspensionCause.Person, "never")]
    [InlineData(SuspensionCause.Consent, "never")]
    [InlineData(SuspensionCause.Registration, "auto")]
    [InlineData(SuspensionCause.Certificate, "auto")]
    public void An_enrollment_that_people_suspended_keeps_its_VEN_and_opts_out(SuspensionCause cause, string policy)
    {
        var suspended = In(Ven, EnrollmentState.Suspended);
        suspended = suspended with { Enrollment = suspended.Enrollment with { SuspendedFor = cause } };
        Assert.Equal(policy, JsonNode.Parse(Single([suspended], ProvisionedService.OpenAdr).Json)!["programs"]![0]!["optPolicy"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(EnrollmentState.Accepted)]
    [InlineData(EnrollmentState.Ending)]
    [InlineData(EnrollmentState.Ended)]
    public void What_is_not_provisioned_wants_nothing(EnrollmentState state) => Assert.Empty(WantedDocuments.Create([In(Ven, state)], Today).Documents);

    [Fact]
    public void Levels_follow_what_was_nominated_for_the_month()
    {
        var cbp = Ven with
        {
            Template = Sample.Template("PGE-CBP"),
            Nominations = [Sample.Nomination with { State = NominationState.Accepted }, Sample.Nomination with { Id = Sample.Id(8), DeliveryPeriod = "2027-07", Kw = 25.0004m, State = NominationState.Submitted }],
        };
        Assert.Equal(30_000, LevelW(cbp, "2027-06-30", "1"));
        Assert.Equal(44_999, LevelW(cbp, "2027-07-01", "1")); // toward zero
        Assert.Equal(44_999, LevelW(cbp with { Site = Sample.Site with { CriticalLoadW = null } }, "2027-07-01", "3"));
        Assert.Equal(12_000, LevelW(cbp with { Site = Sample.Site with { CriticalLoadW = 12_000 } }, "2027-07-01", "3"));
    }

    [Fact]
    public void Nobody_guesses_a_level_and_none_is_below_the_critical_load()
    {
        var cbp = Ven with { Template = Sample.Template("PGE-CBP") };
        Assert.All(WantedDocuments.Create([cbp], Today).Faults, f => Assert.Equal(("/nominations", true), (f.Field, f.Text.StartsWith("hand a nomination in", StringComparison.Ordinal))));
        var unanswered = Ven with { Enrollment = Ven.Enrollment with { Answers = Ven.Enrollment.Answers.With("levelTwoKw", null) } };
        Assert.Equal("/answers/levelTwoKw", Assert.Single(WantedDocuments.Create([unanswered], Today).Faults).Field);
        var critical = WantedDocuments.Create([Ven with { Site = Sample.Site with { CriticalLoadW = 20_000 } }], Today);
        Assert.Equal("level 3 would allow 10.5 kW, and 20 kW are never to be shed; offer less", Assert.Single(critical.Faults).Text);
    }

    [Fact]
    public void A_higher_level_never_allows_more()
    {
        var odd = Ven with { Enrollment = Ven.Enrollment with { Answers = Ven.Enrollment.Answers.With("levelTwoKw", "65") } };
        Assert.Equal(60_000, LevelW(odd, "2027-06-01", "2"));
    }

    [Fact]
    public void A_meter_with_a_tariff_is_read_by_Tariffs_and_knows_the_connection()
    {
        var document = Single([Ven], ProvisionedService.Tariffs);
        var plan = JsonSerializer.Deserialize<MeterPlan>(document.Json, TariffJson.Options)!;
        Assert.Equal("/v1/meters/meter-1", document.Path);
        Assert.Equal(("B-19", Duration.FromMinutes(15), true, 66_510L), (plan.TariffId, plan.Interval, plan.Publish, plan.PhysicalW));
        Assert.Empty(Documents([Ven with { MeterPoints = [Sample.Meter] }], ProvisionedService.Tariffs));
        Assert.False(JsonSerializer.Deserialize<MeterPlan>(Single([Ven with { MeterPoints = [Sample.Meter with { TariffId = "B-19", Kind = MeterKind.Submeter, DataSource = MeterDataSource.Telemetry }] }], ProvisionedService.Tariffs).Json, TariffJson.Options)!.Publish);
    }

    [Fact]
    public void A_frequency_contract_names_assets_windows_and_the_room_of_the_connection()
    {
        var dcl = Ven with
        {
            Template = Sample.Template("GB-DCL"),
            MeterPoints = [],
            Assets = [Asset(20, AssetKind.Ess, 50_000) with { AssetId = "bess-1" }],
            Enrollment = Ven.Enrollment with { AssetIds = [Sample.Id(20)], Answers = Answers.None.With("quantityKw", "30").With("frequencySource", "meter").With("pricePerMwHour", "4.5") },
        };
        Assert.Equal(
            """{"assets":["bess-1"],"connection":{"exportW":0,"importW":66510},"price":{"currency":"GBP","perMwHour":4.5},"quantityW":30000,"service":"GB-DCL","siteId":"site-1","sources":["meter"],"windows":[{"from":"2027-04-30T23:00:00Z","until":"2027-11-01T00:00:00Z"}]}""",
            Single([dcl], ProvisionedService.FrequencyResponse).Json);
        var faults = WantedDocuments.Create([dcl with { Assets = [], Site = Sample.Site with { Connection = new SiteConnection() }, Enrollment = dcl.Enrollment with { Answers = Answers.None } }], Today).Faults;
        Assert.Equal(["/assetIds", "/answers/quantityKw", "/answers/frequencySource", "/siteId"], faults.Select(f => f.Field));
    }

    [Fact]
    public void Equal_enrollments_have_equal_text_and_hash_however_they_are_ordered()
    {
        var second = Other(Ven, 30, "http://utility.example/adr");
        var (one, two) = (Single([Ven, second], ProvisionedService.OpenAdr), Single([second, Ven], ProvisionedService.OpenAdr));
        Assert.Equal((one.Json, one.Sha256), (two.Json, two.Sha256));
        Assert.Equal(64, one.Sha256.Length);
        Assert.NotEqual(one.Sha256, Single([Ven], ProvisionedService.OpenAdr).Sha256);
    }

    [Theory]
    [InlineData("/venName", "/identity/venName")]
    [InlineData("/profile/clientKey", "/identity/certificateId")]
    [InlineData("/profile/trustedRoots", "/identity/trustedRoots")]
    [InlineData("/programs/0/signals/SIMPLE/levels/1", "/answers")]
    [InlineData("/programs/10/signals", "")]
    [InlineData("/venNames", "")]
    [InlineData("", "")]
    public void A_refusal_is_shown_at_the_field_that_it_comes_from(string pointer, string field)
    {
        var fault = Assert.Single(FieldFaults.Match(Single([Ven], ProvisionedService.OpenAdr), [new ServiceFault(pointer, "is taken")]));
        Assert.Equal(field, fault.Field);
        Assert.StartsWith("is taken", fault.Text, StringComparison.Ordinal);
    }

    private static Asset Asset(int number, AssetKind kind, long watts) => new()
    {
        Id = Sample.Id(number),
        Tenant = "default",
        Created = Sample.Stamp,
        Updated = Sample.Stamp,
        Version = 1,
        SiteId = "site-1",
        Kind = kind,
        Name = kind.ToString(),
        RatedW = watts,
    };

    private static ProvisionSource In(ProvisionSource source, EnrollmentState state) => source with { Enrollment = source.Enrollment with { State = state } };

    internal static ProvisionSource Other(ProvisionSource source, int number, string? marketContext) => source with
    {
        Enrollment = source.Enrollment with { Id = Sample.Id(number), Identity = source.Enrollment.Identity with { MarketContext = marketContext } },
    };

    internal static long LevelW(ProvisionSource source, string today, string level)
    {
        var outcome = WantedDocuments.Create([source], Sample.Day(today));
        Assert.Empty(outcome.Faults);
        var ven = JsonNode.Parse(outcome.Documents.Single(d => d.Service == ProvisionedService.OpenAdr).Json)!;
        return ven["programs"]![0]!["signals"]!["SIMPLE"]!["levels"]![level]!["importLimitW"]!.GetValue<long>();
    }

    internal static WantedDocument Single(ProvisionSource[] sources, ProvisionedService service) => Assert.Single(Documents(sources, service));

    private static IEnumerable<WantedDocument> Documents(ProvisionSource[] sources, ProvisionedService service)
    {
        var outcome = WantedDocuments.Create(sources, Today);
        Assert.Empty(outcome.Faults);
        return outcome.Documents.Where(d => d.Service == service);
    }
}
