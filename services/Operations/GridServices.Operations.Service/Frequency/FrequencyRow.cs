using NodaTime;

namespace GridServices.Operations.Service.Frequency;

/// <summary>A moment of the pool, powers + = injection; null = nothing there.</summary>
internal sealed record FrequencyRow(Instant At, decimal? FrequencyHz, decimal? MeteredW, decimal? BaselineW, decimal? ResponseW)
{
    /// <summary>What was delivered beside the baseline, W, + raises the frequency.</summary>
    internal decimal? DeliveredW => MeteredW - BaselineW;
}
