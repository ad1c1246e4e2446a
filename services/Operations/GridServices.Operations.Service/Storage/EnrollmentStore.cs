using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Protection;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Storage;

/// <summary>Enrollments.</summary>
internal sealed class EnrollmentStore(Store store, ColumnProtector protector) : EntityStore<Enrollment>("enrollments", store, protector)
{
    internal override string Kind => "enrollment";

    protected override IReadOnlyList<Column<Enrollment>> Columns { get; } =
    [
        new("site_id", e => e.SiteId), new("program", e => e.Template.Code), new("state", e => EnumNames<EnrollmentState>.GetName(e.State)),
        new("attention", e => e.Attention || e.Drifted ? "true" : "false"),
        new("period_from", e => LocalDatePattern.Iso.Format(e.Period.From)), new("period_until", e => e.Period.Until is { } last ? LocalDatePattern.Iso.Format(last) : null),
        new("ven_key", e => e.Identity.VenKey), new("client_key", e => e.Identity.ClientKey), new("certificate_id", e => e.Identity.CertificateId),
        new("due_at", e => e.RequiredActions.Where(a => a.Due is not null).Select(a => a.Due).Min(), null),
    ];

    internal override string? FindSiteId(Enrollment entity) => entity.SiteId;

    internal Task<IReadOnlyList<Enrollment>> ListBySiteAsync(string tenant, string siteId, CancellationToken ct = default) =>
        WhereAsync(tenant, "site_id = @siteId ORDER BY id", new { siteId }, ct);

    internal Task<IReadOnlyList<Enrollment>> ListBySiteAsync(System.Data.Common.DbTransaction tx, string tenant, string siteId) =>
        WhereAsync(tx.Connection!, tx, tenant, "site_id = @siteId ORDER BY id", new { siteId });

    /// <summary>Those of one or two sites.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListBySitesAsync(System.Data.Common.DbTransaction tx, string tenant, string siteId, string otherSiteId) =>
        WhereAsync(tx.Connection!, tx, tenant, "site_id IN (@siteId, @otherSiteId) ORDER BY id", new { siteId, otherSiteId });

    internal Task<IReadOnlyList<Enrollment>> ListBySitesAsync(string tenant, IEnumerable<string> siteIds, CancellationToken ct = default) => InAsync(tenant, "site_id", siteIds, ct);

    /// <summary>The enrollment with all that share its site, VEN or client.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListGroupAsync(string tenant, Enrollment enrollment, CancellationToken ct = default) => WhereAsync(
        tenant, "(site_id = @SiteId OR ven_key = @VenKey OR client_key = @ClientKey) ORDER BY id", new { enrollment.SiteId, enrollment.Identity.VenKey, enrollment.Identity.ClientKey }, ct);

    /// <summary>Those of some 2030.5 clients.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListByClientsAsync(string tenant, IEnumerable<string> clientKeys, CancellationToken ct = default) => InAsync(tenant, "client_key", clientKeys, ct);

    /// <summary>Those of some VENs.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListByVensAsync(string tenant, IEnumerable<string> venKeys, CancellationToken ct = default) => InAsync(tenant, "ven_key", venKeys, ct);

    /// <summary>Those whose identity is this certificate.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListByCertificateAsync(System.Data.Common.DbTransaction tx, string tenant, string certificateId) =>
        WhereAsync(tx.Connection!, tx, tenant, "certificate_id = @certificateId ORDER BY id", new { certificateId });

    /// <summary>Those of which something is due before an instant, the nearest first; who was refused, or has left, owes nothing. Sites null: of all.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListDueAsync(string tenant, Instant before, IReadOnlySet<string>? sites, int most, CancellationToken ct = default)
    {
        var parameters = new DynamicParameters(new { before, most = (long)most });
        var ofSites = sites is null ? string.Empty : $" AND {BuildSiteCondition(sites, parameters)}";
        return WhereAsync(tenant, $"due_at < @before AND state NOT IN ('ended', 'withdrawn', 'rejected'){ofSites} ORDER BY due_at, id LIMIT @most", parameters, ct);
    }

    /// <summary>Those in one of the states, after an id.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListByStatesAsync(string tenant, IReadOnlyCollection<EnrollmentState> states, string after, int most, CancellationToken ct = default) => WhereAsync(
        tenant, $"id > @after AND state IN ({string.Join(", ", states.Select(s => $"'{EnumNames<EnrollmentState>.GetName(s)}'"))}) ORDER BY id LIMIT @most", new { after, most = (long)most }, ct);
}
