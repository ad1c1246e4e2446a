using System.Collections.Frozen;
using System.Security.Cryptography;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Time;

/// <summary>A checked tariff version with its zone, calendars and schedules resolved. Immutable; share it.</summary>
public sealed class CompiledTariff
{
    private readonly FrozenDictionary<string, CompiledSchedule> schedules;

    private CompiledTariff(Tariff tariff, DateTimeZone zone)
    {
        Source = tariff;
        Zone = zone;
        Holidays = new HolidayCalendar(tariff.Holidays);
        schedules = tariff.Schedules.ToFrozenDictionary(s => s.Id, s => new CompiledSchedule(tariff, s, Holidays), StringComparer.Ordinal);
        Hash = Convert.ToHexStringLower(SHA256.HashData(TariffJson.Write(tariff)));
    }

    public Tariff Source { get; }

    public DateTimeZone Zone { get; }

    public HolidayCalendar Holidays { get; }

    /// <summary>SHA-256 of the tariff's JSON, hexadecimal: names this content on every bill.</summary>
    public string Hash { get; }

    /// <summary>Compiles a tariff that <see cref="TariffJson.Checked"/> accepts.</summary>
    /// <exception cref="FormatException">It breaks a rule of the schema.</exception>
    public static CompiledTariff Compile(Tariff tariff)
    {
        var whole = TariffJson.Checked(tariff).OrThrow();
        return new CompiledTariff(whole, DateTimeZoneProviders.Tzdb[whole.TimeZone]);
    }

    /// <summary>The schedule by name; null for charges that have none.</summary>
    public CompiledSchedule? FindSchedule(string? id) => id is null ? null : schedules[id];

    internal static CompiledSchedule Trial(Tariff tariff, Schedule schedule) => new(tariff, schedule, new HolidayCalendar([]));
}
