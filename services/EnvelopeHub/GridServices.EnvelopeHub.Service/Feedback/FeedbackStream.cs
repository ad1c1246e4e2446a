using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using Microsoft.Extensions.Options;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>Serves one publisher the feedback of its tenant, page by page from the stored log, as fast as its socket drains.</summary>
internal sealed class FeedbackStream(
    FeedbackLog log, FeedbackQueue queue, HubHistory history, HubMetrics metrics, DamagedFeedback damage, StoreFreshness freshness, TimeProvider time, IOptions<EnvelopeHubOptions> options)
{
    private const int Page = 500;
    private static readonly byte[] Alive = ": alive\n\n"u8.ToArray();

    /// <exception cref="ProblemException">CURSOR_INVALID or CURSOR_GONE, before the answer has begun.</exception>
    public async Task ServeAsync(HttpContext http, string? cursor, CancellationToken stop)
    {
        var caller = http.Caller();
        var (epoch, after) = await BeginAsync(caller.Tenant, cursor, http.RequestAborted);
        var wake = new AsyncSignal();
        queue.Subscribe(caller.Tenant, wake);
        try
        {
            await using var gone = http.RequestAborted.UnsafeRegister(static wake => ((AsyncSignal)wake!).Set(), wake);
            await using var stopping = stop.UnsafeRegister(static wake => ((AsyncSignal)wake!).Set(), wake);
            await using var beat = time.CreateTimer(static wake => ((AsyncSignal)wake!).Set(), wake, options.Value.HeartbeatInterval, options.Value.HeartbeatInterval);
            await ServeAsync(caller, new SseWriter(http, options.Value.DrainTimeout, time), wake, (epoch, after), stop);
        }
        finally
        {
            queue.Unsubscribe(wake);
        }
    }

    // A cursor that is not known may have been given out by another instance just now.
    private async Task<(string Epoch, long After)> BeginAsync(string tenant, string? cursor, CancellationToken ct)
    {
        try
        {
            return await StartAsync(tenant, cursor, history.Epoch, ct);
        }
        catch (ProblemException gone) when (gone.Class == ErrorClass.CursorGone)
        {
            await freshness.RefreshAsync(ct);
            return await StartAsync(tenant, cursor, history.Epoch, ct);
        }
    }

    private async Task<(string Epoch, long After)> StartAsync(string tenant, string? cursor, string epoch, CancellationToken ct)
    {
        var (head, trimmedTo) = await log.HeadAsync(tenant, ct);
        return Resume.Decide(cursor, epoch, head, trimmedTo, history.HasPast) switch
        {
            Resume.After after => (epoch, after.Sequence),
            Resume.Invalid invalid => throw new ProblemException(ErrorClass.CursorInvalid, invalid.Detail, "since"),
            Resume.Gone gone => throw new ProblemException(ErrorClass.CursorGone, gone.Detail, "since"),
            _ => (epoch, trimmedTo),
        };
    }

    private async Task ServeAsync(Caller caller, SseWriter writer, AsyncSignal wake, (string Epoch, long Cursor) from, CancellationToken stop)
    {
        var (epoch, cursor) = from;
        writer.Begin(SseWriter.UsualRetry);
        while (!stop.IsCancellationRequested && writer.MayGoOn)
        {
            var page = await log.ReadAfterAsync(caller.Tenant, cursor, Page, CancellationToken.None);
            if (!string.Equals(history.Epoch, epoch, StringComparison.Ordinal))
            {
                // The log is of another history: what the cursor passed by may be something else now.
                Gone(writer, cursor);
                await writer.FlushAsync();
                return;
            }

            if (page.Count == 0)
            {
                // Woken by the timer, mostly: a comment keeps the line, and shows us when it is dead.
                writer.Write(Alive);
            }
            else if (page[0].Sequence != cursor + 1)
            {
                Gone(writer, cursor);
                await writer.FlushAsync();
                return;
            }
            else
            {
                cursor = Send(caller, writer, page, epoch);
            }

            if (!await writer.FlushAsync())
            {
                if (writer.IsStuck)
                {
                    metrics.Closed();
                }

                return;
            }

            if (page.Count < Page)
            {
                await wake.WaitAsync();
            }
        }
    }

    private long Send(Caller caller, SseWriter writer, IReadOnlyList<FeedbackRow> page, string epoch)
    {
        var told = 0L;
        foreach (var row in page.Where(row => caller.MayAct(row.Site)))
        {
            writer.Write((row.IsDamaged(caller.Tenant) ? Damaged(caller.Tenant, row, epoch) : Frame.WithId("feedback", epoch, row.Sequence, Encoding.UTF8.GetBytes(row.Item))).Bytes);
            told = row.Sequence;
        }

        if (told != page[^1].Sequence)
        {
            // Others' items are skipped, and so is the cursor: it must not be trimmed away under a quiet publisher.
            writer.Write(Frame.CursorOnly(epoch, page[^1].Sequence).Bytes);
        }

        return page[^1].Sequence;
    }

    // Whoever settles by the stream must see that something is missing.
    private Frame Damaged(string tenant, FeedbackRow row, string epoch)
    {
        damage.Found(new SiteKey(tenant, row.Site), $"number {row.Sequence}");
        var problem = Problems.Create(ErrorClass.Internal, $"A receipt or reading of site '{row.Site}' was changed in the hub's store after it was written, so it is left out.");
        return Frame.WithId("damaged", epoch, row.Sequence, JsonSerializer.SerializeToUtf8Bytes(problem, ContractJson.Options));
    }

    private static void Gone(SseWriter writer, long cursor)
    {
        var problem = Problems.Create(ErrorClass.CursorGone, $"What came after {cursor} has left the log while it was read, or another epoch began. Connect again without a cursor.");
        writer.Write(Frame.WithoutId("gone", cursor, JsonSerializer.SerializeToUtf8Bytes(problem, ContractJson.Options)).Bytes);
    }
}
