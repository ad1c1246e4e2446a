using System.Text;
using System.Text.Json;
using GridServices.Client;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Service.Mqtt;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.OpenAdr.Configuration;
using GridServices.Operations.Programs;
using GridServices.Tariffs.Invoices;
using GridServices.Tariffs.Ocpi;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Urdb;
using NodaTime;

namespace GridServices.Fuzzing.Decoders;

/// <summary>JSON: what publishers, controllers, people, brokers and price services send.</summary>
internal static class JsonDecoders
{
    public static IReadOnlyList<Decoder> List { get; } =
    [
        new("envelopes", InputForm.Json, () => [.. SampleFiles.ReadAll("hostile/envelope-api", ".json"), .. SampleFiles.Examples("envelope-hub", "publishEnvelopes")], Publications),
        new("receipts", InputForm.Json, () => [.. SampleFiles.Examples("envelope-hub", "postReceipts")], bytes => Batch(ReceiptReader.Read(bytes))),
        new("telemetry", InputForm.Json, () => [.. SampleFiles.Examples("envelope-hub", "postTelemetry")], bytes => Batch(ReadingReader.Read(bytes))),
        new("hello", InputForm.Json, () => [.. SampleFiles.Examples("envelope-hub", "announcePublisher")], bytes => Single(PublisherHelloReader.Read(bytes))),
        new("upstream-report", InputForm.Json, () => [.. SampleFiles.Examples("envelope-hub", "reportUpstreamHealth")], bytes => Single(UpstreamReportReader.Read(bytes))),
        new("stream-event", InputForm.Json, () => [.. SampleFiles.ReadAll("hostile/envelope-api", ".json"), .. SampleFiles.Examples("envelope-hub", "publishEnvelopes", "reportUpstreamHealth")], StreamEvent),
        new("ven", InputForm.Json, () => [.. SampleFiles.Examples("openadr", "putVen")], Strict<VenConfig>),
        new("client", InputForm.Json, () => [.. SampleFiles.Examples("ieee2030-5", "putClient")], Strict<DerClientConfig>),
        new("csip-aus-well-known", InputForm.Json, () => ["{\"dcap\":\"/dcap\",\"version\":\"1.3\"}"u8.ToArray()], WellKnown),
        new("tariff", InputForm.Json, () => [.. SampleFiles.ReadAll("tariff/tariffs", ".json"), .. SampleFiles.ReadAll("tariff/published", ".json"), .. SampleFiles.Examples("tariffs", "putTariff")], TariffDocument),
        new("urdb", InputForm.Json, () => [.. SampleFiles.ReadAll("hostile/tariff", ".json"), .. SampleFiles.ReadAll("tariff/tariffs", ".json")], bytes => XmlDecoders.IsRead(UrdbImport.Read(bytes))),
        new("ocpi-cdr", InputForm.Json, () => [.. SampleFiles.ReadAll("tariff/ocpi", ".json"), .. SampleFiles.Examples("tariffs", "computeCdrCost")], bytes => XmlDecoders.IsRead(OcpiJson.ReadCdr(bytes, DateTimeZone.Utc))),
        new("ocpi-tariff", InputForm.Json, () => [.. SampleFiles.ReadAll("tariff/ocpi", ".json"), .. SampleFiles.Examples("tariffs", "computeCdrCost")], bytes => XmlDecoders.IsRead(OcpiJson.ReadTariff(bytes))),
        new("cdr-cost", InputForm.Json, () => [.. SampleFiles.Examples("tariffs", "computeCdrCost")], bytes => XmlDecoders.IsRead(CdrCostRequestJson.Read(bytes))),
        new("bill", InputForm.Json, () => [.. SampleFiles.Examples("tariffs", "computeBill", "draftInvoice")], bytes => XmlDecoders.IsRead(BillRequestJson.Read(bytes))),
        new("comparison", InputForm.Json, () => [.. SampleFiles.Examples("tariffs", "compareTariffs", "computeBill")], bytes => XmlDecoders.IsRead(ComparisonRequestJson.Read(bytes))),
        new("allocation", InputForm.Json, () => [.. SampleFiles.Examples("tariffs", "allocateBill")], bytes => XmlDecoders.IsRead(AllocationRequestJson.Read(bytes))),
        new("settlement", InputForm.Json, () => [.. SampleFiles.Examples("tariffs", "settleDemandResponse", "computeBaseline")], bytes => XmlDecoders.IsRead(SettlementRequestJson.Read(bytes))),
        new("settlement-frequency", InputForm.Json, () => [.. SampleFiles.Examples("tariffs", "settleFrequency")], bytes => XmlDecoders.IsRead(FrequencySettlementRequestJson.Read(bytes))),
        new("invoice", InputForm.Json, () => [.. SampleFiles.Examples("tariffs", "draftInvoice")], bytes => XmlDecoders.IsRead(InvoiceRequest.Read(bytes))),
        new("billing-run", InputForm.Json, () => [.. SampleFiles.Examples("tariffs", "startBillingRun")], bytes => XmlDecoders.IsRead(BillingRunJson.Read(bytes))),
        new("program-template", InputForm.Json, () => [.. SampleFiles.Examples("operations")], bytes => TemplateReader.Read(bytes).Template is not null),
        new("mqtt-signal", InputForm.Json, () => ["{\"pu\":-0.25,\"at\":\"2027-01-15T18:00:00Z\"}"u8.ToArray()], bytes => SignalMessage.Read(bytes).Message is not null),
        new("mqtt-instruction", InputForm.Json, () => Instructions(), Instruction),
    ];

