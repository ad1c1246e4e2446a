using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Responses;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>What a control or a default says of one mode.</summary>
/// <param name="Mode">expLimW, impLimW, genLimW, loadLimW, connect, energize, maxLimW, fixedW, targetW, storageTargetW, freqDroop.</param>
/// <param name="Amount">W; hundredths of a per cent for maxLimW and fixedW; 1 or 0 for connect and energize.</param>
public sealed record SettingItem(ControlMode Mode, decimal Amount)
{
    internal static IReadOnlyList<SettingItem> FromAll(IEnumerable<ModeSetting> settings) => [.. settings.Select(s => new SettingItem(s.Mode, s.Amount))];
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

    internal static ProgramItem From(string siteId, string lfdi, HeldProgram program) => new()
    {
        SiteId = siteId,
        Lfdi = lfdi,
        Program = program.Key,
        Primacy = program.Primacy,
        Default = program.Default is { } held ? new DefaultItem(held.MRid, SettingItem.FromAll(held.Settings), held.SetGradW) : null,
    };
}

/// <summary>A DefaultDERControl.</summary>
/// <param name="MRid">Its mRID.</param>
/// <param name="Settings">By mode.</param>
/// <param name="SetGradW">Ramp rate, hundredths of a per cent of setMaxW per second.</param>
public sealed record DefaultItem(string MRid, IReadOnlyList<SettingItem> Settings, int? SetGradW);

/// <summary>A control as it stands now. All of its times are by the server's clock; <see cref="ServerAheadS"/> tells how far that is from ours.</summary>
public sealed record ControlItem
{
    public required string SiteId { get; init; }

    /// <summary>Of the EndDevice.</summary>
    public required string Lfdi { get; init; }

    public required string MRid { get; init; }
    public required string Program { get; init; }
    public required int Primacy { get; init; }
    public required ControlStatus Status { get; init; }

    /// <summary>Seconds by which the server's clock, which the times here are of, is ahead of ours.</summary>
    public required double ServerAheadS { get; init; }

    /// <summary>By the server's clock, with the drawn offset.</summary>
    public required Instant Start { get; init; }

    /// <summary>By the server's clock, exclusive, with the drawn offset; sooner where it was ended before its time.</summary>
    public required Instant End { get; init; }

    /// <summary>Seconds drawn for the start.</summary>
    public required long StartOffsetS { get; init; }

    /// <summary>Seconds drawn for the duration.</summary>
    public required long DurationOffsetS { get; init; }

    public required IReadOnlyList<SettingItem> Settings { get; init; }

    /// <summary>Hundredths of a second for the change into it.</summary>
    public long? RampTms { get; init; }

    /// <summary>By the server's clock.</summary>
    public required Instant ReceivedAt { get; init; }

    /// <summary>Response statuses that the server has taken, in order: 1 received, 2 started, 3 completed, 6 cancelled, 7 superseded…; those owed are under …/responses.</summary>
    public required IReadOnlyList<int> Told { get; init; }

    /// <summary>What it asks of loads, where it is an EndDeviceControl; absent of DERControls.</summary>
    public LoadControlItem? LoadControl { get; init; }

    /// <summary>All of a device, of DER and of loads.</summary>
    internal static IEnumerable<ControlItem> All(DeviceState device, DerClientState state, Instant serverNow) =>
        device.Schedule.Controls.Select(c => From(device, c, state, serverNow)).Concat(device.LoadControl.Schedule.Controls.Select(c => FromLoad(device, c, state, serverNow)));

    internal static ControlItem FromLoad(DeviceState device, HeldControl control, DerClientState state, Instant serverNow) =>
        From(device, control, state, serverNow) with { LoadControl = LoadControlItem.From(control, device.LoadControl, serverNow) };

    internal static ControlItem From(DeviceState device, HeldControl control, DerClientState state, Instant serverNow) => new()
    {
        SiteId = device.SiteId,
        Lfdi = device.Lfdi,
        ServerAheadS = Math.Round(state.Clock.Offset.TotalSeconds, 1),
        MRid = control.MRid,
        Program = control.ProgramKey,
        Primacy = control.Primacy,
        Status = GetStatus(control, serverNow),
        Start = control.Start,
        End = control.Over(),
        StartOffsetS = control.StartOffsetS,
        DurationOffsetS = control.DurationOffsetS,
        Settings = SettingItem.FromAll(control.Content.Settings),
        RampTms = control.Content.RampTms,
        ReceivedAt = control.ReceivedAt,
        Told = [.. control.Told.Where(s => IsTaken(state, device.Lfdi, control, s))],
    };

    // What fell due and was not asked for, or is not sent yet, was told to nobody.
    private static bool IsTaken(DerClientState state, string lfdi, HeldControl control, int status) =>
        control.Content.IsAsked(status) && !state.Responses.Any(r => r.Outcome != ResponseOutcome.Taken && r.Status == status
            && string.Equals(r.MRid, control.MRid, StringComparison.OrdinalIgnoreCase) && string.Equals(r.Lfdi, lfdi, StringComparison.OrdinalIgnoreCase));

    private static ControlStatus GetStatus(HeldControl control, Instant now) => control switch
    {
        { Ending.Kind: EndingKind.Cancelled } when now >= control.Over() => ControlStatus.Cancelled,
        { Ending.Kind: EndingKind.Superseded } when now >= control.Over() => ControlStatus.Superseded,
        { Ending.Kind: EndingKind.Removed } => ControlStatus.Removed,
        _ when control.Closed is not null && control.Told is [.., Messages.ResponseStatus.Superseded] => ControlStatus.Superseded,
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
