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
}
