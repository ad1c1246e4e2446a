using System.Globalization;
using System.Runtime.CompilerServices;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>The four documents that tell a server of a DER.</summary>
public enum DerPart
{
    Capability,
    Settings,
    Status,
    Availability,
}

/// <summary>What the DER is, how it is set and how it does, as the standard has it.</summary>
internal static class DerDocuments
{
    private const uint AllDer = DerModes.Connect | DerModes.Energize | DerModes.FixedW | DerModes.MaxLimW | DerModes.TargetW;
    private const byte AllDoe = DoeModes.ExpLimW | DoeModes.ImpLimW | DoeModes.GenLimW | DoeModes.LoadLimW;

    // A nameplate never changes: its digest is worked out once.
    private static readonly ConditionalWeakTable<DerNameplate, string> Plates = [];

    /// <summary>The document; null where the configuration says too little to state it.</summary>
    public static Resource? Create(DerPart part, DerClientConfig config, DerClientState state, string lfdi, Instant now)
    {
        if (Identities.GetDevices(config, state).GetValueOrDefault(lfdi) is not { } device)
        {
            return null;
        }

        var dialect = Dialects.For(config, state);
        var time = state.Clock.OnServer(now).ToUnixTimeSeconds();
        return part switch
        {
            DerPart.Capability => Capability(device, dialect),
            DerPart.Settings => Settings(device, state.Devices[lfdi].Gradient, dialect, time),
            DerPart.Status => Status(DerOperatingState.From(state, device, lfdi, now), Alarms.GetStatus(state.Devices.GetValueOrDefault(lfdi)), time),
            _ => new DerAvailability { ReadingTime = time, StatWAvail = Available(DerOperatingState.From(state, device, lfdi, now)) },
        };
    }

    /// <summary>The content in a few words, times left out: what differs in it has to be told.</summary>
    public static string? ComputeDigest(DerPart part, DerClientConfig config, DerClientState state, string lfdi, DerDeviceConfig device, Instant now)
    {
        var (plate, dialect) = (device.Nameplate, Dialects.For(config, state));
        switch (part)
        {
            case DerPart.Capability:
                return plate.MaxW is null ? null : Text(Plates.GetValue(plate, p => p.ToString()), dialect, FunctionModes.ToBits(device.Functions));
            case DerPart.Settings:
                // CSIP-AUS DRG-01, DRL-01, DRD-01: the settings are put again with each control that changes how the DER is operated.
                var (gradient, ordered) = (state.Devices[lfdi].Gradient, state.Devices[lfdi].Ordered);
                return plate.MaxW is null ? null : Text(
                    Plates.GetValue(plate, p => p.ToString()), gradient?.SetGradW, gradient?.SetSoftGradW, dialect, ordered.Connect, ordered.Energize, ordered.FixedW, FunctionModes.ToBits(device.Functions));
            case DerPart.Status:
                var condition = DerOperatingState.From(state, device, lfdi, now);
                return Text(condition.GenConnectStatus, condition.OperationalMode, Alarms.GetStatus(state.Devices.GetValueOrDefault(lfdi)));
            default:
                return "availability";
        }
    }

    /// <summary>True where two digests of a status differ in nothing but whether power flows (operational modes 1 and 2).</summary>
    public static bool IsSameButFlow(string? told, string digest) => told?.Split('|') is [var connected, "1" or "2", var alarms]
        && digest.Split('|') is [var also, "1" or "2", var raised] && connected == also && alarms == raised;

    private static DerCapability? Capability(DerDeviceConfig device, Sep2Dialect dialect) => device.Nameplate is not { MaxW: { } maxW } plate ? null : new DerCapability
    {
        Type = (byte)plate.Type,
        ModesSupported = Modes(device),
        RtgMaxW = ActivePower.FromWatts(maxW),
        RtgMaxVA = Quantity(plate.MaxVA),
        RtgMaxVar = Quantity(plate.MaxVar),
        RtgMaxVarNeg = Quantity(plate.MaxVar),
        RtgMinPFOverExcited = LeastPowerFactor(plate),
        RtgMinPFUnderExcited = LeastPowerFactor(plate),
        RtgMaxChargeRateW = Power(plate.MaxChargeW),
        RtgMaxDischargeRateW = Power(plate.MaxDischargeW),
        RtgMaxWh = Quantity(plate.MaxWh),
        RtgVNom = Quantity(plate.NominalV),

        // CSIP-AUS: mandatory there; a server refuses a capability without it.
        DoeModesSupported = Doe(plate, dialect),
        VppModesSupported = Vpp(plate, dialect),
    };

