using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>What an EndDeviceControl asks of loads, and what people made of it.</summary>
public sealed record LoadControlItem
{
    /// <summary>True: people may override it for <see cref="OverrideDuration"/> only.</summary>
    public required bool Mandatory { get; init; }

    /// <summary>For how long people may override it and still count as having taken part.</summary>
    public required Duration OverrideDuration { get; init; }

    /// <summary>TargetReduction as sent; absent: none.</summary>
    public int? TargetReduction { get; init; }

    /// <summary>Of the reduction: kWh, kW, W, or the standard's number of another unit.</summary>
    public string? Unit { get; init; }

    /// <summary>Per cent of the time that loads may be on; absent: not said.</summary>
    public int? DutyCycle { get; init; }

    /// <summary>Per cent by which the load is to be less; absent: not said.</summary>
    public decimal? LoadOffset { get; init; }

    /// <summary>What the site drew when the control began, W, which its reductions and shares refer to; absent: the configured reference.</summary>
    public long? PresentLoadW { get; init; }

    /// <summary>True: people override it now.</summary>
    public required bool OptedOut { get; init; }

    /// <summary>When the override ends by itself, by the server's clock; absent: not.</summary>
    public Instant? OptedOutUntil { get; init; }

    internal static LoadControlItem? From(HeldControl control, LoadControlState state, Instant serverNow)
    {
        if (control.Content.Load is not { } terms)
        {
            return null;
        }

        var opted = LoadControlOpts.InForce(control, serverNow);
        return new LoadControlItem
        {
            Mandatory = terms.IsMandatory,
            OverrideDuration = Duration.FromSeconds(terms.OverrideS),
            TargetReduction = terms.Reduction?.Value,
            Unit = terms.Reduction is { } reduction ? FormatUnit(reduction) : null,
            DutyCycle = terms.DutyCycle,
            LoadOffset = terms.Offset?.LoadPercent / 100m,
            PresentLoadW = state.Loads.FirstOrDefault(l => l.MRid == control.MRid)?.Watts,
            OptedOut = opted is not null,
            OptedOutUntil = opted?.Until,
        };
    }

    private static string FormatUnit(TargetReduction reduction) => reduction.Unit switch
    {
        Messages.TargetReduction.KilowattHours => "kWh",
        Messages.TargetReduction.Kilowatts => "kW",
        Messages.TargetReduction.Watts => "W",
        var other => other.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}

/// <summary>A choice about an EndDeviceControl.</summary>
public sealed record ControlOptBody
{
    public required ControlOpt OptType { get; init; }

    /// <summary>Absent: the client's only site.</summary>
    public string? SiteId { get; init; }
}

/// <summary>optOut: the control is not followed from now on; optIn: it is again.</summary>
public enum ControlOpt
{
    OptIn,
    OptOut,
}
