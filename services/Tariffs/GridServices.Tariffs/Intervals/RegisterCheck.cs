using System.Globalization;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Wire;

namespace GridServices.Tariffs.Intervals;

/// <summary>A register's readings at both ends of the data, as its display has them: what passed between them, times the multiplier, is what the intervals must sum to.</summary>
/// <param name="From">kWh at the start of the first interval.</param>
/// <param name="Until">kWh at the end of the last.</param>
/// <param name="ToleranceKwh">Most difference; absent = one kWh of the display times the multiplier, as displays of whole kWh leave it.</param>
public sealed record RegisterCheck(decimal From, decimal Until, decimal? ToleranceKwh = null)
{
    /// <summary>What is wrong with the readings as they were given; null = nothing.</summary>
    public static ReadError? Fault(decimal? from, decimal? until, decimal? tolerance) =>
        from is null != until is null ? new ReadError(ErrorClass.SchemaInvalid, from is null ? "/registerFrom" : "/registerUntil",
            "the register's sum needs its readings at both ends: registerFrom and registerUntil")
        : from is null && tolerance is not null ? new ReadError(ErrorClass.SchemaInvalid, "/registerTolerance", "has no meaning without registerFrom and registerUntil")
        : from < 0 || until < from || until >= 1_000_000_000_000
        ? new ReadError(ErrorClass.SemanticNumber, "/registerUntil",
        "a register's readings are 0 kWh or more and do not fall; where it rolled over, give the second reading as it would be with one digit more")
        : tolerance < 0 ? new ReadError(ErrorClass.SemanticNumber, "/registerTolerance", "the tolerance is 0 kWh or more")
        : null;

    /// <summary>The data, refused where all was measured and the sums differ; told where estimates or gaps can be why.</summary>
    internal ReadResult<MeterData> Apply(ReadResult<MeterData> read, decimal multiplier)
    {
        if (!read.Ok)
        {
            return read;
        }

        var net = read.Value!.Net;
        var (registered, summed) = ((Until - From) * multiplier, Sum(net));
        if (Math.Abs(registered - summed) <= (ToleranceKwh ?? multiplier))
        {
            return read;
        }

        var text = string.Create(
            CultureInfo.InvariantCulture, $"the register counted ({Until:0.############} - {From:0.############}) x {multiplier:0.############} = {registered:0.############} kWh, the intervals sum to {summed:0.############} kWh");
        return net.Missing.IsEmpty && net.Estimated.IsEmpty
            ? new ReadResult<MeterData>(null, [new ReadError(ErrorClass.DataConflict, "registerFrom, registerUntil", $"{text}; {Hint(registered, summed)}")], read.Warnings)
            : read with
            {
                Warnings = [.. read.Warnings, new Finding(ErrorClass.DataGap, "registerFrom, registerUntil",
            $"{text}: the difference of {registered - summed:0.############} kWh lies in the intervals that are missing or estimated")]
            };
    }

    private static string Hint(decimal registered, decimal summed)
    {
        if (summed > 0 && registered > 0)
        {
            var ratio = registered > summed ? registered / summed : summed / registered;
            var whole = decimal.Round(ratio);
            if (whole >= 2 && Math.Abs(ratio - whole) * 200 <= whole)
            {
                return registered > summed
                    ? $"the register is {whole} times the intervals: declare multiplier {whole} if they are not yet multiplied by the transformers' ratio (and give the register as multiplied)"
                    : $"the intervals are {whole} times the register: the multiplier may stand in one of them only";
            }
        }

        return "check the readings' moments, the unit and the multiplier; a tolerance is declared as registerTolerance";
    }

    private static decimal Sum(IntervalSeries series)
    {
        Int128 units = 0;
        foreach (var value in series.Values)
        {
            units += value;
        }

        return series.Kwh(units);
    }
}
