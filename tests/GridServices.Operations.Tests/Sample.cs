using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Tests;

/// <summary>Entities that tests start from.</summary>
internal static class Sample
{
    public static readonly Instant Now = At("2027-03-01T12:00:00Z");

    public static readonly Stamp Stamp = new(Now, "ann");

    public static Instant At(string text) => InstantPattern.ExtendedIso.Parse(text).Value;

    public static LocalDate Day(string text) => LocalDatePattern.Iso.Parse(text).Value;

    /// <summary>A ULID that differs by its number.</summary>
    public static string Id(int number) => EntityId.Create(Now, [0, 0, 0, 0, 0, 0, 0, 0, (byte)(number >> 8), (byte)number]);

    public static SiteConnection Connection { get; } = new()
    {
        Wiring = PhaseWiring.ThreePhase,
        VoltageV = 480,
        RatingA = 100,
        Code = InstallationCode.Nec,
        ImportMaxW = 80_000,
        ExportMaxW = 0,
    };

    public static Site Site { get; } = new()
    {
        Id = Id(1),
        Tenant = "default",
        Created = Stamp,
        Updated = Stamp,
        Version = 1,
        SiteId = "site-1",
        CustomerId = Id(2),
        Name = "Depot Nord",
        Address = new Address("1 Main St", null, "Fresno", "CA", "93701", "US"),
        TimeZone = "America/Los_Angeles",
        Connection = Connection,
    };

    public static ProgramTemplate Template(string code) => TemplateCatalog.Find(code)!;

    public static MeterPoint Meter { get; } = new()
    {
        Id = Id(3),
        Tenant = "default",
        Created = Stamp,
        Updated = Stamp,
        Version = 1,
        SiteId = "site-1",
        Kind = MeterKind.Utility,
        Scheme = IdentifierScheme.PgeSaId,
        Identifier = "1234567890",
        AccountNo = "12345678901",
        IntervalMinutes = 15,
        IntervalDataSince = Day("2026-01-01"),
        TariffMeterId = "meter-1",
    };

    public static Contact Signer { get; } = new()
    {
        Id = Id(4),
        Tenant = "default",
        Created = Stamp,
        Updated = Stamp,
        Version = 1,
        CustomerId = Id(2),
        Name = "Ann Signer",
        Email = "ann@example.com",
        Role = ContactRole.AuthorizedSigner,
    };

    public static Certificate Certificate { get; } = new()
    {
        Id = Id(5),
        Tenant = "default",
        Created = Stamp,
        Updated = Stamp,
        Version = 1,
        Kind = CertificateKind.OpenAdrEc,
        Subject = "CN=site-1",
        Issuer = "CN=Utility CA",
        NotAfter = At("2028-06-01T00:00:00Z"),
        Fingerprint10 = "06:A5:DA:70:60:10:16:37:58:23",
        KeyRef = "/keys/site-1.key",
        CertificateRef = "/keys/site-1.pem",
        State = CertificateState.Installed,
    };

    /// <summary>Complete for OPENADR-PLAIN; <see cref="Facts"/> goes with it.</summary>
    public static Enrollment Enrollment { get; } = new()
    {
        Id = Id(6),
        Tenant = "default",
        Created = Stamp,
        Updated = Stamp,
        Version = 1,
        SiteId = "site-1",
        Template = new TemplateRef("OPENADR-PLAIN", 1),
        MeterPointIds = [Id(3)],
        Period = new DatePeriod { From = Day("2027-05-01"), Until = Day("2027-10-31") },
        StateSince = Now,
        Identity = new ProtocolIdentity
        {
            VtnUrl = "https://vtn.example/OpenADR2/Simple/2.0b",
            VenName = "site-1",
            MarketContext = "http://utility.example/dr",
            CertificateId = Id(5),
        },
        Answers = Answers.None.With("peakDemandKw", "70").With("levelOneKw", "60").With("levelTwoKw", "30").With("levelThreeKw", "10.5"),
    };

    public static EnrollmentFacts Facts { get; } = new()
    {
        Template = Template("OPENADR-PLAIN"),
        Site = Site,
        MeterPoints = [Meter],
        Contacts = [Signer],
        Certificate = Certificate,
    };

    public static Nomination Nomination { get; } = new()
    {
        Id = Id(7),
        Tenant = "default",
        Created = Stamp,
        Updated = Stamp,
        Version = 1,
        EnrollmentId = Id(6),
        DeliveryPeriod = "2027-05",
        Product = "day-ahead 2-6h",
        Kw = 40,
        Deadline = At("2027-04-27T00:00:00Z"),
    };

    /// <summary>All lamps on at that moment, controller connected, test passed.</summary>
    public static ServiceFacts Healthy(Instant now) => new()
    {
        Registration = new Observed<RegistrationFact>(now, new RegistrationFact("registered", "VEN_1", null, now)),
        Opt = new Observed<OptFact>(now, null),
        Reporting = new Observed<ReportingFact>(now, new ReportingFact(now, Duration.FromMinutes(1), 1)),
        Controller = new Observed<SubscriptionFact>(now, new SubscriptionFact(true, now)),
        Test = new ReadinessTest(ReadinessKind.TestLimit, now, true, "the controller took the test limit"),
    };
}
