namespace GridServices.Tariffs.Model;

/// <summary>A class of connections by the size of their peak.</summary>
public sealed record KwClass
{
    /// <summary>Peaks above the class before and up to this, inclusive, are in it; kW.</summary>
    public required decimal UpToKw { get; init; }

    public required decimal Amount { get; init; }
}
