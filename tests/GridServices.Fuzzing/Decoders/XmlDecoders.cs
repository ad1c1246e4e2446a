using GridServices.Ieee2030Dot5.Codec;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Readers;

namespace GridServices.Fuzzing.Decoders;

/// <summary>OpenADR, IEEE 2030.5, Green Button, day-ahead prices.</summary>
internal static class XmlDecoders
{
    public static IReadOnlyList<Decoder> List { get; } =
    [
        new("openadr", InputForm.Xml, () => [.. SampleFiles.ReadAll("openadr/samples", ".xml"), .. SampleFiles.ReadAll("hostile/openadr", ".xml")], OpenAdr),
        new("ieee2030-5", InputForm.Xml, () => [.. SampleFiles.ReadAll("ieee2030-5/samples", ".xml"), .. SampleFiles.ReadAll("hostile/ieee2030-5", ".xml")], Sep2),
        new("green-button", InputForm.Xml, () => [.. SampleFiles.ReadAll("tariff/formats", "espi").Where(IsXml)], bytes => IsRead(GreenButton.Read(bytes))),
        new("day-ahead", InputForm.Xml, () => [.. SampleFiles.ReadAll("tariff/formats", "entsoe").Where(IsXml)], bytes => IsRead(DayAheadPrices.Read(bytes))),
    ];

    /// <summary>A reading of the Tariffs service is a value or a refusal, never both and never neither.</summary>
    public static bool IsRead<T>(ReadResult<T> read)
        where T : class => read.Value is not null
        ? (read.Refusals.IsEmpty ? true : throw new InvalidOperationException($"read and refused: {read.Refusals[0]}"))
        : (read.Refusals.IsEmpty ? throw new InvalidOperationException("neither read nor refused") : false);

    private static bool IsXml(byte[] bytes) => bytes.AsSpan().IndexOf("<?xml"u8) is 0 or 3 || bytes[0] == '<';

    private static bool OpenAdr(byte[] bytes)
    {
        var read = OadrXml.Read(bytes);
        if (read.Message is not { } message)
        {
            return read.Refusal is null ? throw new InvalidOperationException("neither read nor refused") : false;
        }

        // An event that could not be read has no written form, and an empty rider is left out.
        var isWhole = message is not (OadrDistributeEvent { Events: [] } or OadrRegisteredReport { ReportRequests: [] } or OadrUpdatedReport { CancelReport: null })
            && !(message is OadrDistributeEvent events && events.Events.Any(e => e.Unreadable is not null));
        if (isWhole && OadrXml.Read(OadrXml.Write(message)) is var again && !message.Equals(again.Message))
        {
            throw new RoundTripException($"{message.Name}: {again.Refusal?.ToString() ?? "says something else"}");
        }

        return true;
    }

    private static bool Sep2(byte[] bytes)
    {
        var read = Sep2Xml.Read(bytes);
        return (read.Resource is null) == (read.Refusal is null) ? throw new InvalidOperationException("read and refused, or neither") : read.Resource is not null;
    }
}
