using System.Text.Json;
using System.Threading.Channels;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Queries;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using Microsoft.Extensions.Options;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Streaming;

/// <summary>Makes the merged timeline of each changed site, once per burst, after the changes themselves are on their way.</summary>
internal sealed partial class EffectiveTimelinePublisher(HubHistory history, IClock clock, TimeProvider time, IOptions<EnvelopeHubOptions> options, ILogger<EffectiveTimelinePublisher> logger)
    : BackgroundService
{
    private static readonly Duration FreshFor = Duration.FromMinutes(1);
    private static readonly TimeSpan PerSite = TimeSpan.FromMicroseconds(50);
    private const int MostSitesToWaitFor = 10_000;
    private readonly Channel<SiteState> _due = Channel.CreateUnbounded<SiteState>(new UnboundedChannelOptions { SingleReader = true });
    private int _waiting;

    /// <summary>The site changed: its subscribers get the new timeline soon.</summary>
    public void Schedule(SiteState state)
    {
        if (state.HasSubscribers && state.MarkEffectiveDue())
        {
            Interlocked.Increment(ref _waiting);
            _due.Writer.TryWrite(state);
        }
    }

    /// <summary>Makes the timeline now, for somebody who comes in, unless there is a fresh one.</summary>
    public void Refresh(SiteState state)
    {
        var view = state.View;
        if (view.Effective?.IsFresh(view.Set.Sequence, history.GetTenantHistory(state.Key.Tenant), clock.GetCurrentInstant(), FreshFor) != true)
        {
            Publish(state);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _due.Reader.WaitToReadAsync(stoppingToken))
            {
                // The more sites change at once, the longer: the changes themselves go first.
                await Task.Delay(options.Value.EffectiveCoalescing, time, stoppingToken);
                await Task.Delay(PerSite * Math.Min(Volatile.Read(ref _waiting), MostSitesToWaitFor), time, stoppingToken);
                while (_due.Reader.TryRead(out var cell))
                {
                    Interlocked.Decrement(ref _waiting);

                    // Taken before the view is read: a change after this moment is due again.
                    cell.ClearEffectiveDue();
                    TryPublish(cell);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The hub stops.
        }
    }

    private void TryPublish(SiteState state)
    {
        try
        {
            Publish(state);
        }
        catch (Exception fault)
        {
            // One site's fault must not silence the others; its subscribers still have the envelopes themselves.
            LogFailed(logger, state.Key, fault);
        }
    }

    private void Publish(SiteState state)
    {
        var now = clock.GetCurrentInstant();
        var about = history.GetTenantHistory(state.Key.Tenant);
        var set = state.View.Set;
        var window = EffectiveWindow.StartingAt(now);
        var timeline = set.Merged(state.Key.SiteId, about.Epoch, now, window.From, window.Until).WithHistory(about.With(set));
        state.OfferEffective(Frame.WithoutId("effective", set.Sequence, JsonSerializer.SerializeToUtf8Bytes(timeline, ContractJson.Options)), now, about);
    }

    [LoggerMessage(EventIds.EffectiveTimelinePublisherFailed, LogLevel.Error, "The merged timeline of {Site} could not be made")]
    private static partial void LogFailed(ILogger logger, SiteKey site, Exception fault);
}
