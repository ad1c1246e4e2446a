using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Readers;

/// <summary>The tariff schema v1 as JSON: strict reading (every problem with its pointer and how to fix it), writing back equal.</summary>
public static class TariffJson
{
    /// <summary>camelCase, enums as camelCase text, prices as numbers with all their digits (texts are read too), absent = not written.</summary>
    public static JsonSerializerOptions Options { get; } = TariffJsonOptions.Create();

    /// <summary>The same with decimals as texts, so that no reader of an answer loses a digit.</summary>
    public static JsonSerializerOptions AnswerOptions { get; } = TariffJsonOptions.Create(decimalsAsText: true);

    /// <summary>For what we store ourselves and read back.</summary>
    internal static JsonSerializerOptions OwnOptions { get; } = TariffJsonOptions.Create(own: true);

    /// <summary>The documents that people put, of a tariff's size.</summary>
    internal static JsonBounds Bounds { get; } = new(8 * 1024 * 1024)
    {
        MaxTokens = 40_000,
        RefusesHiddenText = true,
        TooDeep = ErrorClass.LimitDepth,
        Repeated = ErrorClass.SchemaInvalid,
        BadText = ErrorClass.SemanticText,
    };

    /// <summary>What the records of this project look like.</summary>
    internal static DocumentShape Shape { get; } = new(Options, ErrorClass.SchemaInvalid, ErrorClass.SemanticCode);

    public static ReadResult<Tariff> Read(ReadOnlyMemory<byte> json)
    {
        var read = Part<Tariff>(json);
        return read.Ok ? Checked(read.Value!) : read;
    }

    /// <summary>A version that was checked when it was stored: what the rules have come to say since does not unmake it.</summary>
    public static Tariff Stored(string json) => JsonSerializer.Deserialize<Tariff>(json, Options)!;

    /// <summary>A whole document as one of our own records, every fault of its form told at once.</summary>
    internal static ReadResult<T> Part<T>(ReadOnlyMemory<byte> json)
        where T : class =>
        StrictJson.Read<T>(json, Bounds, Shape, out var faults) is { } value ? ReadResult<T>.Read(value) : ReadResult<T>.Refused([.. faults.Select(ReadProblems.Refusal)]);

    public static byte[] Write(Tariff tariff) => JsonSerializer.SerializeToUtf8Bytes(tariff, Options);

    /// <summary>The tariff with what the rules of the schema say about it.</summary>
    public static ReadResult<Tariff> Checked(Tariff tariff)
    {
        var findings = TariffRules.Check(tariff);
        return new ReadResult<Tariff>(findings.Refusals.IsEmpty ? tariff : null, findings.Refusals, findings.Warnings);
    }
}
