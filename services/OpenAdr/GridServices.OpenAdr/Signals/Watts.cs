using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>Numbers of the wire as whole watts.</summary>
internal static class Watts
{
    private const decimal Most = 1L << 53;

    /// <summary>Toward zero (architecture law 1); null beyond 2^53 W.</summary>
    public static long? Truncate(decimal watts) => Math.Abs(watts) <= Most ? (long)decimal.Truncate(watts) : null;

    public static Limits Limit(LimitQuantity quantity, long watts) => quantity switch
    {
        LimitQuantity.ImportLimitW => new Limits { ImportLimitW = watts },
        LimitQuantity.LoadLimitW => new Limits { LoadLimitW = watts },
        LimitQuantity.ChargeLimitW => new Limits { ChargeLimitW = watts },
        _ => throw new ArgumentOutOfRangeException(nameof(quantity)),
    };

    /// <summary>A limit is never below zero: asked to be negative, it is "nothing allowed".</summary>
    public static Effect? LimitEffect(LimitQuantity quantity, decimal watts) =>
        Truncate(Math.Max(0, watts)) is { } whole ? new Effect { Limits = Limit(quantity, whole) } : null;

    public static decimal Scale(ItemBase? unit)
    {
        var exponent = unit?.Scale is { } scale ? scale.Exponent() : 0;
        var factor = 1m;
        for (var i = 0; i < Math.Abs(exponent); i++)
        {
            factor *= 10;
        }

        return exponent < 0 ? 1 / factor : factor;
    }
}
