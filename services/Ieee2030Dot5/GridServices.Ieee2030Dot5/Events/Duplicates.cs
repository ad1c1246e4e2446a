using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Several contents under one mRID: nobody knows which is meant, so the strictest holds while any of them would.</summary>
internal static class Duplicates
{
    public static ControlContent Strictest(IReadOnlyList<ControlContent> contents)
    {
        var start = contents.Min(c => c.StartS);
        return contents[0] with
        {
            CreationTime = contents.Max(c => c.CreationTime),
            StartS = start,
            DurationS = contents.Max(c => c.EndS()) - start,
            RandomizeStartS = 0,
            RandomizeDurationS = 0,
            Settings = contents.SelectMany(c => c.Settings).GroupBy(s => s.Mode).OrderBy(g => g.Key)
                .Select(g => g.First().IsLimit ? g.MinBy(s => s.Amount)! : g.First()).ToValueList(),
        };
    }

    /// <summary>The strictest over a control that is held: once it has begun its times stay.</summary>
    public static ControlContent Over(HeldControl held, ControlContent strictest) => held.Begun
        ? Strictest([held.Content, strictest with { StartS = held.Content.StartS, DurationS = held.Content.DurationS }]) with
        {
            RandomizeStartS = held.Content.RandomizeStartS,
            RandomizeDurationS = held.Content.RandomizeDurationS,
        }
        : strictest;
}
