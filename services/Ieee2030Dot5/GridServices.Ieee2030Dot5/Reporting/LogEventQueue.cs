using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>LogEvents, where the EndDevice has a list for them: alarms under the standard's number, the rest under the operator's enterprise number.</summary>
internal static class LogEventQueue
{
    private const int MostOwed = 100;

    // IEEE 2030.5 LogEvent: functionSet 11 distributed energy resources, profileID 2 IEEE 2030.5.
    private const byte FunctionSet = 11;
    private const byte Profile = 2;

    public static void Note(StepContext context, LogCode code, Instant at)
    {
        foreach (var lfdi in context.Devices.Keys)
        {
            Note(context, lfdi, code, at);
        }
    }

    public static void Note(StepContext context, string lfdi, LogCode code, Instant at)
    {
        if (context.Config.Pen > 0)
        {
            Enqueue(context, lfdi, new OwedLog(0, code, ToServerSeconds(context, at)));
        }
    }

    /// <summary>An alarm changed; what is raised from then on is known to the state already.</summary>
    public static void NoteAlarm(StepContext context, string lfdi, AlarmKind alarm, bool raised, Instant at)
    {
        var status = Alarms.GetStatus(context.State.Devices.GetValueOrDefault(lfdi));
        Enqueue(context, lfdi, new OwedLog(0, raised ? LogCode.AlarmRaised : LogCode.AlarmReturned, ToServerSeconds(context, at)) { Alarm = alarm, AlarmStatus = status });
        CheckList(context, lfdi);
    }

    /// <summary>Alarms that wait for want of a list at the server: a person is told once, and again after it was there.</summary>
    public static void CheckLists(StepContext context)
    {
        foreach (var device in context.State.Devices.Values.Where(d => d is { Retired: false } and ({ Logs.Count: > 0 } or { IsListMissed: true })))
        {
            CheckList(context, device.Lfdi);
        }
    }

    public static Job? FindJob(DerClientConfig config, DeviceState device, (EndDevice Own, Node At) found) =>
        device.Logs.Count > 0 && found.Own.LogEventListLink is { } link && Hrefs.TryPin(config.ServerUrl, found.At.Href, link.Href, out var path, out _)
            ? new Job(new DerPurpose.SendLogEvent(device.Lfdi, device.Logs[0].Number, path), Instant.MinValue, Rank.Report)
            : null;

    public static LogEvent? Message(DerClientConfig config, DerClientState state, DerPurpose.SendLogEvent purpose) =>
        state.Devices.GetValueOrDefault(purpose.Lfdi)?.Logs.FirstOrDefault(l => l.Number == purpose.Number) is not { } log ? null : new LogEvent
        {
            CreatedDateTime = log.AtS,
            Details = FormatDetails(log),
            ExtendedData = log.AlarmStatus,
            FunctionSet = FunctionSet,
            LogEventCode = log.Alarm is { } alarm ? AlarmStatus.GetCode(alarm, log.Code == LogCode.AlarmRaised) : (byte)log.Code,
            LogEventId = (ushort)log.Number,
            LogEventPen = log.Alarm is null ? (uint)config.Pen : AlarmStatus.StandardPen,
            ProfileId = Profile,
        };

    public static void Answered(StepContext context, DerPurpose.SendLogEvent purpose, int status, string why)
    {
        // Who may not post, or where: the utility can put that right, and the log waits for it. A conflict means that the server has it already.
        if (status is 401 or 403 or 404 or 405 or 410)
        {
            if (!context.Line.Holds.ContainsKey(purpose.Key))
            {
                context.Warn(NoteKind.ReportRefused, ErrorClass.Respond, $"The server takes no log events of {purpose.Lfdi}: {why}; tried again in a minute, and later with each refusal.", purpose.Lfdi);
            }

            LinkPolicy.HoldRefused(context, purpose, why);
            return;
        }

        if (status >= 300 && status != 409)
        {
            context.Warn(NoteKind.ReportRefused, ErrorClass.Respond, $"The server refuses a log event of {purpose.Lfdi}: {why}; it is dropped.", purpose.Lfdi);
        }

        context.Line = context.Line with { Holds = context.Line.Holds.Remove(purpose.Key) };
        context.Change(purpose.Lfdi, d => d with { Logs = d.Logs.Where(l => l.Number != purpose.Number).ToValueList() });
        ReportDropped(context, purpose.Lfdi);
    }

    private static void Enqueue(StepContext context, string lfdi, OwedLog log)
    {
        if (context.Config is not { Reporting: { Enabled: true, LogEvents: true } } || context.State.Devices.GetValueOrDefault(lfdi) is not { } device)
        {
            return;
        }

        var dropped = device.Logs.Count >= MostOwed ? 1 : 0;
        if (dropped > 0 && device.LogsDropped == 0)
        {
            context.Warn(NoteKind.ReportRefused, ErrorClass.LimitCount, $"{MostOwed} log events of {lfdi} wait for the server; from now on the oldest makes room for each new one.", lfdi);
        }

        context.Change(lfdi, d => d with
        {
            Logged = d.Logged + 1,
            Logs = d.Logs.Append(log with { Number = (d.Logged + 1) & 0xFFFF }).TakeLast(MostOwed).ToValueList(),
            LogsDropped = d.LogsDropped + dropped,
        });
    }

    private static void ReportDropped(StepContext context, string lfdi)
    {
        if (context.State.Devices.GetValueOrDefault(lfdi) is { Logs.Count: 0, LogsDropped: > 0 and var dropped })
        {
            context.Inform(NoteKind.ReportRefused, $"The log events of {lfdi} that waited are sent; {dropped} older ones had made room for them.", lfdi);
            context.Change(lfdi, d => d with { LogsDropped = 0 });
        }
    }

    private static void CheckList(StepContext context, string lfdi)
    {
        if (context.State.Devices.GetValueOrDefault(lfdi) is not { } device || TreeLookup.OwnDevice(context.State, lfdi) is not { Own: var own })
        {
            return;
        }

        var missed = own.LogEventListLink is null && (device.IsListMissed || device.Logs.Any(l => l.Alarm is not null));
        if (missed && !device.IsListMissed)
        {
            context.Warn(NoteKind.ReportRefused, ErrorClass.NotFound,
                $"The server has no list for log events of {lfdi} (LogEventListLink): alarms reach it by alarmStatus alone; the last {MostOwed} are kept in case it gets one.", lfdi);
        }

        if (missed != device.IsListMissed)
        {
            context.Change(lfdi, d => d with { IsListMissed = missed });
        }
    }

    // At most 32 characters.
    private static string FormatDetails(OwedLog log) => log.Code switch
    {
        LogCode.CommunicationLost => "communication lost",
        LogCode.CommunicationRestored => "communication restored",
        LogCode.ManualOverrideBegan => "manual override began",
        LogCode.ManualOverrideEnded => "manual override ended",
        LogCode.AlarmRaised => EnumNames<AlarmKind>.GetName(log.Alarm!.Value),
        _ => $"{EnumNames<AlarmKind>.GetName(log.Alarm!.Value)} back to normal",
    };

    private static long ToServerSeconds(StepContext context, Instant at) => context.State.Clock.OnServer(at).ToUnixTimeSeconds();
}
