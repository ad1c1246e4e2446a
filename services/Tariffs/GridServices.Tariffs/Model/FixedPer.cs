namespace GridServices.Tariffs.Model;

public enum FixedPer
{
    /// <summary>Per calendar month; a billing period of other length pays its share of days.</summary>
    Month,
    Day,

    /// <summary>365/12 days each month, whatever its length (the convention of NREL's SAM for a price per day).</summary>
    MeanMonthDay,
    BillingPeriod,
    Year,
}
