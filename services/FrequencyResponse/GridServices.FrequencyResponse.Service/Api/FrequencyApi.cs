using GridServices.Hosting.OpenApi;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>What the service's OpenAPI document says beyond its endpoints.</summary>
internal static class FrequencyApi
{
    internal static readonly ApiAbout About = new()
    {
        Description =
            "Frequency response: from measured frequency (Hz) to the power of assets, within the rules of what was sold. Powers are watts, energies Wh. `pu` is the share of the sold quantity, "
            + "+ raises the frequency; set-points and power of assets are signed, + is charge or import. Instants are RFC 3339 in UTC, spans are half-open. "
            + "Only metered power is scored, and what was not measured is not paid.",
        Tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Catalog"] = "The services there are, and what they ask for at a frequency.",
            ["Contracts"] = "What was sold, and what it does this moment.",
            ["Instructions"] = "What the grid operator instructs a contract to deliver.",
            ["Records"] = "What was delivered: activations, settlement periods, evidence.",
            ["Plans"] = "What is planned per settlement period and submitted: baseline, availability, energy, money.",
            ["Outages"] = "What the operator declares as not available, ahead or just now.",
            ["Assets"] = "The batteries and chargers that contracts use.",
            ["Sources"] = "Where samples of the frequency come from.",
            ["Set-points"] = "What assets are to do.",
        },
        Parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["contractId"] = "The contract, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
            ["instructionId"] = "The instruction, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
            ["outageId"] = "The declaration, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
            ["assetId"] = "The asset, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
            ["sourceId"] = "The source, 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -.",
            ["siteId"] = "Only this site; absent = all sites of the token.",
            ["segment"] = "The segment's name, as listed.",
            ["format"] = "gb or nordic: the segment as CSV of that form; absent = the log itself.",
            ["from"] = "Start, inclusive, RFC 3339 in UTC; absent = one day before until.",
            ["until"] = "End, exclusive, RFC 3339 in UTC; absent = now.",
            ["after"] = "next of the page before: the page goes on after it.",
            ["limit"] = "Most items of the page, 1 to 1000.",
        },
    };
}
