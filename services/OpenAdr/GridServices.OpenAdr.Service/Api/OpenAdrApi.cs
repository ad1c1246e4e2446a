using GridServices.Hosting.OpenApi;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>What the service's OpenAPI document says beyond its endpoints.</summary>
internal static class OpenAdrApi
{
    internal static readonly ApiAbout About = new()
    {
        Description =
            "OpenADR 2.0b VENs: each registers with its utility's VTN, follows its events and publishes what they ask of the sites as envelopes to the hub. "
            + "Powers are watts, import and charge positive. Instants are RFC 3339 in UTC, spans are half-open.",
        Tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["VENs"] = "The registry of VENs, and what they can be told to do.",
            ["Events"] = "Events as they are now, and people's choices about them.",
            ["Opts"] = "What the VTN is told by oadrCreateOpt: about one event or its resources, and schedules.",
            ["Messages"] = "The journal of messages with their raw XML.",
        },
        Parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["venKey"] = "Our own name of the VEN, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
            ["eventId"] = "The VTN's id of the event.",
            ["optId"] = "Our own id of the opt.",
            ["action"] = "query-registration, register, reregister, cancel-registration, request-events, publish-metadata, request-vtn-metadata, cancel-vtn-metadata or resend.",
            ["reportBackDuration"] = "With request-vtn-metadata: how often the VTN is to send it, ISO 8601, 1 s to 366 days (absent = once).",
            ["rides"] = "With request-vtn-metadata: true, the request goes with the VEN's next answer to METADATA of the VTN, and in no message of its own (absent = false).",
            ["dryRun"] = "true: only say what would be done (absent = false).",
            ["before"] = "Rows older than this id; next of the page before.",
            ["after"] = "next of the page before: the page goes on after it.",
            ["from"] = "Start of the window, RFC 3339 in UTC; absent = open.",
            ["until"] = "End of the window, exclusive, RFC 3339 in UTC; absent = open.",
            ["limit"] = "Most items of the page: 1 to 1000, of messages 1 to 500 (absent = 50). Lists of other things are whole without limit and after.",
        },
    };
}
