using System.Globalization;
using System.Text.Json;

namespace GridServices.Local.Feed;

/// <summary>From <c>GET /v1/contracts</c> and <c>…/state</c> of FrequencyResponse.</summary>
internal static class FrequencyChanges
{
    private const string Source = "frequency";

    public static IEnumerable<Change> Read(JsonElement contract, JsonElement state)
    {
        var id = contract.Text("contractId");
        var site = contract.Text("siteId");
        yield return Contract(state, site, $"contract {id}");
        if (state.TryGetProperty("activation", out var activation))
        {
            yield return new Change(Source, site, $"response {id} {activation.Text("began")}", $"contract {id}: a response began") { Weight = ChangeWeight.Detail };
        }
    }

    private static Change Contract(JsonElement state, string site, string owner)
    {
        var faults = string.Join(", ", state.Items("faults"));
        var standing = state.TryGetProperty("activation", out _) ? "responds" : state.Text("procured") == "True" ? "armed" : "not procured now";
        var measured = $"measurement {state.Text("rung")}{(faults.Length > 0 ? $" ({faults})" : string.Empty)}";
        return new Change(Source, site, owner, $"{owner}: {standing}, {measured}{At(state)}; {PredictedFactor(state.GetProperty("compliance"))}")
        {
            Owner = owner,
            Sameness = $"{standing} {measured}",
            Weight = state.Text("rung") is "valid" or "notReady" ? ChangeWeight.Normal : ChangeWeight.Alarm,
        };
    }

    private static string At(JsonElement state) =>
        state.TryGetProperty("frequencyHz", out var hz) && hz.ValueKind == JsonValueKind.Number ? $" at {hz.GetDouble().ToString("0.000", CultureInfo.InvariantCulture)} Hz" : string.Empty;

    // Absent where delivery is not measured: then nothing is predicted, and nothing is paid.
    private static string PredictedFactor(JsonElement compliance) => compliance.TryGetProperty("predictedFactor", out var factor)
        ? $"predicted factor {factor.GetDouble().ToString("0.##", CultureInfo.InvariantCulture)}"
        : "delivery not measured yet";
}
