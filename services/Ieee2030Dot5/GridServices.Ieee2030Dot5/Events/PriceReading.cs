using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Judges a received TimeTariffInterval as a whole, and its prices.</summary>
internal static class PriceReading
{
    /// <summary>Ten years: longer is a mistake.</summary>
    private const long LongestS = 3653L * 86_400;
    private const int MostBlocks = 256;

    private static readonly Duration CreationTolerance = Duration.FromMinutes(5);
    private static readonly long LatestS = Instant.FromUtc(9999, 1, 1, 0, 0).ToUnixTimeSeconds();

    /// <summary>Why it is refused; null: it is taken.</summary>
    public static (ErrorClass Class, string Text)? FindFault(TimeTariffInterval received, Instant now) => received switch
    {
        { Interval.DurationSeconds: <= 0 or > LongestS } => (ErrorClass.SemanticDuration, "it lasts no time or more than ten years"),
        _ when received.Interval.End > LatestS => (ErrorClass.SemanticTime, "it ends beyond the year 9998"),
        _ when Instant.FromUnixTimeSeconds(received.CreationTime) > now + CreationTolerance => (ErrorClass.SemanticTime, "it was created in the future"),
        _ when !Enum.IsDefined(received.EventStatus.CurrentStatus) => (ErrorClass.SemanticStatus, "its currentStatus is unknown"),
        _ => null,
    };

    public static PriceContent Read(PricedInterval item) => new()
    {
        Version = item.Interval.Version ?? 0,
        CreationTime = item.Interval.CreationTime,
        StartS = item.Interval.Interval.Start,
        DurationS = item.Interval.Interval.DurationSeconds,
        RandomizeStartS = item.Interval.RandomizeStart ?? 0,
        RandomizeDurationS = item.Interval.RandomizeDuration ?? 0,
        ReplyTo = item.Interval.ReplyTo,
        ResponseRequired = item.Interval.ResponseRequired ?? 0,
        ClockShiftS = item.ClockShiftS,
        Blocks = Blocks(item.Prices),
    };

    // Contradictory, too many, or beginning above a consumption of 0: nobody knows the first price, and it isn't 0.
    private static ValueList<PriceBlock> Blocks(IReadOnlyList<ConsumptionTariffInterval>? prices)
    {
        if (prices is not { Count: > 0 and <= MostBlocks })
        {
            return [];
        }

        var blocks = prices.Select(p => new PriceBlock(p.StartValue ?? 0, p.Price)).Distinct().OrderBy(b => b.StartValue).ToList();
        return blocks[0].StartValue == 0 && blocks.DistinctBy(b => b.StartValue).Count() == blocks.Count ? blocks.ToValueList() : [];
    }
}
