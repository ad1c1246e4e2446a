using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What an EndDeviceControl asks, as sent: what it amounts to at the site follows from the policy, which may change while the control doesn't.</summary>
public sealed record LoadTerms
{
    /// <summary>drProgramMandatory: people may override it for <see cref="OverrideS"/> only.</summary>
    public bool IsMandatory { get; init; }

    /// <summary>Seconds for which people may override it and still count as having taken part.</summary>
    public int OverrideS { get; init; }

    /// <summary>loadShiftForward: more is to be consumed.</summary>
    public bool RaisesLoad { get; init; }

    public TargetReduction? Reduction { get; init; }

    /// <summary>Per cent.</summary>
    public byte? DutyCycle { get; init; }

    public LoadOffset? Offset { get; init; }
    public bool HasSetPoint { get; init; }
    public byte? Appliance { get; init; }

    internal static LoadTerms From(EndDeviceControl sent) => new()
    {
        IsMandatory = sent.DrProgramMandatory,
        OverrideS = sent.OverrideDuration ?? 0,
        RaisesLoad = sent.LoadShiftForward,
        Reduction = sent.TargetReduction,
        DutyCycle = sent.DutyCycle,
        Offset = sent.Offset,
        HasSetPoint = sent.SetPoint is { Cooling: not null } or { Heating: not null },
        Appliance = sent.ApplianceLoadReduction,
    };
}

/// <summary>The limit that an EndDeviceControl amounts to: the least of what it states.</summary>
public sealed record LoadRule
{
    /// <summary>Share of the reference that may be drawn, 0 to 1.</summary>
    public decimal? Share { get; init; }

    /// <summary>W less than the reference.</summary>
    public decimal? CutW { get; init; }

    /// <summary>W, whatever the reference.</summary>
    public decimal? CeilingW { get; init; }

    /// <summary>W, never below 0.</summary>
    /// <param name="referenceW">Null only where nothing refers to it.</param>
    public decimal LimitW(long? referenceW)
    {
        var limit = CeilingW ?? decimal.MaxValue;
        if (referenceW is { } reference)
        {
            limit = Share is { } share ? Math.Min(limit, reference * share) : limit;
            limit = CutW is { } cut ? Math.Min(limit, reference - cut) : limit;
        }

        return Math.Max(0, limit);
    }
}

/// <summary>People override a control.</summary>
/// <param name="From">Server time.</param>
/// <param name="Until">Exclusive; null: until they opt in again.</param>
public sealed record OptOut(Instant From, Instant? Until);
