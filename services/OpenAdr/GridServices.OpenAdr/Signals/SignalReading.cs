using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using NodaTime;

namespace GridServices.OpenAdr.Signals;

/// <summary>What a signal means to a program at a site.</summary>
internal abstract record SignalReading
{
    /// <summary>The steps, in order, without gaps from the event's start.</summary>
    public sealed record Steps(ImmutableArray<SignalStep> Items) : SignalReading
    {
        /// <summary>True where at least one step limits, targets or prices something.</summary>
        public bool States => Items.Any(s => s.Effect.States);

        /// <summary>The first level that the program's policy says nothing to; null: there is none.</summary>
        public string? Unstated => Items.Select(s => s.Effect.Unstated).FirstOrDefault(u => u is not null);
    }

    /// <summary>It can't be understood (460).</summary>
    public sealed record Unsupported(string Why) : SignalReading;

    /// <summary>It is said wrongly (454).</summary>
    public sealed record Invalid(string Why) : SignalReading;
}

/// <summary>One step, [<paramref name="From"/>, <paramref name="Until"/>) after the event's start; <paramref name="Until"/> null: no end.</summary>
internal readonly record struct SignalStep(Duration From, Duration? Until, Effect Effect);

/// <summary>What holds during a step. Limits and a target are about load, a price is about money.</summary>
internal sealed record Effect
{
    public static Effect None { get; } = new();

    public Limits Limits { get; init; } = Limits.None;

    /// <summary>Signed W, + = import.</summary>
    public long? TargetW { get; init; }

    /// <summary>Reactive power that equipment is to supply (+) or absorb (-), var; a setting beside limits and targets, and neither.</summary>
    public decimal? TargetVar { get; init; }

    public PriceEffect? Price { get; init; }

    /// <summary>The level that asks for something and that the policy says nothing to; null: it does, or nothing is asked for.</summary>
    public string? Unstated { get; init; }

    public bool States => Limits != Limits.None || TargetW is not null || TargetVar is not null || Price is not null;

    /// <summary>Both at once: the tighter limits, the lower target (equal priority, OpenADR 2.0b rule 18 leaves it to us).</summary>
    public Effect And(Effect other) => new()
    {
        Limits = Limits.Intersect(other.Limits),
        TargetW = TargetW is { } a && other.TargetW is { } b ? Math.Min(a, b) : TargetW ?? other.TargetW,
        Price = Price ?? other.Price,
    };
}

/// <summary>A price per kWh, in the currency of the program's policy.</summary>
internal sealed record PriceEffect(decimal PerKwh, PriceDirection Direction);
