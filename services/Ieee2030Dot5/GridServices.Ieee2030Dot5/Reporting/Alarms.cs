using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>Alarms of a site's equipment, by EndDevice: raised while any of its assets, or the connection point, says so.</summary>
/// <remarks>
/// <code>
///   pv-1   ─────────├ overVoltage ──────────┤──────────
///   pv-2   ─────────────────├ overVoltage ──────┤──────
///   log             ▲ 2 raised                  ▲ 3 returned to normal      alarmStatus 00000002 between them
/// </code>
/// </remarks>
internal static class Alarms
{
    /// <summary>DERStatus.alarmStatus.</summary>
    public static uint GetStatus(DeviceState? device) => AlarmStatus.ToBits(GetKinds(device));

    /// <summary>Takes what a reading states. One older than what its source stated before is of the past, and one that repeats it changes nothing.</summary>
    /// <param name="context">The step.</param>
    /// <param name="lfdi">The EndDevice.</param>
    /// <param name="reading">Of the site, or of an asset that counts.</param>
    /// <param name="lastAt">When its source last stated alarms, as far as this run knows.</param>
    public static void Process(StepContext context, string lfdi, Contracts.Reading reading, Instant? lastAt)
    {
        if (reading.Alarms is not { } stated || context.State.Devices.GetValueOrDefault(lfdi) is not { } device)
        {
            return;
        }

        var source = reading.AssetId ?? string.Empty;
        var held = device.Alarms.FirstOrDefault(a => string.Equals(a.Source, source, StringComparison.Ordinal));
        if (reading.At < lastAt || reading.At < held?.ChangedAt)
        {
            return;
        }

        var (before, kinds) = (held?.Raised ?? [], stated.Distinct().Order().ToList());

        // One more of very many assets in alarm tells nobody anything new.
        if (before.Select(r => r.Kind).SequenceEqual(kinds) || (before.Count == 0 && device.Alarms.Count(a => a.Raised.Count > 0) >= Measurements.MostAssets))
        {
            return;
        }

        var raised = kinds.Select(kind => before.FirstOrDefault(r => r.Kind == kind) ?? new RaisedAlarm(kind, reading.At)).ToValueList();
        Replace(context, device, With(device.Alarms, new SourceAlarms(source, reading.At, raised)), reading.At);
    }

    /// <summary>Assets that no longer belong to a device take their alarms along.</summary>
    public static void Recount(StepContext context)
    {
        foreach (var (lfdi, config) in context.Devices)
        {
            if (context.State.Devices.GetValueOrDefault(lfdi) is { Alarms.Count: > 0 } device)
            {
                Replace(context, device, device.Alarms.Where(a => Averages.Counts(config, a.Source.Length == 0 ? null : a.Source)).ToValueList(), context.Now);
            }
        }
    }

    // Who has nothing raised needs no place once there are many.
    private static ValueList<SourceAlarms> With(ValueList<SourceAlarms> all, SourceAlarms now)
    {
        var others = all.Where(a => !string.Equals(a.Source, now.Source, StringComparison.Ordinal) && (all.Count < Measurements.MostAssets || a.Raised.Count > 0));
        return others.Append(now).OrderBy(a => a.Source, StringComparer.Ordinal).ToValueList();
    }

    private static void Replace(StepContext context, DeviceState device, ValueList<SourceAlarms> alarms, Instant at)
    {
        var (before, after) = (GetKinds(device), GetKinds(device with { Alarms = alarms }));
        context.Change(device.Lfdi, d => d with { Alarms = alarms });
        foreach (var kind in after.Except(before))
        {
            Report(context, device, kind, raised: true, at);
        }

        foreach (var kind in before.Except(after))
        {
            Report(context, device, kind, raised: false, at);
        }
    }

    private static void Report(StepContext context, DeviceState device, AlarmKind kind, bool raised, Instant at)
    {
        var name = EnumNames<AlarmKind>.GetName(kind);
        if (raised)
        {
            context.Warn(NoteKind.Alarm, null, $"{device.SiteId}: alarm {name}.", device.Lfdi);
        }
        else
        {
            context.Inform(NoteKind.Alarm, $"{device.SiteId}: {name} has returned to normal.", device.Lfdi);
        }

        LogEventQueue.NoteAlarm(context, device.Lfdi, kind, raised, at);
    }

    private static SortedSet<AlarmKind> GetKinds(DeviceState? device) => [.. device?.Alarms.SelectMany(a => a.Raised).Select(r => r.Kind) ?? []];
}
