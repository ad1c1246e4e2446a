using System.Collections.Immutable;
using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Service.Calculations;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>
/// A CSV file too long to be held: kept on disk while it is read, twice. First all of it is checked; then it is stored a block at a time, each in a commit of its own, so that no other
/// meter waits for it. What broke off is sent again: what is stored already does not change.
/// </summary>
internal static class LargeFile
{
    private const long MostBytes = 512L * 1024 * 1024;
    private const int MostRows = 1_200_000;
    private const int MostWarnings = 20;
    private const int MostAtOnce = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly SemaphoreSlim Turns = new(MostAtOnce);

    public static bool Is(HttpRequest request) => request.ContentLength > Responses.MaxBody
        && MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && string.Equals(type.MediaType.Value, MediaTypeNames.Text.Csv, StringComparison.OrdinalIgnoreCase);

    /// <exception cref="ProblemException">LIMIT_SIZE, or what the file's declaration is refused for.</exception>
    public static async Task<IResult> PutAsync(HttpContext http, StoredMeter meter, DateTimeZone zone, MeterUpdater updater, Instant now)
    {
        var (options, _) = await IntervalBody.OptionsAsync(http, zone.Id, now);
        if (!await Turns.WaitAsync(Patience, http.RequestAborted))
        {
            throw new ProblemException(ErrorClass.Backpressure, $"{MostAtOnce} long files are being read; send this one again when they are through.");
        }

        try
        {
            return await StoredAsync(http, meter, options, MeterGrid.Create(zone, meter.Plan.Interval), updater, now);
        }
        finally
        {
            Turns.Release();
        }
    }

    private static async Task<IResult> StoredAsync(HttpContext http, StoredMeter meter, IntervalOptions options, MeterGrid grid, MeterUpdater updater, Instant now)
    {
        await using var file = await SpooledAsync(http);
        options = options with { MostRows = MostRows };
        var (total, warnings) = (default(MergeCount), ImmutableArray.CreateBuilder<Finding>());
        Instant? from = null, until = null;
        foreach (var block in CsvBlocks.Read(file, options, grid))
        {
            var refusals = block.Ok ? MeterRecords.Read(block.Value!, grid).Refusals : block.Refusals;
            if (!refusals.IsEmpty)
            {
                return Responses.Refused(http, refusals);
            }

            if (block.Value is { } held)
            {
                MeterIntervalEndpoints.RequirePast(held.Net.End, now);
            }

            warnings.AddRange(block.Warnings.Where(w => warnings.Count < MostWarnings && !warnings.Contains(w)));
        }

        file.Position = 0;
        foreach (var block in CsvBlocks.Read(file, options, grid).Where(b => b.Value is not null))
        {
            var records = MeterRecords.Read(block.Value!, grid).Value!;
            if (records[MeterChannels.Net] is { IsEmpty: false } net)
            {
                total += await updater.PutIntervalsAsync(meter.Tenant, meter.MeterId, records, http.RequestAborted);
                (from, until) = (from ?? net[0].Start, net[^1].Start + meter.Plan.Interval);
            }
        }

        return from is { } first && until is { } last
            ? Responses.Json(new IntervalsPut(meter.MeterId, total.Added, total.Corrected, total.Unchanged, first, last, Responses.Warnings(warnings.ToImmutable())))
            : throw new ProblemException(ErrorClass.SemanticEmpty, "There is no reading in it; leave the request out.");
    }

    private static async Task<FileStream> SpooledAsync(HttpContext http)
    {
        if (http.Request.ContentLength > MostBytes)
        {
            throw new ProblemException(ErrorClass.LimitSize, $"The file is larger than {MostBytes} bytes; send it in parts.");
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = MostBytes;
        }

        var file = Opened(http.RequestServices.GetRequiredService<IConfiguration>()["Storage:Path"] ?? "data");
        try
        {
            await http.Request.Body.CopyToAsync(file, http.RequestAborted);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>A file without a name, beside the store where that is in a folder; nobody else can read it, and nothing is left behind by a process that was killed.</summary>
    internal static FileStream Opened(string folder)
    {
        var path = Path.Combine(Directory.Exists(folder) ? folder : Path.GetTempPath(), Path.GetRandomFileName());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 1 << 16,
            Options = FileOptions.Asynchronous | (OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None),
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var file = new FileStream(path, options);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path);
        }

        return file;
    }
}
