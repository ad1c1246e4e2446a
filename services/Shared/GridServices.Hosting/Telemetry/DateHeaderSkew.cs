using NodaTime;

namespace GridServices.Hosting.Telemetry;

/// <summary>A clock skew that was read off HTTP's Date header, which has whole seconds.</summary>
public static class DateHeaderSkew
{
    private static readonly Duration Resolution = Duration.FromSeconds(1);

    /// <summary>Seconds for a metric: 0 within the header's resolution, so that two clocks that agree don't seem to wander.</summary>
    public static double Seconds(Duration skew) => skew > Resolution || skew < -Resolution ? skew.TotalSeconds : 0;
}
