using GridServices.OpenAdr.Configuration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>An interval as a meter's store has it.</summary>
/// <param name="Start">Start.</param>
/// <param name="Length">How long it is.</param>
/// <param name="NetKw">Mean power, + = import; where the meter has a register of export, that of import alone. Null: not known.</param>
/// <param name="ExportKw">Mean power of the register of export; null: not known.</param>
/// <param name="HasExport">Whether the meter has a register of export.</param>
/// <param name="IsEstimated">True: no measurement, or not wholly.</param>
public readonly record struct MeterInterval(Instant Start, Duration Length, decimal? NetKw, decimal? ExportKw, bool HasExport, bool IsEstimated)
{
    public Instant End => Start + Length;

    /// <summary>Mean kW of what a channel carries, by the direction that it counts; null: not known.</summary>
    public decimal? ComputeKw(string? source) => source switch
    {
        ReportSources.EnergyImportWh => HasExport ? NetKw : NetKw is { } net ? Math.Max(net, 0) : null,
        ReportSources.EnergyExportWh => HasExport ? ExportKw : NetKw is { } net ? Math.Max(-net, 0) : null,
        _ => HasExport ? NetKw - ExportKw : NetKw,
    };
}

/// <summary>Sums a meter's intervals up into those of a report, one after the other, so that a long past needs no more room than a message.</summary>
public sealed class MeterIntervals
{
    private readonly ReportConfig _channel;
    private readonly PastGrid _grid;
    private readonly Sum[] _sums;

    public MeterIntervals(ReportConfig channel, PastGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        (_channel, _grid, _sums) = (channel, grid, new Sum[grid.Count]);
    }

    /// <summary>Each interval once, in any order.</summary>
    public void Add(MeterInterval interval)
    {
        if (interval.ComputeKw(_channel.Source) is not { } kw || interval.End <= _grid.From || interval.Start >= _grid.Until)
        {
            return;
        }

        var first = Math.Max(0, (int)Math.Floor((interval.Start - _grid.From) / _grid.Step));
        for (var i = first; i < _sums.Length && GetStart(i) < interval.End; i++)
        {
            var overlap = Instant.Min(interval.End, GetEnd(i)) - Instant.Max(interval.Start, GetStart(i));
            _sums[i] = _sums[i].With(kw, overlap, interval.IsEstimated || overlap < interval.Length);
        }
    }

    /// <summary>What is known, by start.</summary>
    public MeteredChannel ToChannel()
    {
        var isEnergy = _channel.Source is ReportSources.EnergyImportWh or ReportSources.EnergyExportWh;
        return new MeteredChannel(_channel.RId, Enumerable.Range(0, _sums.Length).Where(i => _sums[i].Seconds > 0)
            .Select(i => _sums[i].Value(GetStart(i), GetEnd(i) - GetStart(i), isEnergy)).ToValueList());
    }

    private Instant GetStart(int index) => _grid.From + (_grid.Step * index);

    private Instant GetEnd(int index) => Instant.Min(GetStart(index + 1), _grid.Until);

    /// <param name="KilowattSeconds">Over what is known.</param>
    /// <param name="Seconds">How long that is.</param>
    /// <param name="IsEstimated">True: a part of it is no measurement.</param>
    private readonly record struct Sum(decimal KilowattSeconds, decimal Seconds, bool IsEstimated)
    {
        public Sum With(decimal kw, Duration length, bool isEstimated) =>
            new(KilowattSeconds + (kw * (decimal)length.TotalSeconds), Seconds + (decimal)length.TotalSeconds, IsEstimated || isEstimated);

        // 1 kWs is 1/3.6 Wh; the mean of kW over seconds is in kW.
        public MeteredValue Value(Instant at, Duration length, bool isEnergy) => new(
            at,
            (long)decimal.Round(isEnergy ? KilowattSeconds / 3.6m : KilowattSeconds / Seconds * 1000m, MidpointRounding.ToEven),
            Seconds < (decimal)length.TotalSeconds ? MeteredQuality.Partial : IsEstimated ? MeteredQuality.Estimated : MeteredQuality.Measured);
    }
}
