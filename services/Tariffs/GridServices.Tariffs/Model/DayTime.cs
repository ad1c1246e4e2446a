namespace GridServices.Tariffs.Model;

/// <summary>A wall clock time to the minute, 00:00 to 24:00.</summary>
/// <param name="Minutes">Minutes on the clock face since midnight, 0..1440; not elapsed minutes: on a day of 23 h 03:00 is still 180.</param>
public readonly record struct DayTime(int Minutes)
{
    public static DayTime Midnight { get; } = new(0);

    public static DayTime EndOfDay { get; } = new(1440);

    public override string ToString() => $"{Minutes / 60:00}:{Minutes % 60:00}";

    public static bool TryParse(string? text, out DayTime time)
    {
        time = default;
        if (text is not { Length: 5 } || text[2] != ':' || !Digits(text, 0, out var hours) || !Digits(text, 3, out var minutes))
        {
            return false;
        }

        time = new DayTime(hours * 60 + minutes);
        return minutes < 60 && time.Minutes <= 1440;
    }

    private static bool Digits(string text, int at, out int value)
    {
        value = (text[at] - '0') * 10 + text[at + 1] - '0';
        return char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at + 1]);
    }
}
