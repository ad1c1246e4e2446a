using GridServices.Wire;

namespace GridServices.Operations.Programs;

/// <summary>What the utility's signals mean for a site of this program, in terms that a site's own numbers fill.</summary>
public sealed record SignalPolicy
{
    /// <summary>SIMPLE levels; empty = not understood.</summary>
    public ValueList<LevelRule> Levels { get; init; } = [];

    /// <summary>LOAD_CONTROL percentages refer to the site's peak demand.</summary>
    public bool LoadControl { get; init; }

    /// <summary>LOAD_DISPATCH numbers are targets.</summary>
    public bool LoadDispatch { get; init; }

    public required string Source { get; init; }
    public required Certainty Certainty { get; init; }
}

/// <summary>What one SIMPLE level limits.</summary>
/// <param name="Level">0 to 3.</param>
/// <param name="Import">The import limit at this level.</param>
/// <param name="Share">Part of the nominated power that is shed at this level, for <see cref="LevelLimit.PeakLessNominated"/>.</param>
/// <param name="Field">The answer in kW, for <see cref="LevelLimit.Answer"/>.</param>
public sealed record LevelRule(int Level, LevelLimit Import, decimal Share = 1, string? Field = null);

/// <summary>Where a level's import limit comes from.</summary>
public enum LevelLimit
{
    /// <summary>No statement: normal operation.</summary>
    None,

    /// <summary>The promised firm service level.</summary>
    FirmServiceLevel,

    /// <summary>The site's peak demand less what was nominated, by the level's share.</summary>
    PeakLessNominated,

    /// <summary>What is never shed; where it is not known, the limit of the level below.</summary>
    CriticalLoad,

    /// <summary>What the applicant answered.</summary>
    Answer,
}
