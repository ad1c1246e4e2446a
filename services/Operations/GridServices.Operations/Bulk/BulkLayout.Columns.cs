namespace GridServices.Operations.Bulk;

public sealed partial record BulkLayout
{
    private static BulkLayout Sites => new(BulkKind.Sites, "sites.csv",
    [
        new("site_id", true, "the site's id, fixed once used", ["site-1", "site-2", "site-3"]),
        new("customer_name", true, "as in the list of customers", ["Northwind Charging", "Northwind Charging", "Contoso Depots"]),
        new("site_name", true, "what people call it", ["Oakland Depot", "Fresno Hub", "Depot Mitte"]),
        new("address1", true, "street and number", ["1 Main Street", "20 Shaw Avenue", "Torstraße 1"]),
        new("city", true, "", ["Oakland", "Fresno", "Berlin"]),
        new("region", false, "state or province", ["CA", "CA", ""]),
        new("postcode", true, "", ["94607", "93710", "10119"]),
        new("country", true, "ISO 3166, two letters", ["US", "US", "DE"]),
        new("time_zone", true, "IANA", ["America/Los_Angeles", "America/Los_Angeles", "Europe/Berlin"]),
        new("import_max_kw", false, "kW that the connection may draw", ["250", "400.5", "120"]),
        new("export_max_kw", false, "kW that it may feed in; 0 = none", ["0", "100", "0"]),
        new("phases", false, "1, split or 3", ["3", "3", "3"]),
        new("tags", false, "separated by |", ["north|dc", "", "pilot"]),
    ]);

    private static BulkLayout Meters => new(BulkKind.Meters, "meters.csv",
    [
        new("site_id", true, "", ["site-1", "site-2", "site-3"]),
        new("scheme", true, "whose numbering", ["PGE-SAID", "PGE-SAID", "OTHER"]),
        new("identifier", true, "as on the utility's bill", ["1234567890", "2345678901", "DE-0001"]),
        new("account_no", false, "", ["12345678901", "23456789012", ""]),
        new("meter_no", false, "", ["1009876543", "", "A-17"]),
        new("kind", true, "utility, submeter, evse, battery or pv", ["utility", "utility", "submeter"]),
        new("interval_min", false, "minutes per value", ["15", "15", "60"]),
        new("tariff_id", false, "of the Tariffs service", ["", "pge-b-20", ""]),
        new("data_source", false, "telemetry, csv, greenButton or api", ["greenButton", "csv", "telemetry"]),
    ]);

    private static BulkLayout Contacts => new(BulkKind.Contacts, "contacts.csv",
    [
        new("customer_name", true, "", ["Northwind Charging", "Northwind Charging", "Contoso Depots"]),
        new("site_id", false, "empty = all sites of the customer", ["site-1", "", ""]),
        new("role", true, "authorizedSigner, eventPrimary, eventBackup, billing or technical", ["eventPrimary", "authorizedSigner", "billing"]),
        new("name", true, "", ["Ann Example", "Bob Example", "Eva Beispiel"]),
        new("email", true, "", ["ann@example.com", "bob@example.com", "eva@example.com"]),
        new("phone", false, "with the country's code", ["+14155550100", "", "+49301234567"]),
        new("language", false, "such as en, de, fr-CA", ["en", "", "de"]),
        new("channels", false, "email, sms, voice, push, webhook; separated by |", ["email|sms", "email", ""]),
    ]);

    private static BulkLayout Enrollments => new(BulkKind.Enrollments, "enrollments.csv",
    [
        new("site_id", true, "", ["site-1", "site-2", "site-3"]),
        new("program_code", true, "as in the list of programs", ["PGE-ELRP-A2", "PGE-ELRP-A2", "OPENADR-20B"]),
        new("period_from", true, "first day, 2027-05-01", ["2027-05-01", "2027-05-01", "2027-01-01"]),
        new("period_until", false, "last day; empty = until further notice", ["2027-10-31", "2027-10-31", ""]),
        new("meter_identifier", false, "", ["1234567890", "2345678901", "DE-0001"]),
        new("nominated_kw", false, "kW", ["60", "120.5", ""]),
        new("firm_service_level_kw", false, "kW that is not exceeded in an event", ["", "", ""]),
        new("baseline_option", false, "as the program names it", ["", "", ""]),
        new("product", false, "as the program names it", ["", "", ""]),
        new("external_group", false, "the utility's or aggregator's group", ["", "", ""]),
        new("opt_policy", false, "auto, manual or never", ["auto", "manual", ""]),
        new("ven_name", false, "", ["", "", "site-3"]),
        new("ven_id", false, "empty = the VTN gives it", ["", "", ""]),
        new("market_context", false, "URL", ["", "", "http://utility.example/dr"]),
        new("cert_ref", false, "id of a certificate", ["", "", ""]),
        new("nmi", false, "", ["", "", ""]),
        new("lfdi", false, "40 hex digits", ["", "", ""]),
        new("pin", false, "6 digits", ["", "", ""]),
        new("signer_email", false, "", ["bob@example.com", "bob@example.com", ""]),
        new("consent_date", false, "2027-04-01", ["2027-04-01", "2027-04-02", ""]),
        new("generator", false, "y or n", ["n", "y", ""], "generator(y/n)"),
        new("generator_kw", false, "kW of the nameplate", ["", "80", ""]),
        new("generator_fuel", false, "", ["", "diesel", ""]),
        new("generator_permit", false, "number", ["", "BAAQMD-4711", ""]),
        new("answers_json", false, "further answers as a JSON object", ["", "", ""]),
    ]);

    private static BulkLayout Nominations => new(BulkKind.Nominations, "nominations.csv",
    [
        new("enrollment_id", false, "or site_id and program_code", ["", "", ""]),
        new("site_id", false, "", ["site-1", "site-2", "site-3"]),
        new("program_code", false, "", ["PGE-CBP", "PGE-CBP", "PGE-CBP"]),
        new("delivery_period", true, "2027-07 (month), 2027 (season) or an event's id", ["2027-07", "2027-07", "2027-07"]),
        new("product", false, "", ["day-ahead 2-6h", "day-ahead 2-6h", "day-ahead 2-6h"]),
        new("kw", false, "kW; wanted where nominate is not No", ["60", "120.5", ""]),
        new("baseline_option", false, "", ["10-in-10", "10-in-10", ""]),
        new("nominate", true, "Yes or No", ["Yes", "Yes", "No"], "nominate(Yes/No)"),
        new("external_group", false, "", ["", "", ""]),
    ]);

    private static BulkLayout OptPlans => new(BulkKind.OptPlans, "optplans.csv",
    [
        new("site_id", true, "", ["site-1", "site-2", "site-3"]),
        new("program_code", false, "empty = every program", ["", "PGE-ELRP-A2", ""]),
        new("from_local", true, "the site's time, 2027-07-01T14:00", ["2027-07-01T14:00", "2027-07-04T00:00", "2027-12-24T00:00"]),
        new("until_local", true, "the site's time", ["2027-07-01T20:00", "2027-07-05T00:00", "2027-12-27T00:00"]),
        new("direction", true, "out or in", ["out", "out", "out"]),
        new("reason", true, "mustRun, economic, emergency, notParticipating, x-schedule …, with a text after a colon", ["mustRun: buses leave at 15:00", "notParticipating", "x-schedule: closed"]),
    ]);
}
