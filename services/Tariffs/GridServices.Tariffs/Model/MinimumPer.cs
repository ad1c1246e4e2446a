namespace GridServices.Tariffs.Model;

public enum MinimumPer
{
    Month,
    Day,

    /// <summary>Calculated in the last billing period of the year, against the year's periods together.</summary>
    Year,
}
