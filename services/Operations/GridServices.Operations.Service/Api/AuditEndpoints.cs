using System.Globalization;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Storage;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Api;

/// <summary>The audit: read, exported, and held against its hashes.</summary>
internal static class AuditEndpoints
{
    internal static void MapAudit(this IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/v1/audit").WithTags("Audit").Needs(UserPermission.SeeRecords);
        audit.MapGet("/", ListAsync).WithName("listAudit").WithSummary("Writes, newest first")
            .WithDescription("Filter fields: entity, entityId, actor, siteId. The cursor is the sequence of the last entry. Personal data and secrets are masked when an entry is written.")
            .Produces<Page<AuditEntry>>();
        audit.MapGet("/verify", VerifyAsync).WithName("verifyAudit").WithSummary("Whether the whole chain is as it was written, and where it is not")
            .WithDescription("Every entry carries the hash of the one before; the end of the chain is kept apart from it.").Produces<AuditVerdict>();
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, AuditLog log, SiteStore sites, SettingsStore settings, string? filter = null, string? from = null, string? until = null, string? after = null, string? limit = null)
    {
        var actor = http.Actor();
        var access = (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access;
        var query = CreateQuery(ListQuery.Parse(filter, null, after, limit), from, until) with
        {
            Sites = await sites.ShownAsync(actor.Tenant, AccessRules.Filter(actor.Grants, UserPermission.SeeRecords, access), http.RequestAborted),
        };
        var found = await log.ListAsync(actor.Tenant, query with { Limit = query.Limit + 1 }, http.RequestAborted);
        return OperationsWire.Answer(new Paging(after, query.Limit).Cut(found, e => e.Sequence.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task<IResult> VerifyAsync(HttpContext http, AuditLog log) => OperationsWire.Answer(await log.VerifyAsync(http.Actor().Tenant, http.RequestAborted));

    private static AuditQuery CreateQuery(ListQuery list, string? from, string? until)
    {
        var query = new AuditQuery(list.Limit) { From = At(from, "from"), Until = At(until, "until"), Before = Sequence(list.After) };
        foreach (var (field, value) in list.Filter!)
        {
            query = field switch
            {
                "entity" => query with { Kind = value },
                "entityId" => query with { EntityId = value },
                "actor" => query with { Actor = value },
                "siteId" => query with { SiteId = value },
                _ => throw new ProblemException(ErrorClass.SemanticCode, "The fields of the audit are entity, entityId, actor and siteId.", "filter"),
            };
        }

        return query;
    }

    private static long? Sequence(string? after) => after is null ? null
        : long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence
        : throw new ProblemException(ErrorClass.CursorInvalid, "This is no cursor of the audit; start again without after.", "after");

    internal static Instant? At(string? text, string name) => text is null ? null
        : InstantPattern.ExtendedIso.Parse(text) is { Success: true, Value: var at } ? at
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} is an instant in UTC such as 2027-01-15T18:00:00Z.", name);
}
