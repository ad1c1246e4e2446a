using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>Something the server's log is owed.</summary>
/// <param name="Number">Counts up; logEventID.</param>
/// <param name="Code">See <see cref="LogCode"/>.</param>
/// <param name="AtS">Unix seconds, server time.</param>
public sealed record OwedLog(int Number, LogCode Code, long AtS);

/// <summary>Codes of our own under the operator's enterprise number.</summary>
public enum LogCode
{
    /// <summary>The server was not heard; told once it is again.</summary>
    CommunicationLost = 1,

    CommunicationRestored = 2,

    /// <summary>People hold the site against what it was asked.</summary>
    ManualOverrideBegan = 3,

    ManualOverrideEnded = 4,
}

/// <summary>LogEvents, where the EndDevice has a list for them and the operator an enterprise number to code them under.</summary>
internal static class LogBook
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
        if (context.Config is { Reporting: { Enabled: true, LogEvents: true }, Pen: > 0 })
        {
            context.Change(lfdi, d => d with
            {
                Logged = d.Logged + 1,
                Logs = d.Logs.Append(new OwedLog((d.Logged + 1) & 0xFFFF, code, context.State.Clock.OnServer(at).ToUnixTimeSeconds())).TakeLast(MostOwed).ToValueList(),
            });
        }
    }

    public static Job? JobOf(DerClientConfig config, DeviceState device, (EndDevice Own, Node At) found) =>
        device.Logs.Count > 0 && found.Own.LogEventListLink is { } link && Hrefs.TryPin(config.ServerUrl, found.At.Href, link.Href, out var path, out _)
            ? new Job(new DerPurpose.SendLogEvent(device.Lfdi, device.Logs[0].Number, path), Instant.MinValue, Rank.Report)
            : null;

    public static LogEvent? Message(DerClientConfig config, DerClientState state, DerPurpose.SendLogEvent purpose) =>
        state.Devices.GetValueOrDefault(purpose.Lfdi)?.Logs.FirstOrDefault(l => l.Number == purpose.Number) is not { } log ? null : new LogEvent
        {
            CreatedDateTime = log.AtS,
            Details = log.Code switch
            {
                LogCode.CommunicationLost => "communication lost",
                LogCode.CommunicationRestored => "communication restored",
                LogCode.ManualOverrideBegan => "manual override began",
                _ => "manual override ended",
            },
            FunctionSet = FunctionSet,
            LogEventCode = (byte)log.Code,
            LogEventId = (ushort)log.Number,
            LogEventPen = (uint)config.Pen,
            ProfileId = Profile,
        };

    public static void Answered(StepContext context, DerPurpose.SendLogEvent purpose, int status, string why)
    {
        if (status >= 300)
        {
            context.Warn(NoteKind.ReportRefused, ErrorClass.Respond, $"The server refuses a log event of {purpose.Lfdi}: {why}; it is dropped.", purpose.Lfdi);
        }

        context.Change(purpose.Lfdi, d => d with { Logs = d.Logs.Where(l => l.Number != purpose.Number).ToValueList() });
    }
}
