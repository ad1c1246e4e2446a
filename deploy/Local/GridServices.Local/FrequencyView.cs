using System.Globalization;
using System.Text.Json;

namespace GridServices.Local;

/// <summary>Frequency contracts: how they stand, and when they act.</summary>
internal sealed class FrequencyView(ServiceApi api) : ServiceView("frequency")
{
    protected override async Task LookAsync(CancellationToken cancel)
    {
        foreach (var contract in await api.ListAsync("frequency-response", "/v1/contracts", cancel))
        {
            var id = Text(contract, "contractId");
            if (await api.GetAsync("frequency-response", $"/v1/contracts/{id}/state", cancel) is { } state)
            {
                Say($"contract {id}", Standing(state));
            }
        }
    }

    private static string Standing(JsonElement state)
    {
        var faults = string.Join(", ", state.GetProperty("faults").EnumerateArray());
        return state.TryGetProperty("activation", out _)
            ? "responds"
            : $"{(state.GetProperty("procured").GetBoolean() ? "armed" : "not procured now")}, measurement {Text(state, "rung")}{(faults.Length > 0 ? $" ({faults})" : "")}; "
              + PredictedFactor(state.GetProperty("compliance"));
    }

    // Absent where delivery is not measured: then nothing is predicted, and nothing is paid.
    private static string PredictedFactor(JsonElement compliance) => compliance.TryGetProperty("predictedFactor", out var factor)
        ? $"predicted factor {factor.GetDouble().ToString("0.##", CultureInfo.InvariantCulture)}"
        : "delivery not measured yet";
}
