using System.Globalization;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Who was told how much, and who gave it: each asset beside its set-point, from the evidence.</summary>
internal static class DeliveryEndpoints
{
    private const int MostRows = 20_000;
    private const int MostLines = 1_000_000;

    /// <summary>A minute is written half a minute after its end.</summary>
    private static readonly Duration Lateness = Duration.FromSeconds(100);

    public static void MapDelivery(this IEndpointRouteBuilder routes) => routes.MapGroup("/v1/contracts/{contractId}").RequirePermission(Permission.SeeSites).WithTags("Records")
        .MapGet("/delivery", DeliveryAsync).WithName("getDelivery")
        .WithSummary("What each asset of the contract's pool measured beside its set-point")
        .WithDescription(
            "A row for each asset in each `step` of [from, until), from the evidence log. Energies in Wh (CSV: too), + = injection, as in the evidence: `setpointWh` is what the asset was told, `measuredWh` what its own readings tell of "
            + "the part of that time that they cover (`measuredSeconds`), and `setpointMeasuredWh` what it was told in just that part. A reading speaks until the next one, 10 s at most. `notMeasuredSeconds` is what was commanded and not measured: "
            + "`measuredWh` is absent where nothing was, and nothing is filled in. A pool's power is known only where every asset tells its own, so that such time is not measured for the contract either, and not paid. "
            + "The first thousand assets of a pool have rows of their own, the others one without `assetId`. `format`: json (default, at most 20,000 rows) or csv. At most 92 days at once.")
        .Explains("step", "Length of a row, ISO 8601, whole minutes: PT1M (default), PT15M, … P1D.")
        .Explains("from", "Begin, inclusive, RFC 3339 in UTC; absent = an hour before until.")
        .Explains("until", "End, exclusive; absent = 100 s ago, which is also the latest.")
        .Explains("format", "json (default) or csv.")
        .Produces<AssetDeliveryAnswer>(StatusCodes.Status200OK, "application/json", FileEndpoints.Csv).Refuses(ErrorClass.SemanticWindow, ErrorClass.SemanticCode, ErrorClass.LimitCount);

    private static async Task<IResult> DeliveryAsync(
        string contractId, string? from, string? until, string? step, string? format, HttpContext http, PoolHost host, FrequencyStore entries, EvidenceLogs logs, IClock clock)
    {
        var (id, settings) = await http.GetRecordedContractAsync(host, entries, contractId);
        var latest = clock.GetCurrentInstant() - Lateness;
        var (begin, end) = EntryAccess.Span(from, until, latest, Duration.FromHours(1));
        if (end > latest)
        {
            throw new ProblemException(ErrorClass.SemanticWindow, $"What is after {TimeText.Format(latest)} is not written yet; ask for it {Lateness.TotalSeconds:0} s later.", "until");
        }

        EntryAccess.RequireSpan(begin, end);
        var (width, isCsv) = (Step(step), EntryAccess.IsCsv(format));
        Require(Math.Ceiling((end - begin) / width) * Math.Min(settings.Assets.Count, RecordedPool.MostAssets + 1), isCsv ? MostLines : MostRows);
        var pool = new EntryId(id.Tenant, PoolFactory.GetPoolName(settings));
        var rows = AssetDeliveryRows.Build(Until(logs.Read(pool, begin, end + AssetDeliveryRows.Reach), http.RequestAborted), body => RecordedPool.ReadAssets(body),
            new Interval(begin, end), width).Select(AssetDelivery.Create);
        return isCsv ? FileEndpoints.Table(RecordCsv.Delivery(rows)) : Results.Ok(new AssetDeliveryAnswer(id.Key, begin, end, width, [.. rows]));
    }

    /// <summary>Nobody waits for it any more: nothing more is read.</summary>
    private static IEnumerable<T> Until<T>(IEnumerable<T> read, CancellationToken ct)
    {
        foreach (var one in read)
        {
            ct.ThrowIfCancellationRequested();
            yield return one;
        }
    }

    private static Duration Step(string? step) =>
        string.IsNullOrEmpty(step) ? Duration.FromMinutes(1)
        : TimeText.TryDuration(step, out var width) && width >= Duration.FromMinutes(1) && width <= Duration.FromDays(1) && width.BclCompatibleTicks % NodaConstants.TicksPerMinute == 0 ? width
        : throw new ProblemException(ErrorClass.SemanticWindow, "step is a whole number of minutes, PT1M to P1D.", "step");

    private static void Require(double rows, int most)
    {
        if (rows > most)
        {
            throw new ProblemException(ErrorClass.LimitCount,
                string.Create(CultureInfo.InvariantCulture, $"{rows:0} rows; at most {most} at once in this format. Ask for a shorter span, a longer step, or csv."), "from");
        }
    }
}

/// <summary>What each asset of a pool measured beside its set-point, in [from, until).</summary>
public sealed record AssetDeliveryAnswer(string ContractId, Instant From, Instant Until, Duration Step, IReadOnlyList<AssetDelivery> Rows);

/// <summary>An asset in a span. Energies in Wh, + = injection, as in the evidence.</summary>
public sealed record AssetDelivery
{
    /// <summary>Inclusive.</summary>
    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }

    /// <summary>Absent: those beyond the pool's first thousand, in sum; their seconds are those of all of them.</summary>
    public string? AssetId { get; init; }

    /// <summary>What it was told.</summary>
    public required double SetpointWh { get; init; }

    /// <summary>Time in which it was told anything.</summary>
    public required long SetpointSeconds { get; init; }

    /// <summary>What its readings tell; absent: nothing was measured.</summary>
    public double? MeasuredWh { get; init; }

    /// <summary>What it was told in the measured time, to be held against `measuredWh`; absent: nothing was measured.</summary>
    public double? SetpointMeasuredWh { get; init; }

    /// <summary>Of the time in which it was told anything, that which readings cover.</summary>
    public required long MeasuredSeconds { get; init; }

    /// <summary>Commanded and not measured, and not paid.</summary>
    public required long NotMeasuredSeconds { get; init; }

    /// <summary>Where the measured energy comes from: the least sure that was used; none = nothing was measured.</summary>
    public required MeterSource Source { get; init; }

    internal static AssetDelivery Create(AssetDeliveryRow row)
    {
        var sum = row.Delivered;
        return new AssetDelivery
        {
            From = row.From,
            Until = row.Until,
            AssetId = row.Asset,
            SetpointWh = Numbers.WithoutNegativeZero(sum.SetpointWh),
            SetpointSeconds = sum.SetpointSeconds,
            MeasuredWh = sum.MeasuredSeconds > 0 ? Numbers.WithoutNegativeZero(sum.MeasuredWh) : null,
            SetpointMeasuredWh = sum.MeasuredSeconds > 0 ? Numbers.WithoutNegativeZero(sum.SetpointMeasuredWh) : null,
            MeasuredSeconds = sum.MeasuredSeconds,
            NotMeasuredSeconds = Math.Max(0, sum.SetpointSeconds - sum.MeasuredSeconds),
            Source = sum.Source,
        };
    }
}
