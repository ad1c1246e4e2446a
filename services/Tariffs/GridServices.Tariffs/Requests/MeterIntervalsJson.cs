using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Requests;

/// <summary>Reads the body of <c>PUT /v1/meters/{meterId}/intervals</c>: the intervals of a bill request, alone.</summary>
public static class MeterIntervalsJson
{
    /// <param name="json">The body.</param>
    /// <param name="zone">Of times without an offset.</param>
    /// <param name="now">Intervals that start after the next day are refused.</param>
    public static ReadResult<MeterData> Read(ReadOnlyMemory<byte> json, DateTimeZone zone, Instant now) => RequestDocument.Read(json, typeof(IntervalsRequestBody), (root, problems) =>
    {
        if (root.Member("csv") is null && root.Member("greenButton") is null && root.Member("start") is null)
        {
            problems.Refuse(Contracts.ErrorClass.SchemaInvalid, "/start", "missing: where the first interval starts, e.g. 2026-01-01T00:00:00+01:00");
            return null;
        }

        if ((root.Member("generationKW") ?? root.Member("generationKwh")) is { } generation)
        {
            problems.Refuse(Contracts.ErrorClass.SchemaInvalid, generation.Pointer, "a meter keeps net (or import), export and reactive intervals; put generation in as a meter of its own");
            return null;
        }

        var data = new InlineIntervals(zone, problems).Read(root);
        if (data is not null && data.Net.End > now + Duration.FromDays(1))
        {
            problems.Refuse(Contracts.ErrorClass.SemanticTime, "/start", $"the intervals run until {data.Net.End}, which lies in the future; correct the clock or the start");
        }

        return data;
    });
}
