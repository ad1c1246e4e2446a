using System.Text.Json;

namespace GridServices.Operations;

/// <summary>Which intervals of a series nobody measured, as the Tariffs service takes it: <c>"estimated": [{ "from": 4, "until": 8 }]</c> by index, until exclusive.</summary>
public static class EstimatedIntervals
{
    /// <summary>Writes the member beside the numbers; nothing where all were measured.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<bool> isEstimate)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(isEstimate);
        if (!isEstimate.Contains(true))
        {
            return;
        }

        json.WriteStartArray("estimated");
        for (var from = 0; from < isEstimate.Count; from++)
        {
            if (!isEstimate[from])
            {
                continue;
            }

            var until = from;
            while (until < isEstimate.Count && isEstimate[until])
            {
                until++;
            }

            json.WriteStartObject();
            json.WriteNumber("from", from);
            json.WriteNumber("until", until);
            json.WriteEndObject();
            from = until;
        }

        json.WriteEndArray();
    }
}
