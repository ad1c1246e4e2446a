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
    private const int MostAtOnce = 8;

    /// <summary>Until all are cleared, or it is cancelled.</summary>
    /// <param name="left">Stations that are not told any more and still hold a profile, as far as known.</param>
    /// <param name="doubt">On disk when it returns true: nobody knows what these stations hold. False: it can't be kept, and nothing may be sent.</param>
    /// <param name="forget">The station holds nothing of ours.</param>
    /// <param name="ct">Ends it.</param>
    public async Task RunAsync(IReadOnlyList<LeftStation> left, Func<IReadOnlyCollection<string>, bool> doubt, Func<string, bool> forget, CancellationToken ct)
    {
        var clearing = plan.Removed.Select(id => left.FirstOrDefault(l => string.Equals(l.Id, id, StringComparison.Ordinal)) ?? new LeftStation(id, null)).ToLookup(IsWithinReach);
        foreach (var station in left.Where(l => !plan.Removed.Contains(l.Id, StringComparer.Ordinal)))
        {
            LogLeft(log, name, station.Id, GetProfile(station));
        }

        foreach (var station in clearing[false])
        {
            LogElsewhere(log, name, station.Id, GetProfile(station), station.At!.System);
        }

        if (clearing[true].Any())
        {
            var isKept = doubt([.. clearing[true].Select(s => s.Id)]);
            using var turns = new SemaphoreSlim(MostAtOnce);
            await Task.WhenAll(clearing[true].Select(station => ClearAsync(station, turns, isKept, doubt, forget, ct)));
        }
    }

    // Another system says "Unknown" of a profile that the station holds all the same.
    private bool IsWithinReach(LeftStation station) => station.At is not { } at || string.Equals(at.System, KeptAt.From(plan).System, StringComparison.Ordinal);

    private int GetProfile(LeftStation station) => station.At?.ProfileId ?? plan.Profile.Id;

    private async Task ClearAsync(
        LeftStation station, SemaphoreSlim turns, bool isKept, Func<IReadOnlyCollection<string>, bool> doubt, Func<string, bool> forget, CancellationToken ct)
    {
        var told = string.Empty;
        for (var failures = 1; !ct.IsCancellationRequested; failures++)
        {
            isKept = isKept || doubt([station.Id]);
            var answer = isKept ? await AskInTurnAsync(station, turns, ct) : new ProfileAnswer(ProfileOutcome.NotSent, "what it holds can't be kept in Ocpp:StationsFile");
            if (answer.Outcome == ProfileOutcome.Accepted)
            {
                forget(station.Id);
                LogCleared(log, name, station.Id, GetProfile(station));
                return;
            }

            if (!string.Equals(told, answer.Why, StringComparison.Ordinal) && !ct.IsCancellationRequested)
            {
                told = answer.Why;
                LogUncleared(log, name, station.Id, GetProfile(station), told);
            }

            await Task.Delay(TimeSpan.FromSeconds(Math.Min(LongestPauseSeconds, 1 << Math.Min(failures, 9))), time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // A few at a time: the system has the others' limits to hand on.
    private async Task<ProfileAnswer> AskInTurnAsync(LeftStation station, SemaphoreSlim turns, CancellationToken ct)
    {
        try
        {
            await turns.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return new ProfileAnswer(ProfileOutcome.NotSent, "the end came before its turn");
        }

        try
        {
            return await AskAsync(station, ct);
        }
        finally
        {
            turns.Release();
        }
    }

    private async Task<ProfileAnswer> AskAsync(LeftStation station, CancellationToken ct)
    {
        var word = new TaskCompletionSource<ProfileAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ticket = answers?.ExpectText(body => word.TrySetResult(ProfileAnswer.FromClearing(body)));
        try
        {
            var sent = await system.ClearAsync(station.Id, GetProfile(station), ticket is null ? null : CallbackServer.BuildAddress(plan.Answers!.Address, ticket), ct);
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

    [LoggerMessage(EventIds.StationElsewhere, LogLevel.Warning,
        "{Adapter}: station {Station} holds charging profile {Profile}, told through {System}, which these settings don't name: it is neither cleared nor forgotten. "
        + "Clear it with the Csms settings that it was told by")]
    private static partial void LogElsewhere(ILogger logger, string adapter, string station, int profile, string system);

    [LoggerMessage(EventIds.StationCleared, LogLevel.Information, "{Adapter}: station {Station} holds charging profile {Profile} no longer; take it out of Ocpp:Removed")]
    private static partial void LogCleared(ILogger logger, string adapter, string station, int profile);

    [LoggerMessage(EventIds.StationUncleared, LogLevel.Warning, "{Adapter}: charging profile {Profile} can't be cleared at station {Station}: {Why}. It is tried again")]
    private static partial void LogUncleared(ILogger logger, string adapter, string station, int profile, string why);
}
