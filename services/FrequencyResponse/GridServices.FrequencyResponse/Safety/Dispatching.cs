namespace GridServices.FrequencyResponse.Safety;

/// <summary>When a set-point is worth sending, and whether it is ours to send.</summary>
/// <remarks>
/// Chatter of the last digit sends nothing: a set-point goes out when it moved by more than the hysteresis, once when it comes to rest at the baseline,
/// and again after the refresh time. So a frequency that dithers within the hysteresis makes at most one message per refresh (60 a minute).
/// </remarks>
internal static class Dispatching
{
    internal static bool Decide(
        ControllerSettings settings, double quantityW, ref SentState sent, double powerW, bool resting, bool alive, bool writer, long now, ref long due)
    {
        if (!writer)
        {
            // Another process commands: what we sent once no longer stands.
            sent = default;
            return false;
        }

        var since = Nanos.Since(now, sent.AtNanos);
        var moved = !sent.Ever ? alive
            : Math.Abs(powerW - sent.PowerW) > settings.DispatchHysteresisPu * quantityW || (resting && !sent.Resting && powerW != sent.PowerW);
        if (sent.Ever && moved && since < settings.DispatchSpacingNanos)
        {
            due = Math.Min(due, sent.AtNanos + settings.DispatchSpacingNanos);
            return false;
        }

        if (!moved && !(alive && sent.Ever && since >= settings.RefreshNanos))
        {
            due = alive ? Math.Min(due, sent.AtNanos + settings.RefreshNanos) : due;
            return false;
        }

        sent = new SentState { Ever = true, Resting = resting, PowerW = powerW, AtNanos = now };
        due = Math.Min(due, now + settings.RefreshNanos);
        return true;
    }
}
