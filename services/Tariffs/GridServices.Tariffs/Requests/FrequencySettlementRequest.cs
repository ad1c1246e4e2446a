using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Settlement;

namespace GridServices.Tariffs.Requests;

/// <summary>Settlement blocks of a frequency service, and what was settled for them before.</summary>
public sealed record FrequencySettlementRequest(string Currency, AvailabilitySettlement Settlement, decimal? PreviousTotal);

/// <summary>Reads <c>{"currency":"EUR","blocks":[{"mw","hours","pricePerMwHour","performance","source","measured","energyKwh","energyPrice"}],"previousTotal":…}</c>.</summary>
public static class FrequencySettlementRequestJson
{
    private const int MostBlocks = 100_000;

    public static ReadResult<FrequencySettlementRequest> Read(ReadOnlyMemory<byte> json) => RequestDocument.Read(json, typeof(FrequencyRequestBody), ReadRequest);

    private static FrequencySettlementRequest? ReadRequest(JsonMember root, ReadProblems problems)
    {
        var currency = root.Member("currency") is { IsText: true } named ? named.Text() : string.Empty;
        if (!Currencies.IsCode(currency))
        {
            problems.Refuse(ErrorClass.Unit, "/currency", Currencies.Unknown(currency));
        }

        var blocks = root.Required<AvailabilityBlock[]>("blocks", "the settlement blocks, each with mw, hours, pricePerMwHour and performance", problems) ?? [];
        if (blocks.Length is 0 or > MostBlocks)
        {
            problems.Refuse(ErrorClass.LimitCount, "/blocks", $"give 1 to {MostBlocks} blocks");
        }

        for (var i = 0; i < blocks.Length && blocks.Length <= MostBlocks; i++)
        {
            if (blocks[i] is not { Mw: >= 0, Hours: > 0, PricePerMwHour: >= 0, Performance: null or (>= 0 and <= 1), Measured: null or (>= 0 and <= 1) })
            {
                problems.Refuse(
                    ErrorClass.SemanticNumber, string.Create(CultureInfo.InvariantCulture, $"/blocks/{i}"),
                        "mw and pricePerMwHour are not negative, hours are above 0, performance is a score from 0 to 1, measured a share from 0 to 1");
            }
            else if (blocks[i].MeasuredBy == MeasurementSource.None)
            {
                problems.Warn(ErrorClass.DataGap, string.Create(CultureInfo.InvariantCulture, $"/blocks/{i}"),
                    "delivery was not measured, so nothing is paid; say what measured it: source meter, telemetry or estimate, and performance");
            }
        }

        return problems.Any ? null : new FrequencySettlementRequest(currency, new AvailabilitySettlement([.. blocks]), root.Member("previousTotal")?.Amount());
    }
}
