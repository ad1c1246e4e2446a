using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Client.Access;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Submission;

/// <summary>Submits each plan as it was decided, with back-off until it is taken, and tells when the gate passes before.</summary>
internal sealed partial class PlanSubmitter(
    SubmissionStore store, FrequencyStore entries, PoolHost host, SubmissionOptions options, PlanAlarms alarms, IClock clock, TimeProvider time, ILogger<PlanSubmitter> log) : BackgroundService
{
    private const int Lines = 8;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly HttpClient _http = new(new ConnectionFaultHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) }))
    {
        Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
    };

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    /// <summary>Whoever waits for an answer does not look at the clock: what passes its gate meanwhile is told beside it.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => options.Url is null
        ? Task.CompletedTask
        : Task.WhenAll(RepeatAsync(SubmitAsync, () => { }, stoppingToken), RepeatAsync(ReportAsync, Forget, stoppingToken));

    /// <summary>Whoever has the right to command tells the alarms now; should it come back, what has not begun is looked through again.</summary>
    private void Forget()
    {
        alarms.Clear();
        _lookedUntil = null;
    }

    private async Task RepeatAsync(Func<CancellationToken, Task> work, Action rest, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Where no contract is left nobody holds the lease, and what is left over is still to be closed.
                if (host.IsLoaded && (Holds || !host.Tenants.Contains(options.Tenant, StringComparer.Ordinal)))
                {
                    await work(stoppingToken);
                }
                else if (host.IsLoaded)
                {
                    rest();
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // A plan that can't be submitted must not end the response.
                LogUntended(log, fault);
            }

            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool Holds => host.GetLease(options.Tenant).IsHeld(host.NowNanos);

    /// <summary>Tries what is due now.</summary>
    private async Task SubmitAsync(CancellationToken ct)
    {
        var (due, unread) = await store.DueAsync(options.Tenant, clock.GetCurrentInstant(), ct);
        await ReportUnreadAsync(unread, ct);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = Lines, CancellationToken = ct }, async (one, _) =>
        {
            try
            {
                await SubmitAsync(one, ct);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
            {
                // It is due again with the next look; the others are not held up by it.
                LogUntended(log, fault);
            }
        });
    }

    private async Task SubmitAsync(DueSubmission due, CancellationToken ct)
    {
        if (clock.GetCurrentInstant() < due.Plan.From && host.Entries.Contract(due.Contract) is null && await entries.EndedAsync(due.Contract, ct) is not null)
        {
            var ended = due.Submission.Ended();
            if (ended.State == SubmissionPhase.Unconfirmed)
            {
                Report(due, ended);
            }

            await store.SaveAsync(due.Contract, ended, ct);
            return;
        }

        // A receiver that hangs holds the ones behind it up: meanwhile another process may have taken over.
        var isOver = clock.GetCurrentInstant() >= due.Plan.From;
        if (!isOver && !Holds)
        {
            return;
        }

        if (isOver)
        {
            await NoteAsync(due, due.Submission.Expire());
            return;
        }

        if (CreateDocument(due) is not { } document)
        {
            await NoteAsync(due, due.Submission.Tried(new SubmissionOutcome("the contract, or its quantity, is not known"), clock.GetCurrentInstant(), clock.GetCurrentInstant()));
            return;
        }

        // On disk before it goes out. Where somebody noted anything of it meanwhile it is looked at again.
        var sentAt = clock.GetCurrentInstant();
        if (await store.MarkAsync(due, due.Submission.Sending(sentAt), ct, document))
        {
            await NoteAsync(due, due.Submission.Tried(await SendAsync(due, document, ct), sentAt, clock.GetCurrentInstant()));
        }
    }

    /// <summary>What was taken is noted also while the service stops.</summary>
    private async Task NoteAsync(DueSubmission due, PlanSubmission after)
    {
        Report(due, await store.NoteAsync(due.Contract, after, CancellationToken.None));
    }

    /// <exception cref="OperationCanceledException">The service stops; that it went out is on disk.</exception>
    private async Task<SubmissionOutcome> SendAsync(DueSubmission due, string document, CancellationToken ct)
    {
        using var body = new SubmissionBody(document);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Address) { Content = body };

            // The same for every try: whoever takes it twice knows it.
            request.Headers.TryAddWithoutValidation(IdempotencyKey.Header, $"{due.Contract.Key}/{TimeText.Format(due.Plan.From)}");
            request.Headers.Authorization = Bearer();
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return SubmissionOutcome.From(answer.StatusCode);
        }
        catch (Exception fault) when (!ct.IsCancellationRequested && fault is OperationCanceledException or HttpRequestException or IOException or UnauthorizedAccessException or FormatException)
        {
            return SubmissionOutcome.From(fault, body.WentOut);
        }
    }

    /// <summary>As it was sent first: a contract that is changed meanwhile changes nothing of it.</summary>
    /// <returns>Null: the contract or its quantity is not known.</returns>
    private string? CreateDocument(DueSubmission due) => due.Document is not null ? due.Document
        : host.Entries.Contract(due.Contract) is not { } contract || ContractRules.Quantity(contract) is not { } quantity ? null
        : JsonSerializer.Serialize(new PlanDocument(due.Contract.Key, contract.Service ?? "custom", contract.SiteId, quantity, due.Plan), ContractJson.Options);

    /// <summary>Read for each try: a token that was exchanged counts from the next one on.</summary>
    /// <exception cref="FormatException">There is none: nothing is sent without the one that is asked for.</exception>
    private AuthenticationHeaderValue? Bearer() => options.TokenFile is not { } file ? null
        : File.ReadLines(file).FirstOrDefault()?.Trim() is { Length: > 0 } token ? new AuthenticationHeaderValue("Bearer", token)
        : throw new FormatException("the first line of Submission:TokenFile is empty; write the token there");

    [LoggerMessage(EventIds.PlanSubmitterUntended, LogLevel.Error, "Plans can't be submitted now; it is tried again")]
    private static partial void LogUntended(ILogger logger, Exception fault);
}
