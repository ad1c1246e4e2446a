namespace GridServices.FrequencyResponse.Safety;

internal struct LadderState
{
    internal FailSafeRung Rung;

    /// <summary>One valid sample has come since the loss; a second one leads back.</summary>
    internal bool Returning;
    internal long ReturnedNanos;

    /// <summary>End of validity of the last sample.</summary>
    internal long ValidUntilNanos;
    internal long LostNanos;
    internal double HeldPu;
}

/// <summary>What a service does without a valid measurement (see <see cref="FailSafeRules"/>).</summary>
internal static class FailSafeLadder
{
    /// <summary>Climbs by what the measurement is worth now.</summary>
    /// <param name="rules">Times and rates.</param>
    /// <param name="ladder">Where it stands.</param>
    /// <param name="valid">Something valid drives.</param>
    /// <param name="measured">When that was measured: tells two samples apart.</param>
    /// <param name="expires">Until when it is valid.</param>
    /// <param name="lastPu">The response so far.</param>
    /// <param name="now">Monotonic.</param>
    internal static void Advance(FailSafeRules rules, ref LadderState ladder, bool valid, long measured, long expires, double lastPu, long now)
    {
        if (valid)
        {
            Return(ref ladder, measured);
            ladder.ValidUntilNanos = expires;
            return;
        }

        ladder.Returning = false;
        if (ladder.Rung == FailSafeRung.Valid)
        {
            (ladder.Rung, ladder.LostNanos, ladder.HeldPu) = (FailSafeRung.Hold, Math.Min(now, ladder.ValidUntilNanos), lastPu);
        }

        Fall(rules, ref ladder, now);
    }

    /// <summary>The response on this rung; only for rungs other than valid.</summary>
    internal static double Response(FailSafeRules rules, in LadderState ladder, long now)
    {
        switch (ladder.Rung)
        {
            case FailSafeRung.Hold:
                return ladder.HeldPu;
            case FailSafeRung.Ramp:
                var gone = rules.RampPuPerS * Nanos.Seconds(Nanos.Since(now, ladder.LostNanos + rules.HoldNanos));
                return Math.CopySign(Math.Max(Math.Abs(ladder.HeldPu) - gone, 0), ladder.HeldPu);
            default:
                return 0;
        }
    }

    /// <summary>When the rung changes by itself.</summary>
    internal static long Due(FailSafeRules rules, in LadderState ladder) => ladder.Rung switch
    {
        FailSafeRung.Valid => ladder.ValidUntilNanos + 1,
        FailSafeRung.Hold => ladder.LostNanos + rules.HoldNanos,
        FailSafeRung.Unavailable => ladder.LostNanos + rules.DeviceDefaultNanos,
        _ => Nanos.Never,
    };

    private static void Return(ref LadderState ladder, long measured)
    {
        if (ladder.Rung is FailSafeRung.NotReady or FailSafeRung.Hold || (ladder.Returning && measured > ladder.ReturnedNanos))
        {
            (ladder.Rung, ladder.Returning) = (FailSafeRung.Valid, false);
        }
        else if (ladder.Rung != FailSafeRung.Valid && !ladder.Returning)
        {
            (ladder.Returning, ladder.ReturnedNanos) = (true, measured);
        }
    }

    private static void Fall(FailSafeRules rules, ref LadderState ladder, long now)
    {
        var lost = Nanos.Since(now, ladder.LostNanos);
        if (ladder.Rung == FailSafeRung.Hold && lost >= rules.HoldNanos)
        {
            ladder.Rung = FailSafeRung.Ramp;
        }

        if (ladder.Rung == FailSafeRung.Ramp && Response(rules, in ladder, now) == 0)
        {
            ladder.Rung = FailSafeRung.Unavailable;
        }

        if (ladder.Rung == FailSafeRung.Unavailable && lost >= rules.DeviceDefaultNanos)
        {
            ladder.Rung = FailSafeRung.DeviceDefault;
        }
    }
}
