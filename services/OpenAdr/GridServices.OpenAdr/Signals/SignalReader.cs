using System.Collections.Immutable;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Signals;

/// <summary>Reads a signal by the program's policy.</summary>
internal static class SignalReader
{
    /// <summary>More than any site or price has; beyond it a number is a mistake or an attack, and decimal arithmetic stays exact below.</summary>
    private const double Beyond = 1e15;

    private static readonly EffectResult BeyondSense = EffectResult.Nothing("that is beyond all sense");

    /// <param name="received">The event.</param>
    /// <param name="signal">One of its signals.</param>
    /// <param name="program">Whose policy counts.</param>
    /// <param name="siteReferenceW">The site's own reference, if it has one.</param>
    /// <param name="present">What was measured at the site when the event began; null: nothing so far.</param>
    public static SignalReading Read(OadrEvent received, EventSignal signal, ProgramConfig program, long? siteReferenceW, PresentLoad? present = null)
    {
        var meaning = ReadMeaning(received, signal, program, siteReferenceW, present);
        return meaning.Map is { } map
            ? Steps(received, signal, map, meaning.Edges)
            : new SignalReading.Unsupported($"signal {SafeText.Short(signal.SignalName)} of type {SignalText.FormatType(signal.SignalType)}: {meaning.Why}");
    }

    /// <summary>True for signals whose effect is a limit or a target, false for prices.</summary>
    public static bool IsAboutLoad(EventSignal signal) => signal.SignalName is not (SignalNames.ElectricityPrice or SignalNames.EnergyPrice);

    // OpenADR 2.0b rules 109, 510: what is mapped is supported; everything else is answered 460.
    private static SignalMeaning ReadMeaning(OadrEvent received, EventSignal signal, ProgramConfig program, long? siteReferenceW, PresentLoad? present)
    {
        var policies = program.Signals;
        return signal.SignalName switch
        {
            SignalNames.Simple when policies.Simple is { } simple => SimpleLevels.Read(signal, simple),
            SignalNames.LoadControl when policies.LoadControl is { } control => LoadControl.Read(signal, control, siteReferenceW, present?.ImportW),

            // OpenADR 2.0b rule 510: set-points and prices are understood by every VEN; neither limits anything, so neither needs a policy.
            // Both price signals share one series, so one policy speaks for the other.
            SignalNames.LoadDispatch => LoadDispatch.Read(received, signal, policies.LoadDispatch ?? LoadDispatchPolicy.Default, siteReferenceW, present?.ImportW),
            SignalNames.ElectricityPrice => Prices.Read(signal, policies.ElectricityPrice ?? policies.EnergyPrice ?? PricePolicy.Default),
            SignalNames.EnergyPrice => Prices.Read(signal, policies.EnergyPrice ?? policies.ElectricityPrice ?? PricePolicy.Default),
            SignalNames.DemandCharge when policies.DemandCharge is { } charge => DemandCharge.Read(signal, charge),
            SignalNames.ChargeState when policies.ChargeState is { } charge => ChargeState.Read(signal, charge, present?.SocPercent),
            SignalNames.BidPrice or SignalNames.BidLoad or SignalNames.BidEnergy => SignalMeaning.Unsupported("bids ask for an offer to a market, and this VEN makes none"),
            SignalNames.Simple or SignalNames.LoadControl or SignalNames.DemandCharge or SignalNames.ChargeState => SignalMeaning.Unsupported($"program stream {program.Stream} has no policy for it (signals.{signal.SignalName})"),
            _ => SignalMeaning.Unsupported("there is no policy for such signals"),
        };
    }

    private static SignalReading Steps(OadrEvent received, EventSignal signal, ValueMap map, IReadOnlyList<Duration> edges)
    {
        var steps = ImmutableArray.CreateBuilder<SignalStep>(signal.Intervals.Count);
        var whole = received.ActivePeriod.Duration.ToDuration();
        Duration? end = whole == Duration.Zero ? null : whole;
        var (from, edge) = (Duration.Zero, 0);
        for (var i = 0; i < signal.Intervals.Count; i++)
        {
            var interval = signal.Intervals[i];
            // OpenADR 2.0b rule 103: intervals follow one another; a dtstart of their own, which some VTNs send, is not read.
            // OpenADR 2.0b rule 47: the last interval lasts as long as the event, which may be for ever.
            var length = interval.Duration?.ToDuration() ?? Duration.Zero;
            var until = i == signal.Intervals.Count - 1 ? end : Earlier(from + length, end);
            var lasts = until is null || from < until;

            // One without time of its own is never carried out, but a number that means nothing is said wrongly wherever it stands.
            IEnumerable<(Duration From, Duration? Until)> parts = lasts ? Parts(from, until, edges, ref edge) : [(Duration.Zero, length > Duration.Zero ? length : whole)];
            foreach (var part in parts)
            {
                var (effect, why) = Effect(map, interval.Value, part.From, part.Until - part.From);
                if (effect is null)
                {
                    return new SignalReading.Invalid($"value {interval.Value:R} of signal {SafeText.Short(signal.SignalName)}, type {SignalText.FormatType(signal.SignalType)}: {why}");
                }

                if (lasts)
                {
                    steps.Add(new SignalStep(part.From, part.Until, effect));
                }
            }

            from = lasts ? until ?? from : from;
        }

        return new SignalReading.Steps(steps.ToImmutable());
    }

    private static EffectResult Effect(ValueMap map, double value, Duration at, Duration? length)
    {
        if (Math.Abs(value) >= Beyond)
        {
            return BeyondSense;
        }

        try
        {
            return map((decimal)value, at, length);
        }
        catch (OverflowException)
        {
            // Each number alone is bounded; a unit's scale, a factor and a short interval multiply.
            return BeyondSense;
        }
    }

    /// <summary>[from, until) cut at the edges that lie within; <paramref name="next"/> is the first edge not gone by.</summary>
    private static List<(Duration From, Duration? Until)> Parts(Duration from, Duration? until, IReadOnlyList<Duration> edges, ref int next)
    {
        var parts = new List<(Duration From, Duration? Until)>(1);
        for (; next < edges.Count && (until is null || edges[next] < until); next++)
        {
            if (edges[next] > from)
            {
                parts.Add((from, edges[next]));
                from = edges[next];
            }
        }

        parts.Add((from, until));
        return parts;
    }

    private static Duration Earlier(Duration one, Duration? other) => other is { } o && o < one ? o : one;
}
