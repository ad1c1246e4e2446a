using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Wire;

namespace GridServices.Tariffs.Intervals;

/// <summary>One data stream of a NEM12 or NEM13 file.</summary>
/// <param name="Id">NMI and suffix, e.g. <c>6102345678/E1</c>.</param>
/// <param name="Channel">Import: drawn from the network (what the market calls export); export: fed into it.</param>
/// <param name="Reactive">Whether the numbers are kvarh.</param>
/// <param name="Series">The intervals; those of substituted or estimated quality are marked.</param>
public sealed record NemReading(string Id, MeterChannel Channel, bool Reactive, IntervalSeries Series)
{
    /// <summary>National metering identifier, without its check digit.</summary>
    public string Nmi => Id[..Id.IndexOf('/', StringComparison.Ordinal)];
}

/// <summary>Meter data as the Australian market sends them: AEMO's Meter Data File Format, NEM12 (intervals) and NEM13 (register readings).</summary>
public sealed record NemFile(MeterFileForm Form, ImmutableArray<NemReading> Readings)
{
    /// <summary>NEM12 or NEM13, or null where the first line is of neither.</summary>
    public static MeterFileForm? DetectForm(ReadOnlySpan<byte> file)
    {
        file = file.StartsWith("\uFEFF"u8) ? file[3..] : file;
        return file.StartsWith("100,NEM12"u8) ? MeterFileForm.Nem12 : file.StartsWith("100,NEM13"u8) ? MeterFileForm.Nem13 : null;
    }

    /// <summary>The file line by line; every record that cannot be read is told.</summary>
    public static ReadResult<NemFile> Read(Stream stream, IntervalOptions options)
    {
        var records = new NemRecords(options);
        try
        {
            var lines = new CsvLines(stream);
            for (var text = lines.Next(); text is not null; text = lines.Next())
            {
                if (text.Length > 0)
                {
                    records.AddRecord(lines.Fields(text, ','), lines.Number);
                }
            }

            return records.Close(lines.Number);
        }
        catch (IntervalRefusedException e)
        {
            return new ReadResult<NemFile>(null, [.. records.Refusals, e.Refusal], []);
        }
    }

    /// <summary>One meter's data: what it drew, with what it fed in and its reactive energy where the file has them.</summary>
    /// <param name="reading">A NMI, or NMI and suffix of a stream that is drawn; absent = the only one.</param>
    public ReadResult<MeterData> Meter(string? reading = null)
    {
        var named = Readings.Where(r => reading is null || IsSameId(r.Nmi, reading) || IsSameId(r.Id, reading)).ToArray();
        if (Array.Find(named, r => !IsDrawn(r) && IsSameId(r.Id, reading)) is { } other)
        {
            return ReadResult<MeterData>.Refused(new ReadError(
                ErrorClass.SemanticReference, "reading", $"{other.Id} is {(other.Reactive ? "reactive energy" : "what was fed in")}; a bill is of what was drawn, and takes the rest beside it: {Drawn()}"));
        }

        var candidates = Array.FindAll(named, IsDrawn);
        if (candidates.Length != 1)
        {
            return ReadResult<MeterData>.Refused(new ReadError(
                ErrorClass.SemanticReference, "reading", $"{candidates.Length} data streams of the file could be billed; name one in reading: {Drawn()}"));
        }

        var net = candidates[0];
        var beside = Readings.Where(r => r.Nmi == net.Nmi && r != net && (r.Reactive || r.Channel == MeterChannel.Export)).ToArray();
        if (beside.Count(r => r.Reactive) > 1 || beside.Count(r => !r.Reactive) > 1)
        {
            return ReadResult<MeterData>.Refused(new ReadError(
                ErrorClass.SemanticReference, "reading", $"several data streams could stand beside {net.Id}: {string.Join(", ", beside.Select(r => r.Id))}; give a file with one of a kind"));
        }

        return Array.TrueForAll(beside, r => r.Series.Start == net.Series.Start && r.Series.StepSeconds == net.Series.StepSeconds && r.Series.Count == net.Series.Count)
            ? ReadResult<MeterData>.Read(
                new MeterData { Net = net.Series, Export = Array.Find(beside, r => !r.Reactive)?.Series, Reactive = Array.Find(beside, r => r.Reactive)?.Series }, Others(net))
            : ReadResult<MeterData>.Refused(new ReadError(
                ErrorClass.DataMisaligned, "reading", $"{net.Id} and {string.Join(", ", beside.Select(r => r.Id))} do not cover the same intervals; give a file of one period"));
    }

    private ImmutableArray<Finding> Others(NemReading net) =>
        Readings.Where(r => r.Nmi == net.Nmi && r != net && IsDrawn(r)).Select(r => r.Id).ToArray() is { Length: > 0 } left
            ? [new Finding(ErrorClass.SemanticReference, "reading", $"{string.Join(", ", left)} of the same connection are not in this bill")]
            : [];

    /// <summary>The names of what can be billed.</summary>
    private string Drawn() => Readings.Where(IsDrawn).Select(r => r.Id).ToArray() is { Length: > 0 } ids ? string.Join(", ", ids) : "the file has none (suffix E)";

    private static bool IsDrawn(NemReading reading) => reading is { Reactive: false, Channel: MeterChannel.Import };

    private static bool IsSameId(string id, string? wanted) => string.Equals(id, wanted, StringComparison.OrdinalIgnoreCase);
}
