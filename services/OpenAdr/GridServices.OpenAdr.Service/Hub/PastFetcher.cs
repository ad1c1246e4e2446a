using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Reports;
using GridServices.OpenAdr.Service.Meters;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>Answers what a message about the past needs: meters' intervals from the Tariffs service, readings from the hub.</summary>
internal sealed class PastFetcher(MeterReader meters, TelemetryPages pages, IClock clock)
{
    private const string Tariffs = "the Tariffs service";

    /// <summary>Null: a meter's last interval of the period is not there and may still come.</summary>
    /// <exception cref="HttpRequestException">Somebody does not answer.</exception>
    public async Task<FetchedPast?> FindAsync(VenConfig config, PastQuestion question, CancellationToken ct)
    {
        var (grid, metered) = (default(PastGrid), new List<MeteredChannel>());
        var kept = await NamedAsync(Tariffs, LengthsAsync(config, question, ct));
        foreach (var channel in question.Metered)
        {
            var (told, lastEnd) = await NamedAsync(Tariffs, MeteredAsync(channel, question, kept, grid, ct));
            if (!PastQuestions.IsFinal(question, lastEnd, kept.Of[channel.RId], clock.GetCurrentInstant()))
            {
                return null;
            }

            grid = told.Grid;
            metered.Add(told.Channel);
        }

        var sampled = new List<SampledChannel>();
        foreach (var channel in question.Sampled)
        {
            sampled.Add(await NamedAsync("the hub", SampledAsync(GetSite(config, channel), channel, question, grid, ct)));
        }

        return new FetchedPast(grid, metered.ToValueList(), sampled.ToValueList());
    }

    // Intervals as kept are as long as the longest that a meter of the message keeps, and no shorter than the channels offer.
    private async Task<(Duration Step, IReadOnlyDictionary<string, Duration> Of)> LengthsAsync(VenConfig config, PastQuestion question, CancellationToken ct)
    {
        var lengths = new Dictionary<string, Duration>(StringComparer.Ordinal);
        foreach (var channel in question.Metered)
        {
            lengths[channel.RId] = await meters.GetIntervalAsync(channel.Meter!, GetSite(config, channel), ct);
        }

        return (question.Metered.Select(c => Duration.Max(c.SamplingInterval, lengths[c.RId])).DefaultIfEmpty(Duration.Zero).Max(), lengths);
    }

    private async Task<((MeteredChannel Channel, PastGrid Grid) Told, Instant? LastEnd)> MeteredAsync(
        ReportConfig channel, PastQuestion question, (Duration Step, IReadOnlyDictionary<string, Duration> Of) kept, PastGrid? grid, CancellationToken ct)
    {
        var (length, sums, lastEnd) = (kept.Of[channel.RId], default(MeterIntervals), default(Instant?));
        await foreach (var interval in meters.ReadAsync(channel.Meter!, length, question.ComputeEarliest(kept.Step) - length, question.Until, ct))
        {
            // The first one shows where the meter's grid lies.
            grid ??= question.ComputeGrid(kept.Step, interval.Start);
            sums ??= new MeterIntervals(channel, grid);
            sums.Add(interval);
            lastEnd = interval.End;
        }

        grid ??= question.ComputeGrid(kept.Step, null);
        return (((sums ?? new MeterIntervals(channel, grid)).ToChannel(), grid), lastEnd);
    }

    private async Task<SampledChannel> SampledAsync(string site, ReportConfig channel, PastQuestion question, PastGrid? grid, CancellationToken ct)
    {
        var step = grid?.Step ?? question.Step ?? channel.SamplingInterval;
        var from = Instant.Max(grid?.From ?? question.From, question.ComputeEarliest(step));
        var points = new SampledPoints(channel, from, step);
        await foreach (var page in pages.ReadAsync(site, from - channel.SamplingInterval, question.Until, ct))
        {
            foreach (var item in page.Items)
            {
                points.Add(item.Reading);
            }
        }

        return points.ToChannel();
    }

    // An operator reads it: "connection refused" alone does not say whom to look after.
    private static async Task<T> NamedAsync<T>(string who, Task<T> asking)
    {
        try
        {
            return await asking;
        }
        catch (HttpRequestException e)
        {
            throw new HttpRequestException($"{who}: {e.Message}", e, e.StatusCode);
        }
    }

    private static string GetSite(VenConfig config, ReportConfig channel) => channel.SiteId ?? config.AllSites().First().SiteId;
}
