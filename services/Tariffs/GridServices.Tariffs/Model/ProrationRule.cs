namespace GridServices.Tariffs.Model;

public enum ProrationRule
{
    /// <summary>Each calendar month's share of days, also for cycles of about a month.</summary>
    CalendarDays,

    /// <summary>Days of the cycle / 30.</summary>
    ThirtyDays,

    /// <summary>Each cycle pays one month, however long.</summary>
    None,
}
