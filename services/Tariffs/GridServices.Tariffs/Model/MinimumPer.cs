namespace GridServices.Tariffs;

public enum MinimumPer
{
    Month,
    Day,

    /// <summary>Calculated in the last billing period of the year, against the year's periods together.</summary>
    Year,
}
