namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>That contracts can't be stated, nor what happened be stored, and a person has to look. Any thread.</summary>
internal sealed class StatingAlarm
{
    private volatile string? _problem;

    /// <summary>A line for people; null: none.</summary>
    public string? Problem
    {
        get => _problem;
        set => _problem = value;
    }
}
