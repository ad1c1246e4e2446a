namespace GridServices.Tariffs.Invoices;

/// <summary>Units of bill lines as codes of UN/ECE Recommendation 20.</summary>
public static class UnitCode
{
    /// <summary>One piece: what is charged once, or as a share of money.</summary>
    public const string One = "C62";

    /// <summary>The code of a bill's unit; <see cref="One"/> for what the recommendation has no unit for (kW-month, billing period).</summary>
    public static string GetCode(string unit) => unit switch
    {
        "kWh" => "KWH",
        "kW" => "KWT",
        "kVA" => "KVA",
        "kvar" => "KVR",
        "kvarh" => "K3",
        "day" => "DAY",
        "month" => "MON",
        "year" => "ANN",
        "hour" => "HUR",
        _ => One,
    };
}
