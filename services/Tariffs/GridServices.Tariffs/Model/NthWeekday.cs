using NodaTime;

namespace GridServices.Tariffs.Model;

/// <summary>E.g. the 4th Thursday of November; <see cref="N"/> = -1 is the last one.</summary>
public sealed record NthWeekday(int Month, IsoDayOfWeek Weekday, int N);
