namespace GridServices.Operations.Service.Frequency;

/// <summary>Between these frequencies nothing is asked for; one of both null = only the other way is sold.</summary>
internal sealed record FrequencyDeadBand(decimal? LowHz, decimal? HighHz)
{
    /// <summary>Of a curve's corners (Hz, share), or of a trigger; null = the service has neither.</summary>
    internal static FrequencyDeadBand? From(IReadOnlyList<IReadOnlyList<decimal>>? curve, decimal? triggerHz, decimal nominalHz)
    {
        // Beyond its corners a curve holds its end values: where it ends with nothing, nothing is asked for further on either.
        var corners = (curve ?? []).Where(c => c.Count == 2).OrderBy(c => c[0]).ToList();
        var still = corners.Where(c => c[1] == 0).Select(c => c[0]).ToList();
        return still.Count > 0 ? new FrequencyDeadBand(corners[0][1] == 0 ? null : still[0], corners[^1][1] == 0 ? null : still[^1])
            : triggerHz is { } hz ? (hz < nominalHz ? new FrequencyDeadBand(hz, null) : new FrequencyDeadBand(null, hz))
            : null;
    }
}
