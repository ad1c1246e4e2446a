namespace GridServices.FrequencyResponse.Energy;

/// <summary>Wins delivered energy back through the baseline, one order per settlement period, inside the reserved capacity.</summary>
/// <remarks>
/// <code>
/// period   p          p+1         p+2         p+3
///          │      ▲ gate, 65 min before ────────▶│ carried out     decided in the minute before the gate, so that it can be submitted in time;
///          │ counts what p, p+1 and p+2 still bring               what is ordered and not yet carried out is never ordered again
/// </code>
/// </remarks>
internal static class GbRecovery
{
    internal const long PeriodNanos = 1800 * Nanos.PerSecond;
    private const double PeriodHours = 0.5;

    /// <summary>Baselines are final an hour before their period; five minutes more are left to submit them.</summary>
    internal const long GateNanos = 65 * 60 * Nanos.PerSecond;
    private const long DecidingNanos = 60 * Nanos.PerSecond;

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
        Advance(ref gb, in procured, unix / PeriodNanos);
        CheckRequirement(rules, ref energy, fresh);
        Plan(rules, ref energy, in procured, fresh, unix);
        return gb.OrderW;
    }

    /// <summary>Begins where nothing ran, and ends the periods that are over.</summary>
    internal static void Advance(ref GbEnergyState gb, in ProcuredSum procured, long period)
    {
        if (procured.QuantityW <= 0)
        {
            gb = default;
        }
        else if (!gb.Running)
        {
            gb.Running = true;
            gb.Period = period;
            Begin(ref gb, in procured);
            gb.Judged = false;
        }
        else if (period != gb.Period)
        {
            // Periods that nobody was there for end too; a clock that was set back ends one.
            for (var ended = Math.Clamp(period - gb.Period, 1, BlockPeriods); ended > 0; ended--)
            {
                Turn(ref gb, in procured);
                (gb.OrderW, gb.NextOrderW, gb.LaterOrderW) = (gb.NextOrderW, gb.LaterOrderW, gb.PlannedOrderW);
                (gb.PlannedOrderW, gb.Planned) = (0, false);
            }

            gb.Period = period;
            gb.Judged = false;
        }
    }

    /// <summary>
    /// Response Service Terms 6.11: a period that begins outside the requirement is unavailable, also where the store could never hold it. First told
    /// within the period, the energy is held against what of the requirement is left.
    /// </summary>
    private static void CheckRequirement(EnergyRules rules, ref EnergyState energy, bool fresh)
    {
        ref var gb = ref energy.Gb;
        if (gb.Judged || !fresh)
        {
            return;
        }

        var raise = (energy.StoredWh - rules.FloorWh) * rules.DischargeEfficiency;
        var lower = (EnergyLedger.Ceiling(rules) - energy.StoredWh) / rules.ChargeEfficiency;
        gb.Judged = true;
        gb.RaiseShort = raise < gb.Raise.RequiredWh - gb.RaisedWh - Tolerance(gb.Raise);
        gb.LowerShort = lower < gb.Lower.RequiredWh - gb.LoweredWh - Tolerance(gb.Lower);
    }

    /// <summary>Rounding of a state of charge that is told in tenths of a per cent must not cost a period: a thousandth of the volume.</summary>
    private static double Tolerance(in SoeRequirement requirement) => requirement.VolumeWh / 1000;

    /// <summary>Whoever missed the gate moves nothing: it could not be submitted any more.</summary>
    private static void Plan(EnergyRules rules, ref EnergyState energy, in ProcuredSum procured, bool fresh, long unix)
    {
        ref var gb = ref energy.Gb;
        var gate = ((gb.Period + 3) * PeriodNanos) - GateNanos;
        if (rules.SubmitsBaseline && fresh && !gb.Planned && unix > gate - DecidingNanos && unix <= gate)
        {
            var rest = Math.Clamp((((gb.Period + 1) * PeriodNanos) - unix) / (double)PeriodNanos, 0, 1);
            (gb.PlannedOrderW, gb.Planned) = (Order(rules, in energy, in procured, rest), true);
        }
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

    private static double Order(EnergyRules rules, in EnergyState energy, in ProcuredSum procured, double rest)
    {
        var least = rules.FloorWh + (procured.RaiseVolumeWh / rules.DischargeEfficiency);
        var most = EnergyLedger.Ceiling(rules) - (procured.LowerVolumeWh * rules.ChargeEfficiency);
        var goal = Goal(rules, least, most, in procured);

        // Anti-windup: what is on order and not yet carried out counts as done.
        var ordered = -((energy.Gb.OrderW * rest) + energy.Gb.NextOrderW + energy.Gb.LaterOrderW) * PeriodHours;
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
