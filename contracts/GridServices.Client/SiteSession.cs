using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>
/// A controller's whole dealing with the hub: subscribes, holds, falls safe, persists, acknowledges, sends telemetry.
/// Read <see cref="Limits"/> whenever power is set, or take <see cref="LimitsChanged"/>.
/// </summary>
public sealed class SiteSession : IDisposable
{
    private static readonly Duration WriteRetry = Duration.FromSeconds(5);
    private readonly SiteSessionOptions options;
    private readonly IClock clock;
    private readonly TimeProvider time;
    private readonly HubClient hub;
    private readonly FeedbackQueue feedback = new();
    private readonly HeldSetFile? file;
    private readonly Lock gate = new();
    private readonly long origin;
    private volatile SiteHolding holding;
    private ReceiptBook book = ReceiptBook.Empty;
    private SiteHolding? written;
    private IReadOnlyList<Shortfall> shortfalls = [];
    private SiteLimits limits;
    private string? unread;
    private Duration nextWrite = Duration.MinValue;

    /// <param name="options">Where, who, and the controller's own rules.</param>
    /// <param name="handler">Transport; null: plain HTTP(S).</param>
    /// <param name="clock">Wall clock; null: the system's.</param>
    /// <param name="time">Monotonic clock and timers; null: the system's.</param>
    public SiteSession(SiteSessionOptions options, HttpMessageHandler? handler = null, IClock? clock = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        this.clock = clock ?? SystemClock.Instance;
        this.time = time ?? TimeProvider.System;
        hub = new HubClient(options.Hub, handler, this.time);
        file = options.StateFile is null ? null : new HeldSetFile(options.StateFile);
        origin = this.time.GetTimestamp();
        holding = FailsafeMachine.Start(options.Hub.SiteId, file?.Read(why => unread = why), options.Failsafe, Now);
        limits = FailsafeMachine.LimitsAt(holding, Now);
    }

    /// <summary>Raised, one at a time, whenever limits, phase or reasons change.</summary>
    public event Action<SiteLimits>? LimitsChanged;

    /// <summary>Every message of the hub, after it was taken in.</summary>
    public event Action<HubMessage>? MessageReceived;

    /// <summary>Things a person may want to know: a lost line, feedback that waits.</summary>
    public event Action<string>? Notice;

    /// <summary>The limits in force at this moment. Takes no lock; holds before, during and after contact with the hub.</summary>
    public SiteLimits Limits => FailsafeMachine.LimitsAt(holding, Now);

    /// <summary>What waits to be told to the hub, and what was lost.</summary>
    public FeedbackQueue Feedback => feedback;

    private Moment Now => new(clock.GetCurrentInstant(), Duration.FromTimeSpan(time.GetElapsedTime(origin)));

    /// <summary>Tells the hub what was measured; kept while it is away.</summary>
    public void Report(Reading reading) => feedback.Add(reading);

    /// <summary>States which limits can't be kept at present; an empty list: all can. Each envelope is reported once.</summary>
    public void ReportShortfalls(IReadOnlyList<Shortfall> present)
    {
        lock (gate)
        {
            shortfalls = present;
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        Tell(unread);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task[] parts = [ListenAsync(stop.Token), TickAsync(stop.Token), feedback.SendAsync(hub, time, Tell, stop.Token)];
        try
        {
            await await Task.WhenAny(parts);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Asked to.
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Closes the line.</summary>
    public void Dispose() => hub.Dispose();

    private async Task ListenAsync(CancellationToken ct)
    {
        await foreach (var message in hub.SubscribeAsync(ResumeFrom, ct))
        {
            Take(message);
            if (message is LinkChanged { Up: false } down)
            {
                Tell($"line to the hub is down ({down.Detail}); next attempt in {down.RetryIn?.TotalSeconds:0.#} s");
            }

            if (message is not LinkChanged)
            {
                await FetchSetIfNeededAsync(ct);
            }
        }
    }

    // Before the first contact, and where a statement is owed, the hub is to state the whole set first (as LPC-913 asks of a guard).
    private Cursor? ResumeFrom()
    {
        lock (gate)
        {
            return holding is { Contacted: true, NeedsSet: false, Failsafes.IsEmpty: true } && Cursor.TryParse(holding.Set.Cursor, out var cursor) ? cursor : null;
        }
    }

    private async Task FetchSetIfNeededAsync(CancellationToken ct)
    {
        bool needed;
        lock (gate)
        {
            needed = holding.NeedsSet;
        }

        if (!needed)
        {
            return;
        }

        try
        {
            Take(await hub.GetSetAsync(ct));
        }
        catch (Exception fault) when (fault is HubTalkException or HttpRequestException or IOException)
        {
            Tell($"the whole set is wanted and not to be had: {fault.Message}"); // asked again after the next message
        }
    }

    private async Task TickAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(options.Tick.ToTimeSpan(), time);
        do
        {
            Step(state => FailsafeMachine.Tick(state, Now));
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    private void Take(HubMessage message)
    {
        Step(state => FailsafeMachine.Apply(state, message, Now));
        MessageReceived?.Invoke(message);
    }

    // One step at a time: state, limits, file, receipts. What is acknowledged is on the disk first.
    private void Step(Func<SiteHolding, SiteHolding> next)
    {
        lock (gate)
        {
            holding = next(holding);
            var now = Now;
            var before = limits;
            limits = FailsafeMachine.LimitsAt(holding, now);
            if (!limits.SaysSameAs(before))
            {
                LimitsChanged?.Invoke(limits);
            }

            if (Persisted(holding, now))
            {
                (book, var due) = ReceiptPlanner.Plan(book, holding.Set, shortfalls, now.Wall);
                foreach (var receipt in due)
                {
                    feedback.Add(receipt);
                }
            }
        }
    }

    // A full disk must not stop the controller from obeying; it only keeps it from acknowledging.
    private bool Persisted(SiteHolding state, Moment now)
    {
        if (file is null || !state.Contacted || (written is not null && ReferenceEquals(written.Set, state.Set) && written.Failsafes.Keys.ToHashSet().SetEquals(state.Failsafes.Keys)))
        {
            return true;
        }

        if (now.Monotonic < nextWrite)
        {
            return false;
        }

        try
        {
            file.Write(state.ToPersist(now));
            written = state;
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            nextWrite = now.Monotonic + WriteRetry;
            Tell($"the last-known set can't be written to {options.StateFile}: {fault.Message}");
            return false;
        }
    }

    private void Tell(string? notice)
    {
        if (notice is not null)
        {
            Notice?.Invoke(notice);
        }
    }
}
