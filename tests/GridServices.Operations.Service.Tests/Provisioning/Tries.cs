using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>Single tries of what enrollments want at a <see cref="ForgetfulService"/>, each made by the test.</summary>
internal static class Tries
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Task<ServiceDocumentRow?> FindAsync(OperationsParts parts, string path) => parts.Get<ServiceDocumentStore>().FindAsync("default", path, Ct);

    public static async Task<EnrollmentState> StateAsync(OperationsParts parts, string id) => (await parts.Get<EnrollmentStore>().FindAsync("default", id, Ct))!.State;

    /// <summary>The paths that are kept for an enrollment.</summary>
    public static async Task<IReadOnlyList<string>> PathsAsync(OperationsParts parts, string id) => [.. (await parts.Get<ServiceDocumentStore>().ListByEnrollmentAsync("default", id, Ct)).Select(d => d.Path)];

    /// <summary>One try of what is wanted at the services now.</summary>
    public static async Task ApplyAsync(OperationsParts parts, string id) =>
        await parts.Get<Provisioner>().ExecuteAsync(await parts.Get<EnrollmentWork>().FindAsync("default", id, Ct) ?? new WorkRow { Tenant = "default", EnrollmentId = id }, Ct);

    /// <summary>Changes it in the store alone; nothing is wanted by that.</summary>
    public static Task<Enrollment> ChangeAsync(OperationsParts parts, string id, Func<Enrollment, Enrollment> change) => parts.WriteAsync(async transaction =>
    {
        var held = await parts.Get<EnrollmentStore>().FindAsync(transaction.Tx, "default", id);
        return await transaction.UpdateAsync(parts.Get<EnrollmentStore>(), held!, change(held!), "changed");
    });

    public static async Task<MeterPoint> MeterAsync(OperationsParts parts, string siteId, string identifier, string? tariff = "depot") => await parts.WriteAsync(transaction => parts.Get<MeterPointHandler>().CreateAsync(
        transaction, new MeterPointBody { SiteId = siteId, Kind = MeterKind.Utility, Scheme = IdentifierScheme.Other, Identifier = identifier, TariffId = tariff, IntervalMinutes = 15 }));

    /// <summary>Site site-1 with a meter, enrolled.</summary>
    public static async Task<Enrollment> EnrollAsync(OperationsParts parts, string? tariff = null)
    {
        await parts.SitesAsync("site-1");
        return await EnrollAsync(parts, "site-1", null, (await MeterAsync(parts, "site-1", "M-1", tariff)).Id);
    }

    /// <summary>A site that is there with meters that are there, enrolled; a VEN key absent is the site's.</summary>
    public static Task<Enrollment> EnrollAsync(OperationsParts parts, string siteId, ProtocolIdentity? identity, params string[] meters) => parts.WriteAsync(transaction => transaction.InsertAsync(
        parts.Get<EnrollmentStore>(),
        new Enrollment
        {
            Id = transaction.NewId(),
            Tenant = "default",
            Created = new Stamp(transaction.Now, "ann"),
            Updated = new Stamp(transaction.Now, "ann"),
            Version = 1,
            SiteId = siteId,
            MeterPointIds = [.. meters],
            Template = new TemplateRef("OPENADR-PLAIN", 2),
            Period = new DatePeriod { From = new LocalDate(2026, 1, 1) },
            Identity = (identity ?? new ProtocolIdentity()) with { VtnUrl = "https://vtn.example", VenName = siteId },
            Answers = Answers.None.With("peakDemandKw", "70").With("levelOneKw", "60").With("levelTwoKw", "30").With("levelThreeKw", "10"),
            StateSince = transaction.Now,
            State = EnrollmentState.Provisioning,
        }));
}
