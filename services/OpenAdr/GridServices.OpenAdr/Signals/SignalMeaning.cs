using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Signals;

/// <summary>The number of an interval, how long after the event's start that interval begins, and how long it lasts (null: without end), as an effect; or why it has none.</summary>
internal delegate EffectResult ValueMap(decimal value, Duration at, Duration? length);

/// <summary>An effect, or why a number has none.</summary>
internal readonly record struct EffectResult(Effect? Effect, string? Why)
{
    public static implicit operator EffectResult(Effect effect) => new(effect, null);

    public static EffectResult Nothing(string why) => new(null, why);

    /// <summary>An effect, or, where there is none, the reason.</summary>
    public static EffectResult From(Effect? effect, string otherwise) => effect is null ? Nothing(otherwise) : effect;
}

/// <summary>How a signal's numbers are read, or why they can't be.</summary>
internal sealed record SignalMeaning(ValueMap? Map, string? Why)
{
    /// <summary>How long after the event's start the meaning of one and the same number changes, in order; none: it never does.</summary>
    public IReadOnlyList<Duration> Edges { get; init; } = [];

    public static SignalMeaning From(ValueMap map) => new(map, null);

    public static SignalMeaning Unsupported(string why) => new(null, why);

    /// <summary>A type that the signal may not have, or that we read nothing into.</summary>
    public static SignalMeaning UnsupportedType(EventSignal signal, string understood) =>
        Unsupported($"{SignalText.FormatType(signal.SignalType)} is not a type that is understood for {SafeText.Short(signal.SignalName)}; understood: {understood}");
}
