namespace GridServices.Tariffs.Model;

public enum RiderPer
{
    /// <summary>kWh imported on its days.</summary>
    Kwh,

    /// <summary>kW billed in the billing period, for its share of days.</summary>
    Kw,

    /// <summary>Once per billing period, for its share of days.</summary>
    BillingPeriod,

    /// <summary>Month, for its share of days.</summary>
    Month,
    Day,
}
