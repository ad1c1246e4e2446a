using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Submission;

/// <summary>Submits each plan as it was decided, with back-off until it is taken, and tells when the gate passes before.</summary>
internal sealed partial class PlanSubmitter(
    SubmissionStore store, FrequencyStore entries, PoolHost fleet, SubmissionOptions options, IClock clock, TimeProvider time, ILogger<PlanSubmitter> log) : BackgroundService
{
    private const int Lines = 8;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
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
        : Task.WhenAll(RepeatAsync(SubmitAsync, stoppingToken), RepeatAsync(ReportAsync, stoppingToken));

    private async Task RepeatAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Where no contract is left nobody holds the lease, and what is left over is still to be closed.
                if (fleet.IsLoaded && (Holds || !fleet.Tenants.Contains(options.Tenant, StringComparer.Ordinal)))
                {
                    await work(stoppingToken);
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

    private bool Holds => fleet.GetLease(options.Tenant).Holds(fleet.NowNanos);

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
        if (clock.GetCurrentInstant() < due.Plan.From && fleet.Entries.Contract(due.Contract) is null && await entries.EndedAsync(due.Contract, ct) is not null)
        {
            await store.SaveAsync(due.Contract, due.Submission.Ended(), ct);
            return;
        }

        // A receiver that hangs holds the ones behind it up: meanwhile another process may have taken over.
        var isOver = clock.GetCurrentInstant() >= due.Plan.From;
        if (!isOver && !Holds)
        {
            return;
        }

        var after = isOver ? due.Submission.GivenUp() : due.Submission.Tried(await SendAsync(due, ct), clock.GetCurrentInstant());
        Report(due, after);

        // What was taken is noted also while the service stops.
        await store.SaveAsync(due.Contract, after, CancellationToken.None);
    }

    /// <returns>Null: it was taken.</returns>
    private async Task<string?> SendAsync(DueSubmission due, CancellationToken ct)
    {
        try
        {
            if (await DocumentAsync(due, ct) is not { } document)
            {
                return "the contract, or its quantity, is not known";
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, options.Address)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes(document)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            };

            // The same for every try: whoever takes it twice knows it.
            request.Headers.TryAddWithoutValidation(IdempotencyKey.Header, $"{due.Contract.Key}/{TimeText.Format(due.Plan.From)}");
            request.Headers.Authorization = Bearer();
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return answer.IsSuccessStatusCode ? null : $"answered {(int)answer.StatusCode}";
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return "no answer in time";
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or UnauthorizedAccessException or FormatException)
        {
            return SafeText.Line(fault.Message);
        }
    }

    /// <summary>As it was sent first; kept before it is sent, so that a contract that is changed meanwhile changes nothing of it.</summary>
    /// <returns>Null: the contract or its quantity is not known.</returns>
    private async Task<string?> DocumentAsync(DueSubmission due, CancellationToken ct)
    {
        if (due.Document is not null || fleet.Entries.Contract(due.Contract) is not { } contract || ContractRules.Quantity(contract) is not { } quantity)
        {
            return due.Document;
        }

        var document = JsonSerializer.Serialize(new PlanDocument(due.Contract.Key, contract.Service ?? "custom", contract.SiteId, quantity, due.Plan), ContractJson.Options);
        await store.AddDocumentAsync(due.Contract, due.Submission with { NextAt = clock.GetCurrentInstant() }, document, ct);
        return document;
    }

    /// <summary>Read for each try: a token that was exchanged counts from the next one on.</summary>
    /// <exception cref="FormatException">There is none: nothing is sent without the one that is asked for.</exception>
    private AuthenticationHeaderValue? Bearer() => options.TokenFile is not { } file ? null
        : File.ReadLines(file).FirstOrDefault()?.Trim() is { Length: > 0 } token ? new AuthenticationHeaderValue("Bearer", token)
        : throw new FormatException("the first line of Submission:TokenFile is empty; write the token there");

    [LoggerMessage(EventIds.PlanSubmitterUntended, LogLevel.Error, "Plans can't be submitted now; it is tried again")]
    private static partial void LogUntended(ILogger logger, Exception fault);
}
