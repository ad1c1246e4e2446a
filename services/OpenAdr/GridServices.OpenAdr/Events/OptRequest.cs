using GridServices.OpenAdr.Messages;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>What somebody wants the VTN told by oadrCreateOpt: about one event, or for times to come.</summary>
public sealed record OptRequest
{
    public required OptType OptType { get; init; }

    /// <summary>One of <see cref="OptReasons"/>.</summary>
    public required string OptReason { get; init; }

    /// <summary>The event; null: this is a schedule.</summary>
    public string? EventId { get; init; }

    /// <summary>The modification of the event that is meant; null: the one held.</summary>
    public uint? ModificationNumber { get; init; }

    /// <summary>Those of the VEN's own resources that are meant; none: all.</summary>
    public ValueList<string> ResourceIds { get; init; } = [];

    /// <summary>Schedules only: the classes of devices that are meant, such as <c>Electric_Vehicle</c>; none: all. What is left out of a site's devices lifts no limit of the site.</summary>
    public ValueList<string> DeviceClasses { get; init; } = [];

    /// <summary>Schedules only: the program; null: every one.</summary>
    public string? MarketContext { get; init; }

    /// <summary>Schedules only: when.</summary>
    public ValueList<OptPeriod> Periods { get; init; } = [];
}
