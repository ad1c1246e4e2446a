using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs.Time;

/// <summary>One period of a schedule over [<see cref="From"/>, <see cref="Until"/>).</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PeriodSpan(Instant From, Instant Until, string? Period);

/// <summary>The periods ahead, minute by minute, across clock changes.</summary>
public static class PeriodSpans
{
    private const int Minute = 60;

    /// <summary>The periods of a schedule over [from, until); <c>all</c> where there is none, null where no rule matches.</summary>
    public static ImmutableArray<PeriodSpan> Compute(CompiledTariff tariff, string? schedule, Instant from, Instant until, ImmutableArray<CalledEvent> events)
    {
        if (tariff.FindSchedule(schedule) is not { } compiled)
        {
            return [new PeriodSpan(from, until, "all")];
        }

        var start = from.ToUnixTimeSeconds() / Minute * Minute;
        var count = (int)((until.ToUnixTimeSeconds() - start + Minute - 1) / Minute);
        var table = RunTable.Create(compiled, tariff.Zone, new Grid(start, Minute, count), [], events);
        var spans = ImmutableArray.CreateBuilder<PeriodSpan>(table.Runs.Length);
        foreach (var run in table.Runs)
        {
            var (a, b) = (Instant.FromUnixTimeSeconds(start + (long)run.Start * Minute), Instant.FromUnixTimeSeconds(start + (long)run.End * Minute));
            spans.Add(new PeriodSpan(Instant.Max(a, from), Instant.Min(b, until), run.Period < 0 ? null : compiled.Periods[run.Period]));
        }

        return spans.ToImmutable();
    }

    /// <summary>The period that holds at a moment.</summary>
    public static string? At(CompiledTariff tariff, string? schedule, Instant moment)
    {
        if (tariff.FindSchedule(schedule) is not { } compiled)
        {
            return "all";
        }

        var period = compiled.PeriodAt(moment.InZone(tariff.Zone).LocalDateTime);
        return period < 0 ? null : compiled.Periods[period];
    }
}
