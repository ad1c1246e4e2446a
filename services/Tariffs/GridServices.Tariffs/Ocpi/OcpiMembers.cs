using System.Collections.Immutable;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Ocpi;

/// <summary>The member names of OCPI 2.1.1 to 2.3.0 that a price hangs on. The protocol lets parties add members, so an unknown one is told and not refused.</summary>
internal static class OcpiMembers
{
    public static readonly ImmutableArray<string> Tariff =
    [
        "country_code", "party_id", "id", "currency", "type", "tariff_alt_text", "tariff_alt_url", "min_price", "max_price", "preauthorize_amount", "elements", "tax_included",
        "start_date_time", "end_date_time", "energy_mix", "last_updated",
    ];

    public static readonly ImmutableArray<string> Element = ["price_components", "restrictions"];

    public static readonly ImmutableArray<string> Component = ["type", "price", "vat", "step_size"];

    public static readonly ImmutableArray<string> Restriction =
    [
        "start_time", "end_time", "start_date", "end_date", "min_kwh", "max_kwh", "min_current", "max_current", "min_power", "max_power", "min_duration", "max_duration",
        "day_of_week", "reservation",
    ];

    public static readonly ImmutableArray<string> Cdr =
    [
        "country_code", "party_id", "id", "start_date_time", "end_date_time", "stop_date_time", "session_id", "auth_id", "cdr_token", "auth_method", "authorization_reference",
        "location", "cdr_location", "meter_id", "currency", "tariffs", "charging_periods", "signed_data", "total_cost", "total_fixed_cost", "total_energy", "total_energy_cost",
        "total_time", "total_time_cost", "total_parking_time", "total_parking_cost", "total_reservation_cost", "remark", "invoice_reference_id", "credit", "credit_reference_id",
        "home_charging_compensation", "booking_id", "last_updated",
    ];

    public static readonly ImmutableArray<string> Period = ["start_date_time", "dimensions", "tariff_id", "encoding_method"];

    public static readonly ImmutableArray<string> Dimension =
    [
        "CURRENT", "ENERGY", "ENERGY_EXPORT", "ENERGY_IMPORT", "FLAT", "MAX_CURRENT", "MIN_CURRENT", "MAX_POWER", "MIN_POWER", "PARKING_TIME", "POWER", "RESERVATION_TIME",
        "STATE_OF_CHARGE", "TIME",
    ];

    /// <summary>Warns of members that OCPI does not have.</summary>
    /// <param name="holder">The object.</param>
    /// <param name="known">What it may have.</param>
    /// <param name="nearOnly">Only those that look like a known one written wrong: where parties often add members of their own.</param>
    /// <param name="problems">Where to tell it.</param>
    public static void Report(JsonMember holder, ImmutableArray<string> known, bool nearOnly, ReadProblems problems) => UnknownMembers.Report(holder, "OCPI", known, nearOnly, problems);
}
