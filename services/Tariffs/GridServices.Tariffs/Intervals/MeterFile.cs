using System.Collections.Immutable;
using System.Runtime.InteropServices;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Intervals;

/// <summary>The forms of interval files.</summary>
public enum MeterFileForm
{
    Csv,

    /// <summary>Interval data as the Australian market sends them (AEMO Meter Data File Format); told from the file's first line.</summary>
    Nem12,

    /// <summary>Register readings of the same market.</summary>
    Nem13,
    GreenButton,
}

/// <summary>A file of interval data in whichever form, as one meter's data; held against its register where the readings are given.</summary>
public static class MeterFile
{
    /// <param name="file">The bytes.</param>
    /// <param name="isXml">A Green Button feed; else CSV, of which NEM12 and NEM13 are told from their first line.</param>
    /// <param name="options">What the file does not say about itself.</param>
    /// <param name="reading">Which of several readings or meters of the file is billed; absent = the only one.</param>
    public static ReadResult<MeterData> Read(ReadOnlyMemory<byte> file, bool isXml, IntervalOptions options, string? reading = null)
    {
        var read = isXml ? FromFeed(GreenButton.Read(file, options), reading)
            : NemFile.DetectForm(file.Span) is not null ? FromNem(NemFile.Read(Open(file), options), reading)
            : CsvIntervals.ReadMeter(Open(file), options);
        return options.Check is { } check ? check.Apply(read, options.Multiplier) : read;
    }

    /// <summary>The bytes as a stream, without a copy.</summary>
    internal static MemoryStream Open(ReadOnlyMemory<byte> file) =>
        MemoryMarshal.TryGetArray(file, out var held) ? new MemoryStream(held.Array!, held.Offset, held.Count, writable: false) : new MemoryStream(file.ToArray(), writable: false);

    private static ReadResult<MeterData> FromFeed(ReadResult<GreenButtonFeed> read, string? reading) => read.Ok ? After(read.Warnings, read.Value!.Meter(reading))
        : new(null, read.Refusals, read.Warnings);

    private static ReadResult<MeterData> FromNem(ReadResult<NemFile> read, string? reading) => read.Ok ? After(read.Warnings, read.Value!.Meter(reading)) : new(null, read.Refusals, read.Warnings);

    private static ReadResult<MeterData> After(ImmutableArray<Finding> told, ReadResult<MeterData> meter) => meter with { Warnings = [.. told, .. meter.Warnings] };
}
