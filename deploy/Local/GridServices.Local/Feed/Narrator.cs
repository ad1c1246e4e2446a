using NodaTime;

namespace GridServices.Local.Feed;

/// <summary>From changes to the lines that a person reads: each change once, floods folded, quiet or verbose as asked. No clock, no terminal.</summary>
internal sealed class Narrator(Verbosity verbosity)
{
    private const int MostAlike = 6;
    private const int MostOfOne = 20;
    private readonly ChangeThrottle _alike = new(MostAlike, change => $"{change.Source}\n{change.Site}\n{change.Owner}\n{WithoutNumbers(change.Text)}");
    private readonly ChangeThrottle _ofOne = new(MostOfOne, change => $"{change.Source}\n{change.Site}\n{change.Owner}");
    private readonly Dictionary<string, Change> _latest = new(StringComparer.Ordinal);

    /// <summary>What happened so far, for the summary.</summary>
    public Tally Tally { get; } = new();

    /// <returns>What the terminal shows and what the log keeps; null where nothing is new.</returns>
    public Narration? Narrate(Change change, Instant now)
    {
        var before = Before(change);
        if (before?.Sameness == change.Sameness || (before is null && change.IsOver))
        {
            return null;
        }

        Tally.Add(change, now);
        var full = ChangeLine.Full(now, change);
        if (verbosity == Verbosity.Verbose)
        {
            return new Narration(full, full);
        }

        var isShown = IsWanted(change, before) && _alike.TryAcquire(change, now) && _ofOne.TryAcquire(change, now);
        return new Narration(isShown ? ChangeLine.Short(now, change) : null, full);
    }

    /// <summary>Lines that are due because a minute is over.</summary>
    public IReadOnlyList<string> Due(Instant now) => [.. _alike.Due(now).Concat(_ofOne.Due(now)).Select(change => ChangeLine.Short(now, change))];

    private Change? Before(Change change)
    {
        if (change.Key.Length == 0)
        {
            return null;
        }

        var key = $"{change.Source}\n{change.Key}";
        var before = _latest.GetValueOrDefault(key);
        _latest[key] = change;
        return before;
    }

    // With --quiet the end of an alarm is told as well.
    private bool IsWanted(Change change, Change? before) => verbosity == Verbosity.Quiet
        ? change.Weight == ChangeWeight.Alarm || before?.Weight == ChangeWeight.Alarm
        : change.Weight >= ChangeWeight.Normal;

    // Hexadecimal identifiers go with the digits: "demo-17f3" and "demo-2a04" are alike.
    private static string WithoutNumbers(string text) => string.Join(' ', text.Split(' ').Where(word => !word.Any(char.IsAsciiDigit)));
}

/// <summary>A change as it is told.</summary>
/// <param name="Shown">The line for the terminal; null where nobody asked for it, or it is held back.</param>
/// <param name="Full">The whole line, for the log.</param>
internal sealed record Narration(string? Shown, string Full);

/// <summary>How much a person wants to read.</summary>
internal enum Verbosity
{
    Quiet,
    Normal,
    Verbose,
}