    private static DerSettings? Settings(DerDeviceConfig device, Gradient? gradient, Sep2Dialect dialect, long time) => device.Nameplate is not { MaxW: { } maxW } plate ? null : new DerSettings
    {
        UpdatedTime = time,
        ModesEnabled = Modes(device),

        // CSIP-AUS ALL-13, ALL-17: what the utility sets is mirrored.
        SetGradW = gradient?.SetGradW ?? plate.GradW,
        SetSoftGradW = gradient?.SetSoftGradW,
        SetMaxW = ActivePower.FromWatts(plate.SetMaxW ?? maxW),
        SetMaxVA = Quantity(plate.MaxVA),
        SetMaxVar = Quantity(plate.MaxVar),
        SetMaxVarNeg = Quantity(plate.MaxVar),
        SetMinPFOverExcited = LeastPowerFactor(plate),
        SetMinPFUnderExcited = LeastPowerFactor(plate),
        SetMaxChargeRateW = Power(plate.MaxChargeW),
        SetMaxDischargeRateW = Power(plate.MaxDischargeW),
        SetMaxWh = Quantity(plate.MaxWh),
        SetMinWh = dialect == Sep2Dialect.CsipAus13 ? Quantity(plate.MinWh) : null,
        SetVNom = Quantity(plate.NominalV),
        DoeModesEnabled = Doe(plate, dialect),
        VppModesEnabled = Vpp(plate, dialect),
    };

    private static DerStatus Status(DerOperatingState condition, uint alarms, long time) => new()
    {
        ReadingTime = time,
        AlarmStatus = alarms,
        GenConnectStatus = new TimedValue<byte>(condition.GenConnectStatus, time),
        OperationalModeStatus = new TimedValue<byte>(condition.OperationalMode, time),
        StateOfChargeStatus = condition.SocPercent is { } soc ? new TimedValue<int>((int)Math.Round(soc * 100), time) : null,
        StorageModeStatus = condition is { SocPercent: not null, PowerW: { } power }
            ? new TimedValue<byte>(power > 0 ? (byte)0 : power < 0 ? (byte)1 : (byte)2, time)
            : null,
        StorConnectStatus = condition.SocPercent is null ? null : new TimedValue<byte>(condition.GenConnectStatus, time),
    };

    private static ActivePower? Available(DerOperatingState condition) => Power(condition.HeadroomDownW);

    // Droop is a set-point around 0 W: only what can charge follows it.
    private static uint Modes(DerDeviceConfig device) =>
        (Bits(device.Nameplate.Modes?.Der) ?? (device.Nameplate.MaxChargeW > 0 ? AllDer | DerModes.FreqDroop : AllDer)) | FunctionModes.ToBits(device.Functions);

    private static byte? Doe(DerNameplate plate, Sep2Dialect dialect) =>
        dialect == Sep2Dialect.Ieee2018 ? null : (byte)((Bits(plate.Modes?.Doe) ?? AllDoe) & 0xFF);

    private static byte? Vpp(DerNameplate plate, Sep2Dialect dialect) =>
        dialect == Sep2Dialect.CsipAus13 && (plate.MaxWh is not null || plate.MaxChargeW > 0) ? VppModes.StorageTargetW : null;

    private static uint? Bits(string? hex) => hex is null ? null : uint.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    // CSIP-AUS ALL-09, STO-02 ask for it: cos φ where all the reactive power there is meets all the apparent power, rounded up so as not to promise more.
    private static PowerFactor? LeastPowerFactor(DerNameplate plate) =>
        plate is { MaxVA: > 0 and var va, MaxVar: >= 0 and var reactive } && reactive <= va
            ? new PowerFactor((int)Math.Ceiling(1000 * Math.Sqrt(1 - Math.Pow((double)reactive / va, 2))), -3)
            : null;

    private static ActivePower? Power(long? watts) => watts is { } w ? ActivePower.FromWatts(w) : null;

    private static Quantity? Quantity(long? amount) => amount is { } a ? Messages.Quantity.From(a) : null;

    private static string Text(params object?[] parts) => string.Join('|', parts.Select(p => Convert.ToString(p, CultureInfo.InvariantCulture)));
}
