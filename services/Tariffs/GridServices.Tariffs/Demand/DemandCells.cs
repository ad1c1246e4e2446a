using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs.Demand;

/// <summary>What is known of a stretch of time.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CellSum(decimal Kwh, decimal KnownSeconds, decimal Kvarh, decimal KvarSeconds, decimal KwhWithoutKvar)
{
    /// <summary>Whether kW were read at a time when kvar were not.</summary>
    public bool LacksKvar => KvarSeconds < KnownSeconds - 0.001m;
}

/// <summary>Energy in cells as long as the stride of the windows, so that a sample costs no more than the cells that it touches.</summary>
internal sealed class DemandCells(WindowClock clock, IEnumerable<DemandCell> known)
{
    private readonly List<DemandCell> cells = [.. known];

    public ImmutableArray<DemandCell> All => [.. cells];

    /// <summary>By share of time; what division leaves over goes into the last cell, so that no energy is lost. Without <paramref name="kvarh"/> they are not known.</summary>
    public void Add(Instant from, Instant until, decimal kwh, decimal? kvarh)
    {
        var (at, left, reactive, length) = (from, kwh, kvarh, Seconds(until - from));
        while (at < until)
        {
            var cell = GetCell(at);
            var end = Instant.Min(cell.End, until);
            var seconds = Seconds(end - at);
            var part = end == until ? left : kwh * seconds / length;
            var kvar = end == until ? reactive : kvarh * seconds / length;
            AddOrReplace(new DemandCell(cell.Start, part, seconds, kvar ?? 0, kvar is null ? 0 : seconds, kvar is null ? part : 0));
            (at, left, reactive) = (end, left - part, reactive - kvar);
        }
    }

    public CellSum Sum(Instant start, Instant end)
    {
        var sum = default(CellSum);
        foreach (var cell in cells)
        {
            if (cell.Start >= start && cell.Start < end)
            {
                sum = new CellSum(sum.Kwh + cell.Kwh, sum.KnownSeconds + cell.KnownSeconds, sum.Kvarh + cell.Kvarh, sum.KvarSeconds + cell.KvarSeconds, sum.KwhWithoutKvar + cell.KwhWithoutKvar);
            }
        }

        return sum;
    }

    public void RemoveBefore(Instant before) => cells.RemoveAll(c => c.Start < before);

    public (Instant Start, Instant End) GetCell(Instant moment)
    {
        var cell = clock.Cell(moment.ToUnixTimeSeconds());
        return (Instant.FromUnixTimeSeconds(cell.From), Instant.FromUnixTimeSeconds(cell.Until));
    }

    public static decimal Seconds(Duration duration) => duration.ToInt64Nanoseconds() / 1_000_000_000m;

    private void AddOrReplace(DemandCell cell)
    {
        if (cells.Count > 0 && cells[^1] is var last && last.Start == cell.Start)
        {
            cells[^1] = new DemandCell(
                cell.Start, last.Kwh + cell.Kwh, last.KnownSeconds + cell.KnownSeconds, last.Kvarh + cell.Kvarh, last.KvarSeconds + cell.KvarSeconds, last.KwhWithoutKvar + cell.KwhWithoutKvar);
        }
        else
        {
            cells.Add(cell);
        }
    }
}
