using System.Collections.Immutable;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Signals;

/// <summary>The number of an interval, and how long after the event's start that interval begins, as an effect; null: no such number exists.</summary>
internal delegate Effect? ValueMap(decimal value, Duration at);

/// <summary>Reads a signal by the program's policy.</summary>
internal static class SignalReader
{
    /// <summary>More than any site or price has; beyond it a number is a mistake or an attack, and decimal arithmetic stays exact below.</summary>
    private const double Beyond = 1e15;

    public static SignalReading Read(OadrEvent received, EventSignal signal, ProgramConfig program, long? siteReferenceW) =>
        MapOf(received, signal, program.Signals, siteReferenceW) is { } map
            ? Steps(received, signal, map)
            : new SignalReading.Unsupported(
                $"signal {Printable.Line(signal.SignalName)} of type {signal.SignalType} has no policy in program stream {program.Stream}");

    /// <summary>True for signals whose effect is a limit or a target, false for prices.</summary>
    public static bool IsAboutLoad(EventSignal signal) => signal.SignalName is not (SignalNames.ElectricityPrice or SignalNames.EnergyPrice);

    // OpenADR 2.0b rules 109, 510: what is mapped is supported; everything else is answered 460.
    private static ValueMap? MapOf(OadrEvent received, EventSignal signal, SignalPolicies policies, long? siteReferenceW) => signal.SignalName switch
    {
        SignalNames.Simple when policies.Simple is { } simple => SimpleLevels.Map(signal, simple),
        SignalNames.LoadControl when policies.LoadControl is { } control => LoadControl.Map(signal, control, siteReferenceW),

        // OpenADR 2.0b rule 510: set-points and prices are understood by every VEN; neither limits anything, so neither needs a policy.
        // Both price signals share one series, so one policy speaks for the other.
        SignalNames.LoadDispatch => LoadDispatch.Map(received, signal, policies.LoadDispatch ?? LoadDispatchPolicy.Default, siteReferenceW),
        SignalNames.ElectricityPrice => Prices.Map(signal, policies.ElectricityPrice ?? policies.EnergyPrice ?? PricePolicy.Default),
        SignalNames.EnergyPrice => Prices.Map(signal, policies.EnergyPrice ?? policies.ElectricityPrice ?? PricePolicy.Default),
        _ => null,
    };

    private static SignalReading Steps(OadrEvent received, EventSignal signal, ValueMap map)
    {
        var steps = ImmutableArray.CreateBuilder<SignalStep>(signal.Intervals.Count);
        var whole = received.ActivePeriod.Duration.ToDuration();
        Duration? end = whole == Duration.Zero ? null : whole;
        var from = Duration.Zero;
        for (var i = 0; i < signal.Intervals.Count && (end is null || from < end); i++)
        {
            var interval = signal.Intervals[i];
            var effect = Math.Abs(interval.Value) < Beyond ? map((decimal)interval.Value, from) : null;
            if (effect is null)
            {
                return new SignalReading.Invalid($"value {interval.Value:R} is out of range for {Printable.Line(signal.SignalName)} {signal.SignalType}");
            }

            // OpenADR 2.0b rule 103: intervals follow one another; a dtstart of their own, which some VTNs send, is not read.
            // OpenADR 2.0b rule 47: the last interval lasts as long as the event, which may be for ever.
            var length = interval.Duration?.ToDuration() ?? Duration.Zero;
            var until = i == signal.Intervals.Count - 1 || length == Duration.Zero ? end : Earlier(from + length, end);
            steps.Add(new SignalStep(from, until, effect));
            if (until is null)
            {
                break;
            }

            from = until.Value;
        }

        return new SignalReading.Steps(steps.ToImmutable());
    }

    private static Duration Earlier(Duration one, Duration? other) => other is { } o && o < one ? o : one;
}
