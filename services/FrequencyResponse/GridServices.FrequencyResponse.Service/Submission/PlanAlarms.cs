using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Submission;

/// <summary>Plans whose submission needs a person, until it is settled or their period is over. Any thread.</summary>
internal sealed class PlanAlarms
{
    private readonly ConcurrentDictionary<(EntryId Contract, Instant From), (Instant Until, string Problem)> _open = new();

    /// <summary>How a submission stands.</summary>
    public void Note(DueSubmission due, PlanSubmission stands, Instant now)
    {
        var problem = stands.State switch
        {
            SubmissionPhase.Overdue or SubmissionPhase.Failed => $"was not taken in time; submit it by hand ({stands.Problem})",
            SubmissionPhase.Unconfirmed when stands.IsToBeAsked(now) => $"went out and was not answered; ask the receiver whether it holds it ({stands.Problem})",
            _ => null,
        };
        if (problem is null)
        {
            _open.TryRemove((due.Contract, due.Plan.From), out _);
        }
        else
        {
            _open[(due.Contract, due.Plan.From)] = (due.Plan.Until, $"the plan for the period from {TimeText.Format(due.Plan.From)} {problem}");
        }
    }

    /// <summary>The earliest of a contract; null: none.</summary>
    public string? Find(EntryId contract, Instant now)
    {
        foreach (var over in _open.Where(o => o.Value.Until <= now).ToList())
        {
            _open.TryRemove(over);
        }

        return _open.Where(o => o.Key.Contract == contract).OrderBy(o => o.Key.From).Select(o => o.Value.Problem).FirstOrDefault();
    }
}
