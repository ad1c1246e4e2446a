namespace GridServices.FrequencyResponse.Evaluation;

/// <summary>Answer of <c>POST /v1/evaluate</c>, one item per point asked, in the same order.</summary>
public sealed record EvaluateAnswer(IReadOnlyList<EvaluatedPoint> Points);

/// <summary>What a service asks for at a frequency; + = raise the frequency (inject more, import less).</summary>
public sealed record EvaluatedPoint
{
    /// <summary>Share of the contracted quantity; of a droop around the power before a disturbance, total power as a share of rating.</summary>
    public double? Pu { get; init; }

    /// <summary>Megawatts of a stack.</summary>
    public double? Mw { get; init; }

    /// <summary>Watts, where the point gives a quantity or a curve in watts.</summary>
    public double? W { get; init; }
}
