using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Service.Api;

/// <summary>The tenant's settings, and how the other services answer.</summary>
internal static class SettingsEndpoints
{
    internal static void MapSettings(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/settings").WithTags("Settings").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", GetAsync).Needs(UserPermission.SeeSites).WithName("getSettings").WithSummary("The tenant's settings").WithDescription("Defaults where nothing was ever saved.")
            .Produces<SettingsBody>().WritesETag();
        group.MapPut("/", PutAsync).NeedsTenant(UserPermission.Administer).WithName("putSettings").WithSummary("Change the tenant's settings").WithDescription("What is left out goes back to its default. Switching publishConnectionLimit publishes, or withdraws, the limit of every site in the same commit.")
            .Accepts<SettingsBody>(OperationsWire.Json).Produces<SettingsBody>().TakesIfMatch().WritesETag();
        routes.MapGet("/v1/services", ServicesAsync).Needs(UserPermission.SeeSites).WithTags("Settings").WithName("listServices")
            .WithSummary("How the other services answer").WithDescription("What is known of a service that does not answer is unknown from its last answer on.").Produces<IReadOnlyList<ServiceItem>>();
    }

    private static async Task<IResult> GetAsync(HttpContext http, SettingsStore settings) => Answer(http, await settings.GetAsync(http.Actor().Tenant, http.RequestAborted));

    private static async Task<IResult> PutAsync(HttpContext http, SettingsStore settings, SettingsCommands commands, OperationsStore operations)
    {
        var body = OperationsWire.Read<SettingsBody>(await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json));
        body.Check();
        var held = await settings.GetAsync(http.Actor().Tenant, http.RequestAborted);
        http.RequireMatch(GetETag(held));
        return Answer(http, await operations.WriteAsync(http.Actor(), transaction => commands.SaveAsync(transaction, body.Apply(held)), http.RequestAborted));
    }

    private static Task<IResult> ServicesAsync(HttpContext http, ServiceAvailability availability) => Task.FromResult(
        OperationsWire.Answer(availability.All(http.Actor().Tenant).Select(s => new ServiceItem(s.Service.ToString(), s.Problem is null, s.OkAt, s.FailedSince, s.Problem)).ToList()));

    private static IResult Answer(HttpContext http, TenantSettings settings)
    {
        http.Tag(GetETag(settings));
        return OperationsWire.Answer(SettingsBody.From(settings));
    }

    private static string GetETag(TenantSettings settings) => $"\"settings-{settings.Version}\"";
}

/// <summary>The tenant's settings as they are written.</summary>
public sealed record SettingsBody
{
    /// <summary>Whether customers opt their own sites in and out.</summary>
    public bool CustomersMayOpt { get; init; }

    /// <summary>Whether opt-outs of many sites and ends of enrollments need a second person.</summary>
    public bool TwoPersonRule { get; init; }

    /// <summary>An opt-out of more sites than these needs a second person.</summary>
    public int TwoPersonOptOutSites { get; init; } = 10;

    /// <summary>BCP 47; for texts to people whose language is not known.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Whether the limit of each site's connection is published to the hub; switching it acts on every site at once.</summary>
    public bool PublishConnectionLimit { get; init; } = true;

    /// <summary>How long the audit is kept.</summary>
    public int AuditYears { get; init; } = 7;

    /// <summary>How long messages and deliveries stay in the delivery log, days.</summary>
    public int DeliveryDays { get; init; } = 400;

    /// <summary>Reasons that people are offered when they opt; empty = all.</summary>
    public IReadOnlyList<OptReason> OptReasons { get; init; } = [];

    /// <summary>How long a primary contact has to acknowledge before the backup contact is told, minutes.</summary>
    public int AcknowledgeMinutes { get; init; } = 15;

    /// <summary>When, by each contact's clock, what can wait is told in one message (hh:mm:ss); absent = each by itself.</summary>
    public LocalTime? DigestAt { get; init; }

    /// <exception cref="FormException">A value is out of bounds.</exception>
    internal void Check() =>
        new FormCheck().Language("/language", Language).Unless(AuditYears is >= 1 and <= 100, "/auditYears", "must be 1 to 100")
            .Unless(DeliveryDays is >= 100 and <= 4_000, "/deliveryDays", "must be 100 to 4000").Unless(AcknowledgeMinutes is >= 1 and <= 1_440, "/acknowledgeMinutes", "must be 1 to 1440")
            .Unless(TwoPersonOptOutSites >= 1, "/twoPersonOptOutSites", "must be 1 or more")
            .ThrowIfAny();

    internal static SettingsBody From(TenantSettings settings) => new()
    {
        CustomersMayOpt = settings.Access.CustomersMayOpt,
        TwoPersonRule = settings.TwoPerson.Enabled,
        TwoPersonOptOutSites = settings.TwoPerson.OptOutSites,
        Language = settings.Language,
        PublishConnectionLimit = settings.PublishConnectionLimit,
        AuditYears = settings.AuditYears,
        DeliveryDays = settings.DeliveryDays,
        OptReasons = settings.OptReasons,
        AcknowledgeMinutes = settings.AcknowledgeMinutes,
        DigestAt = settings.DigestAt,
    };

    internal TenantSettings Apply(TenantSettings held) => held with
    {
        Access = held.Access with { CustomersMayOpt = CustomersMayOpt },
        TwoPerson = held.TwoPerson with { Enabled = TwoPersonRule, OptOutSites = TwoPersonOptOutSites },
        Language = Language,
        PublishConnectionLimit = PublishConnectionLimit,
        AuditYears = AuditYears,
        DeliveryDays = DeliveryDays,
        OptReasons = OptReasons.ToValueList(),
        AcknowledgeMinutes = AcknowledgeMinutes,
        DigestAt = DigestAt,
    };
}

/// <summary>How a service answers.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Answers">False: nothing is known of it since <paramref name="OkAt"/>.</param>
/// <param name="OkAt">Its last good answer; absent: none yet.</param>
/// <param name="FailedSince">Since when it does not answer.</param>
/// <param name="Problem">Why not.</param>
public sealed record ServiceItem(string Service, bool Answers, Instant? OkAt, Instant? FailedSince, string? Problem);
