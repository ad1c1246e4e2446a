using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Driver;
using NodaTime;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>An opt that is wanted: about one event (<see cref="EventId"/>), or a schedule (<see cref="Periods"/>).</summary>
public sealed record OptBody
{
    public required OptType OptType { get; init; }

    /// <summary>economic, emergency, mustRun, notParticipating, outageRunStatus, overrideStatus, participating or x-schedule.</summary>
    public required string OptReason { get; init; }

    /// <summary>The event; absent: this is a schedule.</summary>
    public string? EventId { get; init; }

    /// <summary>The modification of the event that is meant; absent: the one held.</summary>
    public uint? ModificationNumber { get; init; }

    /// <summary>Those of the VEN's own resources that are meant; absent: all.</summary>
    public IReadOnlyList<string>? ResourceIds { get; init; }

    /// <summary>Of a schedule: the classes of devices that are meant, such as Electric_Vehicle; absent: all. The VTN is told; no limit of a site is lifted by it.</summary>
    public IReadOnlyList<string>? DeviceClasses { get; init; }

    /// <summary>Of a schedule: the program that is meant; absent: every one.</summary>
    public string? MarketContext { get; init; }

    /// <summary>Of a schedule: when, 1 to 256 periods.</summary>
    public IReadOnlyList<OptPeriod>? Periods { get; init; }

    /// <summary>For people; kept with the opt, not told to the VTN.</summary>
    public string? Reason { get; init; }

    /// <summary>The person for whom the token's holder acts, e.g. the user of a console. At most 200 characters.</summary>
    public string? Actor { get; init; }

    internal OptRequest ToRequest() => new()
    {
        OptType = OptType,
        OptReason = OptReason,
        EventId = EventId,
        ModificationNumber = ModificationNumber,
        ResourceIds = [.. ResourceIds ?? []],
        DeviceClasses = [.. DeviceClasses ?? []],
        MarketContext = MarketContext,
        Periods = [.. Periods ?? []],
    };
}

/// <summary>An opt of the VEN and where it stands with the VTN.</summary>
public sealed record OptItem
{
    public required string OptId { get; init; }
    public required OptStatus Status { get; init; }
    public required OptType OptType { get; init; }
    public required string OptReason { get; init; }
    public string? EventId { get; init; }

    /// <summary>Of the event, as the VTN is told it.</summary>
    public uint? ModificationNumber { get; init; }

    /// <summary>The resources meant; empty: all.</summary>
    public required IReadOnlyList<string> ResourceIds { get; init; }

    /// <summary>Of a schedule: the classes of devices meant; empty: all.</summary>
    public required IReadOnlyList<string> DeviceClasses { get; init; }

    public string? MarketContext { get; init; }
    public IReadOnlyList<OptPeriod>? Periods { get; init; }

    /// <summary>The VEN's sites that are meant.</summary>
    public required IReadOnlyList<string> Sites { get; init; }

    public required Instant CreatedAt { get; init; }

    /// <summary>Who made it: the token's name; absent: the VEN's own doing.</summary>
    public string? By { get; init; }

    /// <summary>The person for whom the token's holder acted.</summary>
    public string? Actor { get; init; }

    public string? Reason { get; init; }

    /// <summary>When the VTN took it, in the registration in force.</summary>
    public Instant? HeldAt { get; init; }

    /// <summary>Refused: code and words of the VTN; otherwise what the VTN did last with a message about it that it has not taken.</summary>
    public string? Problem { get; init; }

    /// <summary>When that message is sent again by itself.</summary>
    public Instant? NextTryAt { get; init; }

    /// <summary>Since when it is parked; POST actions/resend sends it again.</summary>
    public Instant? ParkedAt { get; init; }

    /// <summary>The schedule that takes this one's place as soon as the VTN took it.</summary>
    public string? ReplacedBy { get; init; }

    internal static OptItem From(VenView view, VenOpt opt)
    {
        var owed = opt.FindPending(view.State);
        return new OptItem
        {
            OptId = opt.OptId,
            Status = opt.StatusIn(view.State),
            OptType = opt.Request.OptType,
            OptReason = opt.Request.OptReason,
            EventId = opt.Request.EventId,
            ModificationNumber = opt.Event?.ModificationNumber,
            ResourceIds = opt.Request.ResourceIds,
            DeviceClasses = opt.Request.DeviceClasses,
            MarketContext = opt.Request.MarketContext,
            Periods = opt.IsSchedule ? opt.Request.Periods : null,
            Sites = OptSites.Select(view.Config, opt),
            CreatedAt = opt.Choice.At,
            By = opt.Choice.By,
            Actor = opt.Choice.Actor,
            Reason = opt.Choice.Reason,
            HeldAt = opt.HeldAt,
            Problem = opt.Refusal ?? owed?.Problem,
            NextTryAt = owed?.NotBefore,
            ParkedAt = owed?.ParkedAt,
            ReplacedBy = opt.ReplacedBy,
        };
    }
}
