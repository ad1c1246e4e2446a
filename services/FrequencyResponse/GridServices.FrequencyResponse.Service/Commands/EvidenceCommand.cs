using System.Globalization;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting;

namespace GridServices.FrequencyResponse.Service.Commands;

/// <summary>
/// <c>verify</c> and <c>replay</c> of the evidence log, by the program itself and without a running service: a folder of segments, or single ones, in
/// the order of their names. Exit code 0 = all of it holds, 1 = something does not, 2 = the command can't be meant.
/// </summary>
internal static class EvidenceCommand
{
    private const string Usage = """
        Usage: GridServices.FrequencyResponse.Service verify PATH...
               GridServices.FrequencyResponse.Service replay [--Catalog:Overrides=FILE] PATH...

        PATH is a folder of the evidence log (its segments, *.gsev) or a single segment.
        verify checks every hash, and that each segment follows the one before. replay runs the controller again on the recorded inputs and compares every bit of every decision;
        it needs the build that wrote the log, and the numbers of the catalog that held then.
        """;

    /// <returns>The exit code; null: this is no such command.</returns>
    public static int? Run(string[] args, TextWriter output)
    {
        if (args is not ["verify" or "replay", ..])
        {
            return null;
        }

        var paths = args.Skip(1).Where(a => !a.StartsWith("--", StringComparison.Ordinal)).ToList();
        var options = args.Skip(1).Where(a => a.StartsWith("--", StringComparison.Ordinal)).ToList();
        if (paths.Count == 0 || options.Any(o => args[0] == "verify" || !o.StartsWith("--Catalog:Overrides=", StringComparison.Ordinal)))
        {
            output.WriteLine(Usage);
            return 2;
        }

        try
        {
            var segments = paths.SelectMany(Segments).ToList();
            return args[0] == "verify" ? Verify(segments, output) : Replay(segments, options, output);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StartException)
        {
            output.WriteLine(SafeText.Line(e.Message));
            return 2;
        }
    }

    /// <exception cref="IOException">There is nothing.</exception>
    private static IEnumerable<FileInfo> Segments(string path)
    {
        var found = Directory.Exists(path) ? EvidenceLog.Files(path) : File.Exists(path) ? [new FileInfo(path)] : [];
        return found.Count > 0 ? found : throw new IOException($"{path} is no segment and no folder with segments (*{EvidenceLog.Extension}).");
    }

    private static int Verify(List<FileInfo> segments, TextWriter output)
    {
        SegmentVerdict? before = null;
        FileInfo? previous = null;
        var broken = 0;
        foreach (var file in segments)
        {
            // A chain is that of one pool: each folder begins its own, and the first segment that is left may follow one that made room.
            var follows = previous?.DirectoryName == file.DirectoryName && before is { Sound: true } ? before.Hash : null;
            before = EvidenceVerifier.Segment(File.ReadAllBytes(file.FullName), follows);
            previous = file;
            broken += before.Sound ? 0 : 1;
            output.WriteLine(Line($"{Name(file)}  {(before.Sound ? "sound" : "BROKEN")}  {before.Records} records, {before.Turns} turns, {before.LostTurns} lost, {End(before)}"));
            output.WriteLine(before.Fault is { } fault ? Line($"    at record {fault.Record}, byte {fault.Offset}: {fault.Detail}") : $"    last hash {before.Hash}");
        }

        output.WriteLine(Line($"{segments.Count} segments, {(broken == 0 ? "all sound" : $"{broken} broken")}. Compare the last hashes with those that you deposited: whoever holds the whole log could write it anew."));
        return broken == 0 ? 0 : 1;
    }

    private static int Replay(List<FileInfo> segments, List<string> options, TextWriter output)
    {
        var catalog = FrequencyCatalog.From(new CatalogOptions { Overrides = options.Select(o => o[(o.IndexOf('=', StringComparison.Ordinal) + 1)..]).LastOrDefault() });
        var different = 0;
        foreach (var file in segments)
        {
            var (turns, difference) = Replay(File.ReadAllBytes(file.FullName), catalog);
            different += difference is null ? 0 : 1;
            output.WriteLine(Line($"{Name(file)}  {(difference is null ? "identical" : "DIFFERENT")}  {turns} turns decided again bit for bit"));
            if (difference is not null)
            {
                output.WriteLine($"    {difference}");
            }
        }

        output.WriteLine(Line($"{segments.Count} segments, {(different == 0 ? "every decision comes out the same" : $"{different} do not")}."));
        return different == 0 ? 0 : 1;
    }

    private static (long Turns, string? Difference) Replay(byte[] segment, FrequencyCatalog catalog)
    {
        var reader = new EvidenceReader(segment);
        while (reader.TryRead(out var record))
        {
            if (record.Kind == EvidenceKind.Settings)
            {
                var (config, fault) = RecordedPool.Config(record.Body, catalog);
                if (config is null)
                {
                    return (0, $"its settings can't be run: {fault}");
                }

                var verdict = EvidenceReplay.Run(config, segment);
                return (verdict.Turns, verdict.Difference is null ? null : Line($"at record {verdict.AtRecord}: {verdict.Difference}"));
            }
        }

        return (0, reader.Fault?.Detail ?? "it holds no settings");
    }

    private static string End(SegmentVerdict verdict) =>
        verdict.Closed ? "closed in order" : verdict.Fault is { Torn: true } ? "torn at its end, as a crash or a log that is being written leaves it" : "not closed";

    private static string Name(FileInfo file) => Path.Combine(file.Directory?.Name ?? string.Empty, file.Name);

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
