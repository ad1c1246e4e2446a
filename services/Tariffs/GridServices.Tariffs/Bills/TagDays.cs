using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>On which days a coincident tag of the account is billed. Bills and live meters share it.</summary>
internal static class TagDays
{
    public static IEnumerable<CoincidentTag> GetTags(Account account, string charge) => account.CoincidentTags.Where(t => t.Charge is null || t.Charge == charge);

    /// <summary>The tags of a charge that hold on a day.</summary>
    public static CoincidentTag[] On(Account account, string charge, LocalDate day, DateTimeZone zone) =>
        [.. GetTags(account, charge).Where(t => (First(t, zone) is not { } first || first <= day) && (End(t, zone) is not { } end || day < end))];

    /// <summary>A tag with its moment alone is billed in the calendar year after it.</summary>
    public static LocalDate? First(CoincidentTag tag, DateTimeZone zone) => tag.From ?? (tag.Until is null && tag.At is { } at ? new LocalDate(at.InZone(zone).Year + 1, 1, 1) : null);

    public static LocalDate? End(CoincidentTag tag, DateTimeZone zone) => tag.Until ?? (tag.From is null && tag.At is { } at ? new LocalDate(at.InZone(zone).Year + 2, 1, 1) : null);
}
