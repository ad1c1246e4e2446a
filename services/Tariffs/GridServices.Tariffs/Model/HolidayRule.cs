namespace GridServices.Tariffs.Model;

/// <summary>How holidays belong to a day type.</summary>
public enum HolidayRule
{
    /// <summary>A holiday is the weekday that it is.</summary>
    AsWeekday,

    /// <summary>A holiday is not of this type.</summary>
    Exclude,

    /// <summary>A holiday is of this type, whatever weekday it is.</summary>
    Include,
}
