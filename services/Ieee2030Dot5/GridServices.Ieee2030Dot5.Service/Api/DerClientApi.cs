using GridServices.Hosting.OpenApi;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>What the service's OpenAPI document says beyond its endpoints.</summary>
internal static class DerClientApi
{
    internal static readonly ApiAbout About = new()
    {
        Description =
            "IEEE 2030.5 clients (2018 and CSIP-AUS): each follows the DER programs of its utility's server and publishes what they ask of the sites as envelopes to the hub. "
            + "Powers are watts, import and charge positive. Instants are RFC 3339 in UTC, spans are half-open.",
        Tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Clients"] = "The registry of clients, and what they can be told to do.",
            ["Resources"] = "What the server holds for a client: devices, programs, controls, responses.",
            ["Reservations"] = "Energy that the utility is asked to let flow into or out of a site's storage.",
            ["Servers"] = "Servers that the network tells of.",
            ["Messages"] = "The journal of exchanges with their raw XML.",
            ["Notifications"] = "Where the utility's server notifies us.",
        },
        Parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["clientKey"] = "Our own name of the client, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
            ["mRid"] = "The control's mRID, hexadecimal, in any case.",
            ["reservationId"] = "As createReservation answered it.",
            ["action"] = "rediscover, resume or report.",
            ["id"] = "48 hexadecimal digits drawn for the client; GET /v1/clients/{clientKey} shows the path.",
            ["domain"] = "local (absent), site, or a domain of unicast DNS.",
            ["sfdi"] = "Only servers that know the EndDevice with this SFDI, 12 digits; absent = all.",
            ["before"] = "Rows older than this id; next of the page before.",
            ["after"] = "next of the page before: the page goes on after it.",
            ["from"] = "Start of the window, RFC 3339 in UTC; absent = open.",
            ["until"] = "End of the window, exclusive, RFC 3339 in UTC; absent = open.",
            ["limit"] = "Most items of the page: 1 to 1000, of messages 1 to 500 (absent = 50). Lists of other things are whole without limit and after.",
        },
    };
}
