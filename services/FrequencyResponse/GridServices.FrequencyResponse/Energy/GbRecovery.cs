namespace GridServices.FrequencyResponse.Energy;

/// <summary>Wins delivered energy back through the baseline, one order per settlement period, inside the reserved capacity.</summary>
/// <remarks>
/// <code>
/// period   p          p+1         p+2
///          │ order ──────────────▶│ carried out      an order is made two periods ahead, so that it can be notified in time;
///          │ counts what p and p+1 will still bring  what is ordered and not yet carried out is never ordered again
/// </code>
/// </remarks>
internal static class GbRecovery
{
    internal const long PeriodNanos = 1800 * Nanos.PerSecond;
    private const double PeriodHours = 0.5;

    /// <summary>NESO buys in blocks of four hours: the requirement starts anew with each.</summary>
    private const int BlockPeriods = 8;

    /// <summary>Errors below this share of the response energy are left alone.</summary>
    private const double Deadband = 0.02;

    /// <summary>Share of the response energy held beyond what is required.</summary>
    private const double Margin = 0.25;

    /// <summary>The baseline's move due now, W, + = injection.</summary>
    internal static double Step(EnergyRules rules, ref EnergyState energy, in ProcuredSum procured, bool fresh, double seconds, long unix)
    {
        ref var gb = ref energy.Gb;
        if (procured.QuantityW <= 0)
        {
            gb = default;
            return 0;
        }

        var hours = seconds / 3600;
        gb.RaisedWh += Math.Max(energy.ResponseW, 0) * hours;
        gb.LoweredWh += Math.Max(-energy.ResponseW, 0) * hours;
        var period = unix / PeriodNanos;
        if (!gb.Running)
        {
            gb.Running = true;
            gb.Period = period;
            Begin(ref gb, in procured);
        }
        else if (period != gb.Period)
        {
            // Periods that nobody was there for end too; a clock that was set back ends one.
            for (var ended = Math.Clamp(period - gb.Period, 1, BlockPeriods); ended > 0; ended--)
            {
                Turn(ref gb, in procured);
                (gb.OrderW, gb.NextOrderW) = (gb.NextOrderW, gb.LaterOrderW);
                gb.LaterOrderW = fresh && ended == 1 ? Order(rules, in energy, in procured) : 0;
            }

            gb.Period = period;
        }

        return gb.OrderW;
    }

    private static void Turn(ref GbEnergyState gb, in ProcuredSum procured)
    {
        gb.Raise.EndPeriod(gb.RaisedWh);
        gb.Lower.EndPeriod(gb.LoweredWh);
        (gb.RaisedWh, gb.LoweredWh) = (0, 0);
        if (gb.Raise.Periods >= BlockPeriods || gb.Raise.VolumeWh != procured.RaiseVolumeWh || gb.Lower.VolumeWh != procured.LowerVolumeWh)
        {
            Begin(ref gb, in procured);
        }
    }

    private static void Begin(ref GbEnergyState gb, in ProcuredSum procured)
    {
        gb.Raise = new SoeRequirement(procured.RaiseVolumeWh, procured.RecoveryShare);
        gb.Lower = new SoeRequirement(procured.LowerVolumeWh, procured.RecoveryShare);
    }

    private static double Order(EnergyRules rules, in EnergyState energy, in ProcuredSum procured)
    {
        var least = rules.FloorWh + (procured.RaiseVolumeWh / rules.DischargeEfficiency);
        var most = EnergyLedger.Ceiling(rules) - (procured.LowerVolumeWh * rules.ChargeEfficiency);
        var goal = Goal(rules, least, most, in procured);

        // Anti-windup: what is on order and not yet carried out counts as done.
        var ordered = -(energy.Gb.OrderW + energy.Gb.NextOrderW) * PeriodHours;
        var missing = goal - (energy.StoredWh + ordered);
        if (Math.Abs(missing) <= Deadband * Math.Max(procured.RaiseVolumeWh, procured.LowerVolumeWh))
        {
            return 0;
        }

        var drawW = missing / PeriodHours / (missing > 0 ? rules.ChargeEfficiency : 1 / rules.DischargeEfficiency);
        return -Math.Clamp(drawW, -procured.RecoverExportW, procured.RecoverImportW);
    }

    /// <summary>The owner's wish where it leaves a margin for what the next two periods deliver; in a small store the middle of what is allowed.</summary>
    private static double Goal(EnergyRules rules, double least, double most, in ProcuredSum procured)
    {
        var half = (most - least) / 2;
        return half <= 0 ? least + half : Math.Clamp(
            rules.TargetSoc * rules.CapacityWh,
            least + Math.Min(half, Margin * procured.RaiseVolumeWh),
            most - Math.Min(half, Margin * procured.LowerVolumeWh));
    }
}
