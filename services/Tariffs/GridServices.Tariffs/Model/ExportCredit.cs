namespace GridServices.Tariffs.Model;

public enum ExportCredit
{
    /// <summary>Net billing: the money stands on the same bill, which may be negative.</summary>
    None,

    /// <summary>Net metering: surplus kWh move to the next billing period, to the same time of day.</summary>
    Kwh,

    /// <summary>Credits are money and move to the next billing period.</summary>
    Money,
}
