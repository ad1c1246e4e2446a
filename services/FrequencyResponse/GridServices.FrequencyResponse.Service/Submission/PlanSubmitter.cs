using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting;
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (options.Url is not null && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (fleet.LeaseOf(options.Tenant).Holds(fleet.NowNanos))
                {
                    await SubmitAsync(stoppingToken);
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

    /// <summary>Tries what is due now.</summary>
    public async Task SubmitAsync(CancellationToken ct)
    {
        var due = await store.DueAsync(options.Tenant, clock.GetCurrentInstant(), ct);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = Lines, CancellationToken = ct }, async (one, _) => await SubmitAsync(one, ct));
    }

    private async Task SubmitAsync(DueSubmission due, CancellationToken ct)
    {
        var after = clock.GetCurrentInstant() >= due.Plan.From ? due.Submission.GivenUp() : due.Submission.Tried(await SendAsync(due, ct), clock.GetCurrentInstant());
        if (after.State != due.Submission.State && after.State is SubmissionPhase.Overdue or SubmissionPhase.Failed)
        {
            LogOverdue(log, due.Contract.ToString(), due.Plan.From, after.Problem!);
        }

        // What was taken is noted also while the service stops.
        await store.SaveAsync(due.Contract, after, CancellationToken.None);
    }

    /// <returns>Null: it was taken.</returns>
    private async Task<string?> SendAsync(DueSubmission due, CancellationToken ct)
    {
        try
        {
            var contract = fleet.Entries.Contract(due.Contract) ?? await entries.EndedAsync(due.Contract, ct);
            var document = new PlanDocument(due.Contract.Key, contract?.Service ?? "custom", contract?.SiteId ?? string.Empty, contract is null ? 0 : ContractRules.Quantity(contract) ?? 0, due.Plan);
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Address)
            {
                Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(document, ContractJson.Options)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
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

    /// <summary>Read for each try: a token that was exchanged counts from the next one on.</summary>
    private AuthenticationHeaderValue? Bearer() => options.TokenFile is { } file ? new AuthenticationHeaderValue("Bearer", File.ReadLines(file).FirstOrDefault()?.Trim()) : null;

    [LoggerMessage(EventIds.PlanSubmitterOverdue, LogLevel.Error, "The plan of contract {Contract} for the period from {From} was not taken by the receiver in time; submit it by hand: {Problem}")]
    private static partial void LogOverdue(ILogger logger, string contract, Instant from, string problem);

    [LoggerMessage(EventIds.PlanSubmitterUntended, LogLevel.Error, "Plans can't be submitted now; it is tried again")]
    private static partial void LogUntended(ILogger logger, Exception fault);
}
