using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Readers;

/// <summary>Values as OCPI and the OpenEI rate database write them.</summary>
internal static class ForeignValues
{
    /// <summary>Money: a number, or a text with one.</summary>
    public static decimal Amount(this JsonMember member)
    {
        if (!member.IsText)
        {
            return member.Number();
        }

        if (!ExactDecimal.TryParse(member.Text(), out var amount))
        {
            member.Fail(ErrorClass.SemanticNumber, null, "an amount like 12.50 is wanted here");
        }

        return amount;
    }

    /// <summary>Whether the number is so large that it can only mean "without end".</summary>
    public static bool IsHuge(this JsonMember member) => member.Raw.ValueKind == JsonValueKind.Number && member.Raw.TryGetDouble(out var size) && size >= 1e9;

    /// <summary>An instant; a text without offset means UTC.</summary>
    public static Instant Instant(this JsonMember member)
    {
        var text = member.Text();
        var utc = text.EndsWith('Z') || text.AsSpan(Math.Max(0, text.Length - 6)).ContainsAny('+', '-') ? text : text + "Z";
        if (OffsetDateTimePattern.ExtendedIso.Parse(utc) is { Success: true } parsed)
        {
            return parsed.Value.ToInstant();
        }

        member.Fail(ErrorClass.SemanticTime, null, "a time like 2026-03-29T01:00:00Z is wanted here");
        return NodaTime.Instant.FromUnixTimeSeconds(0);
    }

    /// <summary>A day, from seconds since 1970, as a UTC day.</summary>
    public static LocalDate Day(this JsonMember member)
    {
        var seconds = member.Number();
        if (seconds is > -62_000_000_000m and < 250_000_000_000m)
        {
            return NodaTime.Instant.FromUnixTimeSeconds((long)seconds).InUtc().Date;
        }

        member.Fail(ErrorClass.SemanticTime, null, "seconds since 1970 are wanted here");
        return new LocalDate(1970, 1, 1);
    }
}
