using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Audit;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Service.Sites;

/// <summary>Something that was asked to be done to many sites, and how far it is.</summary>
public sealed record SiteActionRun
{
    public string Id { get; init; } = string.Empty;

    /// <summary>optOut, suspend, addTag or removeTag.</summary>
    public string Action { get; init; } = string.Empty;

    /// <summary>Of exactly these steps: sent with the next request, nothing else is done.</summary>
    public string Mark { get; init; } = string.Empty;

    /// <summary>True: its rows say what would be done, and nothing is.</summary>
    public bool DryRun { get; init; }

    /// <summary>The rule of two persons asks for a second one before some of it is done.</summary>
    public bool NeedsSecond { get; init; }

    /// <summary>queued, running, done or cancelled.</summary>
    public string State { get; init; } = string.Empty;

    /// <summary>Sites that were named.</summary>
    public long Sites { get; init; }

    /// <summary>What is to be done: a site may have several, one per event or enrollment.</summary>
    public long Steps { get; init; }

    /// <summary>Steps that are done.</summary>
    public long Done { get; init; }

    /// <summary>Steps that wait for a second person.</summary>
    public long Waiting { get; init; }

    /// <summary>Rows that were left out or refused.</summary>
    public long Refused { get; init; }

    public string CreatedBy { get; init; } = string.Empty;
    public Instant CreatedAt { get; init; }
    public Instant? StartedAt { get; init; }
    public Instant? EndedAt { get; init; }

    internal SiteAction ActionKind => EnumNames<SiteAction>.TryParse(Action, out var kind) ? kind : throw new InvalidOperationException($"'{Action}' is no action on sites.");

    internal bool IsOpen => State is "queued" or "running";
}

/// <summary>One step at one site, or why there is none.</summary>
public sealed record SiteActionRow
{
    /// <summary>From 1, in the order in which it is done.</summary>
    public long Number { get; init; }

    public string SiteId { get; init; } = string.Empty;

    /// <summary>Of an opt-out.</summary>
    public string? EventId { get; init; }

    /// <summary>Of a suspension.</summary>
    public string? EnrollmentId { get; init; }

    /// <summary>planned, done, waiting (for a second person), refused or cancelled.</summary>
    public string Status { get; init; } = string.Empty;

    /// <summary>Why it is refused, such as noEvent or hasTag; for software.</summary>
    public string? Code { get; init; }

    /// <summary>The same for people; empty where nothing is to be said.</summary>
    public string Message { get; init; } = string.Empty;

    /// <summary>What is planned first, then what is left out.</summary>
    /// <param name="plan">All of it.</param>
    /// <param name="describe">Gives the words for <see cref="SiteActionRefusal.Why"/>.</param>
    internal static IReadOnlyList<SiteActionRow> Create(SiteActionPlan plan, Func<string, string> describe)
    {
        var planned = plan.Steps.Select(s => new SiteActionRow { SiteId = s.SiteId, EventId = s.Event?.Id, EnrollmentId = s.Enrollment?.Id, Status = "planned" });
        var refused = plan.Refused.Select(r => new SiteActionRow
        {
            SiteId = r.SiteId,
            Status = "refused",
            Code = r.Why[(r.Why.IndexOf('.', StringComparison.Ordinal) + 1)..],
            Message = r.Detail is { } detail ? $"{describe(r.Why)} {detail}" : describe(r.Why),
        });
        return [.. planned.Concat(refused).Select((row, i) => row with { Number = i + 1 })];
    }
}

/// <summary>What is to be done and in whose name, as it was when it was asked for.</summary>
internal sealed record SiteActionOrder(SiteActionRequest Request, string By, AuditActorKind Kind, ValueList<AccessGrant> Grants, string? SourceIp)
{
    internal static SiteActionOrder Create(Actor actor, SiteActionRequest request) => new(request, actor.Name, actor.Kind, actor.Grants, actor.SourceIp);

    internal Actor CreateActor(string tenant, string id) => new(tenant, By, Kind) { Grants = Grants, RequestId = id, SourceIp = SourceIp };
}
