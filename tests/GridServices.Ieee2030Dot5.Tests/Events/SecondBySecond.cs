using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>The same story told by brute force: every second asks every control. Knows nothing of spans, timelines or edges.</summary>
internal sealed class SecondBySecond(RandomStory story)
{
    private readonly HashSet<(int Control, ControlMode Mode)> lost = [];
    private readonly Dictionary<(int Number, ControlMode Mode), HashSet<StoryControl>> lent = [];
    private readonly HashSet<(int Control, int Status)> told = [];
    private readonly HashSet<int> closed = [];

    public List<string> Said { get; } = [];

    /// <summary>What holds in this second. Seconds must be asked in order, from 0.</summary>
    /// <param name="second">Now.</param>
    /// <param name="knownUntil">News after this second are not known (for forecasts).</param>
    public Dictionary<ControlMode, int> Next(int second, int knownUntil)
    {
        var known = story.Controls.Where(c => c.HeardAt <= Math.Min(second, knownUntil) && c.End > c.HeardAt && !(Gone(c, c.HeardAt))).ToList();
        var holds = new Dictionary<ControlMode, int>();
        if (RemovedBy(2, second, knownUntil))
        {
            // A control that is removed with its program before its end gives back what it had, and no other has taken besides.
            foreach (var (mine, _) in lent.ToList().Where(l => l.Value.All(IsCutShort)))
            {
                _ = lent.Remove(mine);
            }
        }

        foreach (var mode in StoryControl.All)
        {
            var active = known.Where(c => c.Modes.Contains(mode) && IsOn(c, second, knownUntil) && !lost.Contains((c.Number, mode)))
                .OrderBy(c => story.Primacies[c.Program]).ThenByDescending(c => c.Created).ThenByDescending(c => c.Number).ToList();
            var holder = active.Find(c => !lent.ContainsKey((c.Number, mode)));
            if (story.Edition == ResponseEdition.Ieee2018 && holder is not null)
            {
                active.Skip(active.IndexOf(holder) + 1).ToList().ForEach(c => Lose(c, mode, holder));
            }

            if (holder is not null)
            {
                holds[mode] = holder.Amount;
            }
            else if (Enumerable.Range(0, 3).Where(p => !RemovedBy(p, second, knownUntil) && (story.DefaultMasks[p] & (1 << Array.IndexOf(StoryControl.All, mode))) != 0)
                         .OrderBy(p => story.Primacies[p]).ThenBy(p => p).Cast<int?>().FirstOrDefault() is { } program)
            {
                holds[mode] = RandomStory.DefaultAmount(program);
            }
        }

        foreach (var control in known.Where(c => !closed.Contains(c.Number)))
        {
            Answer(control, second, holds);
        }

        return holds;
    }

    private void Lose(StoryControl c, ControlMode mode, StoryControl to)
    {
        if (to.Program == 2)
        {
            _ = (lent.TryGetValue((c.Number, mode), out var takers) ? takers : lent[(c.Number, mode)] = []).Add(to);
        }
        else
        {
            _ = lost.Add((c.Number, mode));
        }
    }

    private bool IsCutShort(StoryControl taker) =>
        taker.End > story.RemovedAt && !(taker.Fate != EventState.Scheduled && taker.FateAt <= story.RemovedAt);

    private void Answer(StoryControl c, int second, Dictionary<ControlMode, int> holds)
    {
        Record(c, second, ResponseStatus.Received);
        if (RemovedBy(c.Program, second, int.MaxValue) && story.RemovedAt < c.End)
        {
            _ = closed.Add(c.Number);
        }
        else if (c.Fate != EventState.Scheduled && c.FateAt <= second && c.FateAt < c.End)
        {
            Record(c, second, c.Fate == EventState.Cancelled ? ResponseStatus.Cancelled : ResponseStatus.Superseded);
            _ = closed.Add(c.Number);
        }
        else if (c.End <= second)
        {
            if (LastSeenHolding.Contains(c.Number) || !c.Modes.Any())
            {
                Record(c, second, ResponseStatus.Completed);
            }

            _ = closed.Add(c.Number);
        }
        else if (c.Start <= second)
        {
            var has = !c.Modes.Any() || c.Modes.Any(m => holds.GetValueOrDefault(m) == c.Amount);
            if (has)
            {
                Record(c, second, told.Contains((c.Number, ResponseStatus.Started)) && !LastSeenHolding.Contains(c.Number) ? ResponseStatus.Resumed : ResponseStatus.Started);
                _ = LastSeenHolding.Add(c.Number);
            }
            else if (story.Edition == ResponseEdition.Ieee2023 || c.Modes.All(m => lost.Contains((c.Number, m)) || lent.ContainsKey((c.Number, m))))
            {
                Record(c, second, ResponseStatus.Superseded);
                _ = LastSeenHolding.Remove(c.Number);
                _ = story.Edition == ResponseEdition.Ieee2018 && closed.Add(c.Number);
            }
        }
    }

    private HashSet<int> LastSeenHolding { get; } = [];

    private void Record(StoryControl c, int second, int status)
    {
        if (told.Add((c.Number, status)))
        {
            Said.Add($"{second} {c.MRid} {status}");
        }
    }

    private bool IsOn(StoryControl c, int second, int knownUntil) =>
        second >= c.Start && second < c.End && !Gone(c, second)
        && !(c.Fate != EventState.Scheduled && c.FateAt <= Math.Min(second, knownUntil)) && !RemovedBy(c.Program, second, knownUntil);

    // A program that was removed before the control was heard of never brings it.
    private bool Gone(StoryControl c, int second) => c.Program == 2 && story.RemovedAt <= second && story.RemovedAt <= c.HeardAt;

    private bool RemovedBy(int program, int second, int knownUntil) => program == 2 && story.RemovedAt <= Math.Min(second, knownUntil);
}
