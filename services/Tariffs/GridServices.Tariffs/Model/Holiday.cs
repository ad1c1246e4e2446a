using NodaTime;

namespace GridServices.Tariffs.Model;

/// <summary>One holiday, as exactly one of: a date, a day of every year, the n-th weekday of a month, days from Easter Sunday.</summary>
public sealed record Holiday
{
    public string? Name { get; init; }
    public LocalDate? Date { get; init; }

    /// <summary>Every year on this day, <c>MM-dd</c>.</summary>
    public AnnualDate? Annual { get; init; }

    public NthWeekday? Nth { get; init; }

    /// <summary>Days after Western Easter Sunday; Good Friday = -2.</summary>
    public int? EasterOffset { get; init; }

    public Observance Observed { get; init; } = Observance.None;
}
