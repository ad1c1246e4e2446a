using GridServices.Adapters.Ocpp;
using Microsoft.Extensions.Logging;

namespace GridServices.Adapters.Service.Ocpp;

/// <summary>
/// Stations that are told nothing any more: those of <see cref="OcppPlan.Removed"/> are asked to hold our profile no longer, until each has said so.
/// Of all others that still hold one a person is told, for to clear it may let a station draw all it can.
/// </summary>
internal sealed partial class RemovedStations(string name, OcppPlan plan, CallbackServer? answers, CsmsClient system, TimeProvider time, ILogger log)
{
    private const int LongestPauseSeconds = 300;

    /// <summary>Until all are cleared, or it is cancelled.</summary>
    /// <param name="left">Stations that are not told any more and still hold a profile, as far as known.</param>
    /// <param name="doubt">On disk when it returns true: nobody knows what the station holds. False: it can't be kept, and nothing may be sent.</param>
    /// <param name="forget">The station holds nothing of ours.</param>
    /// <param name="ct">Ends it.</param>
    public Task RunAsync(IReadOnlyList<string> left, Func<string, bool> doubt, Func<string, bool> forget, CancellationToken ct)
    {
        foreach (var station in left.Except(plan.Removed, StringComparer.Ordinal))
        {
            LogLeft(log, name, station, plan.Profile.Id);
        }

        return Task.WhenAll(plan.Removed.Select(station => ClearAsync(station, doubt, forget, ct)));
    }

    private async Task ClearAsync(string station, Func<string, bool> doubt, Func<string, bool> forget, CancellationToken ct)
    {
        var told = string.Empty;
        for (var failures = 1; !ct.IsCancellationRequested; failures++)
        {
            var answer = doubt(station) ? await AskAsync(station, ct) : new ProfileAnswer(ProfileOutcome.NotSent, "what it holds can't be kept in Ocpp:StationsFile");
            if (answer.Outcome == ProfileOutcome.Accepted)
            {
                forget(station);
                LogCleared(log, name, station, plan.Profile.Id);
                return;
            }

            if (!string.Equals(told, answer.Why, StringComparison.Ordinal) && !ct.IsCancellationRequested)
            {
                told = answer.Why;
                LogUncleared(log, name, station, plan.Profile.Id, told);
            }

            await Task.Delay(TimeSpan.FromSeconds(Math.Min(LongestPauseSeconds, 1 << Math.Min(failures, 9))), time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<ProfileAnswer> AskAsync(string station, CancellationToken ct)
    {
        var word = new TaskCompletionSource<ProfileAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ticket = answers?.ExpectText(body => word.TrySetResult(ProfileAnswer.FromClearing(body)));
        try
        {
            var sent = await system.ClearAsync(station, ticket is null ? null : CallbackServer.BuildAddress(plan.Answers!.Address, ticket), ct);
            return sent.Outcome == ProfileOutcome.OnItsWay ? await word.Task.WaitAsync(plan.Patience, time, ct) : sent;
        }
        catch (TimeoutException)
        {
            return new ProfileAnswer(ProfileOutcome.Unknown, $"the station has not answered within {plan.Patience.TotalSeconds:0} s");
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return new ProfileAnswer(ProfileOutcome.Unknown, "the end came before its answer");
        }
        finally
        {
            if (ticket is not null)
            {
                answers!.Remove(ticket);
            }
        }
    }

    [LoggerMessage(EventIds.StationLeft, LogLevel.Warning,
        "{Adapter}: station {Station} is not in the settings any more and still holds charging profile {Profile}, which ends in the fail-safe limit and never by itself. "
        + "Name it in Ocpp:Removed, and it is cleared there, or in Ocpp:Stations again")]
    private static partial void LogLeft(ILogger logger, string adapter, string station, int profile);

    [LoggerMessage(EventIds.StationCleared, LogLevel.Information, "{Adapter}: station {Station} holds charging profile {Profile} no longer; take it out of Ocpp:Removed")]
    private static partial void LogCleared(ILogger logger, string adapter, string station, int profile);

    [LoggerMessage(EventIds.StationUncleared, LogLevel.Warning, "{Adapter}: charging profile {Profile} can't be cleared at station {Station}: {Why}. It is tried again")]
    private static partial void LogUncleared(ILogger logger, string adapter, string station, int profile, string why);
}
