using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Bulk;

/// <summary>A wall clock time as a person wrote it, with its offset where the clocks go back and it is needed.</summary>
public sealed record LocalMoment(LocalDateTime At, Offset? Offset)
{
    private static readonly LocalDateTimePattern[] Local = [.. new[] { "uuuu-MM-dd'T'HH:mm", "uuuu-MM-dd'T'HH:mm:ss", "uuuu-MM-dd HH:mm", "uuuu-MM-dd HH:mm:ss" }.Select(LocalDateTimePattern.CreateWithInvariantCulture)];
    private static readonly OffsetDateTimePattern[] WithOffset =
        [.. new[] { "uuuu-MM-dd'T'HH:mmo<G>", "uuuu-MM-dd'T'HH:mm:sso<G>", "uuuu-MM-dd HH:mmo<G>", "uuuu-MM-dd HH:mm:sso<G>" }.Select(OffsetDateTimePattern.CreateWithInvariantCulture)];

    /// <summary>Null where it is no such time.</summary>
    public static LocalMoment? TryParse(string text)
    {
        var local = Local.Select(p => p.Parse(text)).FirstOrDefault(r => r.Success);
        if (local is not null)
        {
            return new LocalMoment(local.Value, null);
        }

        return WithOffset.Select(p => p.Parse(text)).FirstOrDefault(r => r.Success) is { } exact ? new LocalMoment(exact.Value.LocalDateTime, exact.Value.Offset) : null;
    }

    /// <summary>The instant in the zone; null with a fault where the zone has no such time, has it twice, or never with that offset.</summary>
    public Instant? In(DateTimeZone zone, out string? fault)
    {
        var map = zone.MapLocal(At);
        fault = null;
        if (Offset is { } offset)
        {
            var instant = At.WithOffset(offset).ToInstant();
            fault = zone.GetUtcOffset(instant) == offset ? null : $"{zone.Id} does not have the offset {offset} at that time: leave the offset out";
            return fault is null ? instant : null;
        }

        fault = map.Count switch
        {
            0 => $"the clocks go forward over {Shown(At)} in {zone.Id}: there is no such time; write {Shown(map.LateInterval.IsoLocalStart)}",
            2 => $"{Shown(At)} is twice in {zone.Id}, as the clocks go back: write {Exact(map.First())} or {Exact(map.Last())}",
            _ => null,
        };
        return map.Count == 1 ? map.Single().ToInstant() : null;
    }

    private static string Shown(LocalDateTime at) => Local[0].Format(at);

    private static string Exact(ZonedDateTime at) => WithOffset[0].Format(at.ToOffsetDateTime());
}
