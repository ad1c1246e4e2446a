using System.Collections.Immutable;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>
/// A billing cycle under way: readings are appended as they come, the bill so far is calculated when asked for. Keeps one whole number per
/// interval of the cycle and nothing else, so a thousand open quarter-hour bills take about 24 MB.
/// </summary>
public sealed class OpenBill
{
    private readonly ImmutableArray<CompiledTariff> versions;
    private readonly BillingCycle cycle;
    private readonly Duration step;
    private readonly IntervalUnit unit;
    private readonly int scale;
    private readonly ImmutableArray<CalledEvent> events;
    private readonly decimal factor;
    private readonly long[] values;
    private readonly List<IndexRange> missing = [];
    private readonly List<IndexRange> estimated = [];
    private BillPlan? plan;
    private int count;

    /// <param name="versions">The tariff versions that hold in the cycle.</param>
    /// <param name="cycle">The cycle.</param>
    /// <param name="step">Length of an interval.</param>
    /// <param name="unit">kW or kWh.</param>
    /// <param name="scale">Digits kept: 6 = mW or mWh.</param>
    /// <param name="events">Events called in the cycle.</param>
    public OpenBill(IReadOnlyList<CompiledTariff> versions, BillingCycle cycle, Duration step, IntervalUnit unit = IntervalUnit.Kwh, int scale = 6, IReadOnlyList<CalledEvent>? events = null)
    {
        this.events = [.. events ?? []];
        (this.versions, this.cycle, this.step, this.unit, this.scale) = ([.. versions], cycle, step, unit, scale);
        factor = ExactDecimal.Power(scale);
        Start = this.versions[0].Zone.AtStartOfDay(cycle.From).ToInstant();
        values = new long[(int)((this.versions[0].Zone.AtStartOfDay(cycle.Until).ToInstant() - Start) / step)];
    }

    public Instant Start { get; }

    /// <summary>Where the next interval starts.</summary>
    public Instant Next => Start + step * count;

    public bool IsFull => count == values.Length;

    /// <summary>The value of the interval that starts at <paramref name="start"/>; intervals left out before it are missing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not the start of an interval of this cycle, or one that has a value already.</exception>
    public void Append(Instant start, decimal value, bool isEstimated = false)
    {
        var distance = start - Start;
        var index = (int)(distance / step);
        if (distance < Duration.Zero || step * index != distance || index < count || index >= values.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(start), start, $"the next interval of this bill starts at {Next}; later ones may follow, earlier ones are a correction and need a new bill");
        }

        if (index > count)
        {
            missing.Add(new IndexRange(count, index - count));
        }

        if (isEstimated)
        {
            estimated.Add(new IndexRange(index, 1));
        }

        values[index] = (long)decimal.Round(value * factor, 0, MidpointRounding.ToEven);
        count = index + 1;
    }

    /// <summary>The bill of what has come so far; provisional until the cycle is full.</summary>
    public Bill SoFar(Account? account = null, BillOptions? options = null)
    {
        var gaps = count < values.Length ? [.. missing, new IndexRange(count, values.Length - count)] : missing.ToImmutableArray();
        var series = IntervalSeries.FromUnits(Start, step, unit, scale, [.. values]).Marked(gaps, [.. estimated]);
        plan ??= BillPlan.Create(versions, [cycle], series, events);
        return BillCalculator.Calculate(plan, MeterData.From(series), account, options);
    }
}
