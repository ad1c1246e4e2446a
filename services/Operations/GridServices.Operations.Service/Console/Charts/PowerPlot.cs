using GridServices.Contracts;
using NodaTime;

namespace GridServices.Operations.Service.Console.Charts;

/// <summary>A measured or calculated power at an instant, W; null where it is not known, which breaks the line.</summary>
internal sealed record PowerPoint(Instant At, decimal? Watts);

/// <summary>A limit over [From, Until) (null = beyond the plot), W as drawn: export limits are negative.</summary>
/// <remarks>Says: one sentence, shown on hovering and in the table.</remarks>
internal sealed record PlotLimit(Instant From, Instant? Until, long Watts, Tier Tier, string Says);

/// <summary>An event or window over [From, Until); null = beyond the plot.</summary>
internal sealed record Band(Instant From, Instant? Until, string Says);

/// <summary>An interval whose power cost money, W; null where it was not measured, and then it is named in the table only.</summary>
internal sealed record PlotPeak(Instant From, Instant Until, decimal? Watts, string Says);

/// <summary>What a plot of power shows over [From, Until). + is import.</summary>
internal sealed record PowerPlot(string Id, string Title, string Description, Instant From, Instant Until)
{
    /// <summary>The vertical line of the present; null: none.</summary>
    public Instant? Now { get; init; }

    public IReadOnlyList<PowerPoint> Measured { get; init; } = [];

    public IReadOnlyList<PowerPoint> Baseline { get; init; } = [];

    public IReadOnlyList<PlotLimit> Limits { get; init; } = [];

    public IReadOnlyList<Band> Bands { get; init; } = [];

    /// <summary>The intervals whose power cost money.</summary>
    public IReadOnlyList<PlotPeak> Peaks { get; init; } = [];
}
