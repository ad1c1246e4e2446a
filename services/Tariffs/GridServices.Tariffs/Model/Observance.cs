namespace GridServices.Tariffs.Model;

/// <summary>How a holiday on a weekend moves.</summary>
public enum Observance
{
    None,

    /// <summary>Saturday to Friday, Sunday to Monday.</summary>
    NearestWeekday,

    /// <summary>Sunday to Monday; Saturday stays.</summary>
    SundayToMonday,

    /// <summary>Saturday and Sunday to the next weekday that is no holiday itself: Christmas and Boxing Day of a weekend are Monday and Tuesday.</summary>
    SubstituteDay,
}
