using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Readers;
using NodaTime;

namespace GridServices.Tariffs.Ocpi;

/// <summary>The session of a charge detail record.</summary>
internal sealed class OcpiCdrReader(ReadProblems problems, DateTimeZone zone)
{
    public OcpiSession? Session(JsonMember root)
    {
        var (start, end) = (root.Member("start_date_time")?.Instant(), (root.Member("end_date_time") ?? root.Member("stop_date_time"))?.Instant());
        var raw = root.Member("charging_periods")?.Items() ?? [];
        if (start is null || end is null || raw.IsEmpty || end < start)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, root.Pointer, "a CDR has start_date_time, a later end_date_time (stop_date_time in 2.1.1) and charging_periods");
            return null;
        }

        OcpiMembers.Report(root, OcpiMembers.Cdr, nearOnly: true, problems);
        var starts = raw.Select(p => p.Member("start_date_time")?.Instant() ?? start.Value).Append(end.Value).ToArray();
        if (starts.Zip(starts.Skip(1)).Any(p => p.First > p.Second))
        {
            problems.Refuse(ErrorClass.SemanticOrder, $"{root.Pointer}/charging_periods", "the periods are out of order, or start after the session ended");
            return null;
        }

        if (starts[0] < start)
        {
            problems.Refuse(ErrorClass.SemanticOrder, $"{raw[0].Pointer}/start_date_time", $"the charging period starts at {starts[0]}, before the session does ({start}); correct one of them");
            return null;
        }

        var periods = raw.Select((p, i) => Period(p, starts[i], starts[i + 1])).ToArray();
        var charging = periods.Where(p => p.Reserved == 0).Select(p => p.Period).ToImmutableArray();
        var reserved = periods.Sum(p => p.Reserved);
        return new OcpiSession
        {
            Zone = zone,
            Start = charging.IsEmpty ? start.Value : charging[0].Start,
            Periods = charging,
            Reservation = periods.FirstOrDefault(p => p.Reserved > 0).Period is { } first ? new OcpiReservation(first.Start, reserved, charging.IsEmpty, first.TariffId) : null,
        };
    }

    /// <summary>Hours as seconds; decimals that only stand for whole seconds are taken as such.</summary>
    public static decimal Seconds(decimal hours)
    {
        var seconds = hours * 3600;
        var whole = decimal.Round(seconds);
        return Math.Abs(seconds - whole) < 0.01m ? whole : seconds;
    }

    private (OcpiPeriod Period, decimal Reserved) Period(JsonMember period, Instant start, Instant end)
    {
        OcpiMembers.Report(period, OcpiMembers.Period, nearOnly: true, problems);
        var volumes = Volumes(period);

        if (volumes.Any(v => v.Value < 0))
        {
            problems.Refuse(ErrorClass.SemanticNumber, period.Pointer, "a volume is negative; a credit CDR has a negative total_cost only");
        }

        decimal? Volume(string name) => volumes.TryGetValue(name, out var value) ? value : null;
        return (new OcpiPeriod
        {
            Start = start,
            End = end,
            TariffId = period.Member("tariff_id")?.Text(),
            Energy = Volume("ENERGY") ?? 0,
            HasEnergy = Volume("ENERGY") is not null,
            ChargingSeconds = Seconds(Volume("TIME") ?? 0),
            ParkingSeconds = Seconds(Volume("PARKING_TIME") ?? 0),
            MinPower = Volume("MIN_POWER") ?? Volume("POWER"),
            MaxPower = Volume("MAX_POWER") ?? Volume("POWER"),
            MinCurrent = Volume("MIN_CURRENT") ?? Volume("CURRENT"),
            MaxCurrent = Volume("MAX_CURRENT") ?? Volume("CURRENT"),
        }, Seconds(Volume("RESERVATION_TIME") ?? 0));
    }

    private Dictionary<string, decimal> Volumes(JsonMember period)
    {
        var volumes = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var dimension in period.Member("dimensions")?.Items() ?? [])
        {
            if (dimension.Member("type") is not { IsText: true } type || dimension.Member("volume") is not { } volume)
            {
                problems.Refuse(ErrorClass.SchemaInvalid, dimension.Pointer, "a dimension has a type and a volume");
                continue;
            }

            var name = type.Text();
            if (!volumes.TryAdd(name, volume.Number()))
            {
                problems.Refuse(ErrorClass.DataConflict, type.Pointer, $"'{SafeText.Short(name)}' stands twice in one charging period; give its volume once");
            }
            else if (!OcpiMembers.Dimension.Contains(name, StringComparer.Ordinal))
            {
                problems.Warn(ErrorClass.SemanticCode, type.Pointer, $"'{SafeText.Short(name)}' is not a dimension of OCPI and is not priced; {Spelling.Hint(name, OcpiMembers.Dimension)}");
            }
        }

        if (volumes.GetValueOrDefault("ENERGY_IMPORT") > 0 && !volumes.ContainsKey("ENERGY"))
        {
            problems.Warn(ErrorClass.SemanticCode, $"{period.Pointer}/dimensions", "ENERGY_IMPORT is not priced, and without ENERGY no energy is: give the kWh charged as ENERGY too");
        }

        return volumes;
    }
}