    private static bool Publications(byte[] bytes)
    {
        var read = EnvelopeReader.ReadPublication(bytes);
        foreach (var envelope in read.Items.Select(i => i.Value).OfType<EnvelopePublished>().Select(p => p.Envelope))
        {
            var written = JsonSerializer.SerializeToUtf8Bytes(envelope, ContractJson.Options);
            if (!EnvelopeReader.ReadEnvelope(written).TryGet(out var again, out var problem) || !written.AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(again, ContractJson.Options)))
            {
                throw new RoundTripException($"envelope: {problem?.Pointer} {problem?.Detail}");
            }
        }

        return Batch(read);
    }

    private static bool Batch<T>(BatchOutcome<T> read)
        where T : class => read.Refusal is null && read.Items.Any(Single);

    private static bool Single<T>(Contracts.ReadOutcome<T> read)
        where T : class => (read.Value is null) == (read.Problem is null) ? throw new InvalidOperationException("read and refused, or neither") : read.Value is not null;

    private static bool Strict<T>(byte[] bytes)
        where T : class
    {
        var read = StrictJson.Read<T>(bytes, out var faults);
        return (read is null) == (faults.Count == 0) ? throw new InvalidOperationException("read and refused, or neither") : read is not null;
    }

    private static bool StreamEvent(byte[] bytes)
    {
        try
        {
            var taken = false;
            foreach (var name in new[] { "snapshot", "envelope", "effective", "heartbeat", "other" })
            {
                taken |= Heard(name, bytes);
            }

            return taken;
        }
        catch (HubTalkException)
        {
            return false;
        }
    }

    private static bool Heard(string name, byte[] bytes)
    {
        try
        {
            return HubEvents.Read(name, "e1.7", bytes) is not null;
        }
        catch (HubTalkException)
        {
            return false;
        }
    }

    private static bool WellKnown(byte[] bytes)
    {
        var (value, refusal) = WellKnownCsipAus.Read(bytes);
        return (value is null) == (refusal is null) ? throw new InvalidOperationException("read and refused, or neither") : value is not null;
    }

    private static bool TariffDocument(byte[] bytes)
    {
        var read = TariffJson.Read(bytes);
        if (read.Value is { } tariff && TariffJson.Read(TariffJson.Write(tariff)) is var again
            && (again.Value is null || !TariffJson.Write(again.Value).AsSpan().SequenceEqual(TariffJson.Write(tariff))))
        {
            throw new RoundTripException($"tariff: {(again.Refusals.IsEmpty ? "says something else" : again.Refusals[0].ToString())}");
        }

        return XmlDecoders.IsRead(read);
    }

    private static byte[][] Instructions() =>
    [
        Encoding.UTF8.GetBytes("{\"instructionId\":\"i1\",\"sequence\":1,\"direction\":\"raise\",\"powerMw\":1.5,\"from\":\"2027-01-15T18:00:00Z\",\"until\":\"2027-01-15T19:00:00Z\"}"),
        Encoding.UTF8.GetBytes("{\"instructionId\":\"i1\",\"sequence\":2,\"cease\":true}"),
    ];

    // What is read without a fault can be made a command.
    private static bool Instruction(byte[] bytes)
    {
        var (message, fault) = InstructionMessage.Read(bytes);
        if (fault is not null)
        {
            return false;
        }

        _ = message!.Command();
        return true;
    }
}
