using System.Globalization;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>What the configuration states as modesSupported and doeModesSupported is what is carried out: one truth for the server and for the schedule.</summary>
internal static class StatedModes
{
    private static readonly (ControlMode Mode, uint Bit)[] Der =
    [
        (ControlMode.Connect, DerModes.Connect), (ControlMode.Energize, DerModes.Energize), (ControlMode.MaxLimW, DerModes.MaxLimW),
        (ControlMode.FixedW, DerModes.FixedW), (ControlMode.TargetW, DerModes.TargetW), (ControlMode.FreqDroop, DerModes.FreqDroop),
    ];

    private static readonly (ControlMode Mode, uint Bit)[] Doe =
    [
        (ControlMode.ExpLimW, DoeModes.ExpLimW), (ControlMode.ImpLimW, DoeModes.ImpLimW), (ControlMode.GenLimW, DoeModes.GenLimW), (ControlMode.LoadLimW, DoeModes.LoadLimW),
    ];

    /// <summary>The modes carried out; null: the configuration says nothing of them. Functions are declared by themselves.</summary>
    public static IReadOnlyList<ControlMode>? Find(DerDeviceConfig? device)
    {
        if (device?.Nameplate.Modes is not { } stated || (stated.Der is null && stated.Doe is null))
        {
            return null;
        }

        var left = Without(Der, Bits(stated.Der) | FunctionModes.ToBits(device.Functions)).Concat(Without(Doe, Bits(stated.Doe))).ToHashSet();
        return [.. Enum.GetValues<ControlMode>().Where(m => !left.Contains(m))];
    }

    /// <summary>DeviceCategoryType bits of a device, by the configuration and by what the server has it down for; null: none.</summary>
    public static uint? FindCategory(StepContext context, string lfdi)
    {
        var own = uint.TryParse(context.Config.DeviceCategory, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits) ? bits : 0;
        var all = own | (TreeLookup.OwnDevice(context.State, lfdi)?.Own.DeviceCategory ?? 0);
        return all == 0 ? null : all;
    }

    private static IEnumerable<ControlMode> Without((ControlMode Mode, uint Bit)[] modes, uint? bits) => modes.Where(m => (bits & m.Bit) == 0).Select(m => m.Mode);

    private static uint? Bits(string? hex) => hex is null ? null : uint.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
