using System.Collections.Immutable;

namespace GridServices.Simulators.SiteController.Model;

/// <summary>What a site may do now, W; null = nothing stated, 0 = nothing allowed.</summary>
public sealed record Allowed(long? ImportW, long? ExportW, long? ChargeW, long? DischargeW, long? LoadW, bool Connected)
{
    public static Allowed Everything { get; } = new(null, null, null, null, null, true);
}

/// <summary>What a modelled site is made of.</summary>
public sealed record SitePlant
{
    /// <summary>Load that nobody can curtail, at its mean, W; it wanders by a tenth.</summary>
    public required long BaseW { get; init; }

    /// <summary>Chargers' demand, W each.</summary>
    public required ImmutableArray<long> ChargersW { get; init; }

    public long BatteryPowerW { get; init; } = 10_000;
    public long BatteryCapacityWh { get; init; } = 20_000;

    /// <summary>How fast curtailable power rises, W per s. It falls at once within a step.</summary>
    public long RampUpWPerS { get; init; } = 10_000;

    /// <summary>A site that would draw about so much: the base, and chargers of 22 kW at most.</summary>
    public static SitePlant Drawing(long loadW, long? baseW)
    {
        var uncontrolled = Math.Min(baseW ?? loadW / 5, loadW);
        var rest = loadW - uncontrolled;
        var chargers = (int)Math.Max(1, (rest + 21_999) / 22_000);
        return new SitePlant { BaseW = uncontrolled, ChargersW = [.. Enumerable.Repeat(rest / chargers, chargers)] };
    }
}

/// <summary>The site at one second. Signs: + = drawn from the grid; battery + = charging.</summary>
public sealed record SiteState
{
    public long BaseW { get; init; }

    /// <summary>Power of each charger now.</summary>
    public ImmutableArray<long> ChargersW { get; init; } = [];

    public long BatteryW { get; init; }

    /// <summary>Energy in the battery, W·s.</summary>
    public long BatteryWs { get; init; }

    public decimal ImportedWs { get; init; }
    public decimal ExportedWs { get; init; }
    public long Second { get; init; }

    /// <summary>By how much the limit is exceeded after all was curtailed, W.</summary>
    public long DeficitW { get; init; }

    public long NetW => BaseW + ChargersW.Sum() + BatteryW;
}

/// <summary>
/// Moves the site on by one second: demand first, then what limits take away, in this order:
/// battery charging, chargers from the last to the first, then the battery gives what it can.
/// </summary>
public static class SiteModel
{
    private const int SecondsPerHour = 3600;

    public static SiteState Start(SitePlant plant) => new()
    {
        BaseW = plant.BaseW,
        ChargersW = [.. plant.ChargersW.Select(_ => 0L)],
        BatteryWs = plant.BatteryCapacityWh * SecondsPerHour / 2,
    };

    public static SiteState Step(SitePlant plant, SiteState state, Allowed allowed)
    {
        var second = state.Second + 1;
        var baseW = allowed.Connected ? plant.BaseW + (plant.BaseW * Wave(second) / 1000) : 0;
        var chargers = Chargers(plant, state, allowed, baseW);
        var battery = Battery(plant, state, allowed, baseW + chargers.Sum());
        var net = baseW + chargers.Sum() + battery;
        var over = Math.Max(allowed.ImportW is { } import ? net - import : 0, allowed.LoadW is { } load ? baseW + chargers.Sum() - load : 0);
        return state with
        {
            Second = second,
            BaseW = baseW,
            ChargersW = chargers,
            BatteryW = battery,
            BatteryWs = state.BatteryWs + battery,
            ImportedWs = state.ImportedWs + Math.Max(net, 0),
            ExportedWs = state.ExportedWs + Math.Max(-net, 0),
            DeficitW = Math.Max(over, 0),
        };
    }

    // Rises by the ramp, falls at once; earlier chargers keep their power longest.
    private static ImmutableArray<long> Chargers(SitePlant plant, SiteState state, Allowed allowed, long baseW)
    {
        var room = allowed.Connected ? long.MaxValue : 0;
        room = Math.Min(room, allowed.ImportW is { } import ? import - baseW : long.MaxValue);
        room = Math.Min(room, allowed.LoadW is { } load ? load - baseW : long.MaxValue);
        room = Math.Max(0, Math.Min(room, allowed.ChargeW ?? long.MaxValue));
        var result = ImmutableArray.CreateBuilder<long>(plant.ChargersW.Length);
        for (var i = 0; i < plant.ChargersW.Length; i++)
        {
            var wanted = Math.Min(plant.ChargersW[i], state.ChargersW[i] + plant.RampUpWPerS);
            result.Add(Math.Min(wanted, room));
            room -= result[i];
        }

        return result.MoveToImmutable();
    }

    // Helps to keep the import limit, never charges above it; otherwise slowly returns to half full.
    private static long Battery(SitePlant plant, SiteState state, Allowed allowed, long othersW)
    {
        var canCharge = Math.Min(Math.Min(plant.BatteryPowerW, allowed.ChargeW ?? long.MaxValue), (plant.BatteryCapacityWh * SecondsPerHour) - state.BatteryWs);
        var canGive = Math.Min(Math.Min(plant.BatteryPowerW, allowed.DischargeW ?? long.MaxValue), state.BatteryWs);
        if (!allowed.Connected)
        {
            return 0;
        }

        var rest = Math.Clamp((plant.BatteryCapacityWh * SecondsPerHour / 2) - state.BatteryWs, -plant.BatteryPowerW / 4, plant.BatteryPowerW / 4);
        var most = allowed.ImportW is { } import ? import - othersW : long.MaxValue;
        var least = allowed.ExportW is { } export ? -export - othersW : long.MinValue;
        return Math.Clamp(Math.Clamp(rest, Math.Min(least, most), most), -canGive, canCharge);
    }

    // A day in ten minutes: per mille of the mean, −100 to +100, without any randomness.
    private static long Wave(long second) => (long)(100 * Math.Sin(second * 2 * Math.PI / 600));
}
