namespace GridServices.Operations.Programs;

/// <summary>The program wants to hear of planned unavailability before any event: opt plans are told as opt schedules (EiOpt). A template without it hears of them event by event.</summary>
public sealed record OptScheduleTerms
{
    /// <summary>The yes/no question of the application that decides it for each enrollment; null = for every one.</summary>
    public string? Field { get; init; }

    public required string Source { get; init; }
    public required Certainty Certainty { get; init; }
}
