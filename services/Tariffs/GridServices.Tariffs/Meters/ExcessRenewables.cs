using GridServices.Contracts;
using GridServices.Tariffs.Intensity;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>Hours in which the grid has renewables to spare: told to the site's controller as an advisory set-point, never as a limit.</summary>
public sealed record ExcessRenewables
{
    /// <summary>The stream that says so.</summary>
    public const string Stream = "excess-renewables";

    private const int MostSpans = 1024;

    /// <summary>The grid zone whose stored intensity tells them.</summary>
    public required string GridZone { get; init; }

    /// <summary>Renewables are in excess while the intensity is known and at most this, g/kWh.</summary>
    public required decimal AtMostGrams { get; init; }

    /// <summary>What the site is asked to draw then if it can, W.</summary>
    public required long DrawW { get; init; }

    /// <summary>The hours from now to two days ahead. Where the intensity is not known nothing is said.</summary>
    internal EnvelopeDraft Draft(IntensityCurve curve, Instant now) => new(Stream, [], Obligation.Advisory)
    {
        GridZone = GridZone,
        Targets =
        [
            .. curve.AtMost(AtMostGrams, now, now + EnvelopeDrafts.Horizon).Take(MostSpans).Select(span => new TargetSegment
            {
                From = span.From, Until = span.Until, TargetW = DrawW, Cause = new Cause { EventId = $"{Stream} {GridZone}" },
            }),
        ],
    };
}
