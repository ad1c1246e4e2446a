using System.Text.Json.Serialization;

namespace GridServices.Tariffs;

/// <summary>How a digit is lost.</summary>
public enum RoundingMode
{
    /// <summary>Halves go away from zero: what invoices do.</summary>
    HalfUp,

    /// <summary>Halves go to the even neighbour.</summary>
    HalfEven,

    /// <summary>Away from zero.</summary>
    Up,

    /// <summary>Toward zero.</summary>
    Down,
}

/// <summary>At which level money is rounded. Above the level it is summed from rounded parts; below it stays exact.</summary>
public enum RoundingLevel
{
    /// <summary>Once, on the whole bill.</summary>
    Bill,

    /// <summary>On each billing period.</summary>
    Period,

    /// <summary>On each line item.</summary>
    Line,

    /// <summary>Lines of one kind in a period together, so that every tax rate is rounded once.</summary>
    Kind,
}

/// <summary>The one place where a number of a bill is rounded. Everything else is exact.</summary>
public sealed record Rounding
{
    /// <summary>Digits after the decimal point of money; absent = the currency's minor unit.</summary>
    public int? Scale { get; init; }

    public RoundingMode Mode { get; init; } = RoundingMode.HalfUp;

    public RoundingLevel Level { get; init; } = RoundingLevel.Bill;

    /// <summary>Digits of kWh before pricing (0 = whole kWh); absent = not rounded.</summary>
    public int? KwhDigits { get; init; }

    /// <summary>Digits of kW before pricing (1 = 0.1 kW); absent = not rounded.</summary>
    public int? KwDigits { get; init; }

    public RoundingMode QuantityMode { get; init; } = RoundingMode.HalfUp;

    /// <summary>Smallest coin, e.g. 0.05; applied to the payable total only.</summary>
    public decimal? CashStep { get; init; }

    /// <summary>Half-up to the minor unit, once per bill.</summary>
    [JsonIgnore]
    public static Rounding Invoice { get; } = new();

    /// <summary>The amount in the digits of <paramref name="currency"/>.</summary>
    public decimal Round(decimal amount, string currency) => Apply(amount, Scale ?? Currencies.MinorDigits(currency), Mode);

    /// <summary>What is paid: rounded as money, then to the smallest coin.</summary>
    public decimal Payable(decimal amount, string currency)
    {
        var rounded = Round(amount, currency);
        return CashStep is { } step && step > 0 ? Apply(rounded / step, 0, Mode) * step : rounded;
    }

    public decimal RoundKwh(decimal kwh) => KwhDigits is { } digits ? Apply(kwh, digits, QuantityMode) : kwh;

    public decimal RoundKw(decimal kw) => KwDigits is { } digits ? Apply(kw, digits, QuantityMode) : kw;

    internal static decimal Apply(decimal value, int digits, RoundingMode mode) => decimal.Round(value, digits, mode switch
    {
        RoundingMode.HalfEven => MidpointRounding.ToEven,
        RoundingMode.Down => MidpointRounding.ToZero,
        RoundingMode.Up => value >= 0 ? MidpointRounding.ToPositiveInfinity : MidpointRounding.ToNegativeInfinity,
        _ => MidpointRounding.AwayFromZero,
    });
}
