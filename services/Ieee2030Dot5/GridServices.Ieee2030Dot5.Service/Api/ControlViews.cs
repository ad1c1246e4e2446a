using GridServices.Ieee2030Dot5.Events;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>What a control or a default says of one mode.</summary>
/// <param name="Mode">expLimW, impLimW, genLimW, loadLimW, connect, energize, maxLimW, fixedW, targetW, storageTargetW, freqDroop.</param>
/// <param name="Amount">W; hundredths of a per cent for maxLimW and fixedW; 1 or 0 for connect and energize.</param>
public sealed record SettingItem(ControlMode Mode, decimal Amount)
{
    internal static IReadOnlyList<SettingItem> Of(IEnumerable<ModeSetting> settings) => [.. settings.Select(s => new SettingItem(s.Mode, s.Amount))];
}

/// <summary>A program as it is applied.</summary>
public sealed record ProgramItem
{
    public required string SiteId { get; init; }

    /// <summary>Of the EndDevice.</summary>
    public required string Lfdi { get; init; }

    /// <summary>mRID, or href where it has none.</summary>
    public required string Program { get; init; }

    /// <summary>Lower wins.</summary>
    public required int Primacy { get; init; }

    /// <summary>What holds while no control does; absent where the program has no default.</summary>
    public DefaultItem? Default { get; init; }

    internal static ProgramItem Of(string siteId, string lfdi, HeldProgram program) => new()
    {
        SiteId = siteId,
        Lfdi = lfdi,
        Program = program.Key,
        Primacy = program.Primacy,
        Default = program.Default is { } held ? new DefaultItem(held.MRid, SettingItem.Of(held.Settings), held.SetGradW) : null,
    };
}

/// <summary>A DefaultDERControl.</summary>
/// <param name="MRid">Its mRID.</param>
/// <param name="Settings">By mode.</param>
/// <param name="SetGradW">Ramp rate, hundredths of a per cent of setMaxW per second.</param>
public sealed record DefaultItem(string MRid, IReadOnlyList<SettingItem> Settings, int? SetGradW);

/// <summary>A control as it stands now.</summary>
public sealed record ControlItem
{
    public required string SiteId { get; init; }

    /// <summary>Of the EndDevice.</summary>
    public required string Lfdi { get; init; }

    public required string MRid { get; init; }
    public required string Program { get; init; }
    public required int Primacy { get; init; }
    public required ControlStatus Status { get; init; }

    /// <summary>With the drawn offset.</summary>
    public required Instant Start { get; init; }

    /// <summary>Exclusive, with the drawn offset; sooner where it was ended before its time.</summary>
    public required Instant End { get; init; }

    /// <summary>Seconds drawn for the start.</summary>
    public required long StartOffsetS { get; init; }

    /// <summary>Seconds drawn for the duration.</summary>
    public required long DurationOffsetS { get; init; }

    public required IReadOnlyList<SettingItem> Settings { get; init; }

    /// <summary>Hundredths of a second for the change into it.</summary>
    public long? RampTms { get; init; }

    public required Instant ReceivedAt { get; init; }

    /// <summary>Response statuses that fell due, in order: 1 received, 2 started, 3 completed, 6 cancelled, 7 superseded…</summary>
    public required IReadOnlyList<int> Told { get; init; }

    internal static ControlItem Of(string siteId, string lfdi, HeldControl control, Instant serverNow) => new()
    {
        SiteId = siteId,
        Lfdi = lfdi,
        MRid = control.MRid,
        Program = control.ProgramKey,
        Primacy = control.Primacy,
        Status = StatusOf(control, serverNow),
        Start = control.Start,
        End = control.Over(),
        StartOffsetS = control.StartOffsetS,
        DurationOffsetS = control.DurationOffsetS,
        Settings = SettingItem.Of(control.Content.Settings),
        RampTms = control.Content.RampTms,
        ReceivedAt = control.ReceivedAt,
        Told = [.. control.Told.Select(t => (int)t)],
    };

    private static ControlStatus StatusOf(HeldControl control, Instant now) => control switch
    {
        { Ending.Kind: EndingKind.Cancelled } when now >= control.Over() => ControlStatus.Cancelled,
        { Ending.Kind: EndingKind.Superseded } when now >= control.Over() => ControlStatus.Superseded,
        { Ending.Kind: EndingKind.Removed } => ControlStatus.Removed,
        _ when now < control.Start => ControlStatus.Scheduled,
        _ when now < control.Over() => ControlStatus.Active,
        _ => ControlStatus.Completed,
    };
}

/// <summary>removed: its program is no longer assigned to the device.</summary>
public enum ControlStatus
{
    Scheduled,
    Active,
    Completed,
    Cancelled,
    Superseded,
    Removed,
}
