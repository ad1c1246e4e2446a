using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Judges a received DERControl or DefaultDERControl as a whole.</summary>
internal static class ControlReading
{
    private const long MostRandomS = 3600;

    /// <summary>Ten years: what is to last longer lasts so long.</summary>
    public const long LongestS = 3653L * 86_400;

    /// <summary>How far a creationTime may lie ahead and count: clocks differ a little, whoever wins ties by the future attacks.</summary>
    public static readonly Duration CreationTolerance = Duration.FromMinutes(5);

    /// <summary>How far it may lie ahead at all: the hosts of a server differ by minutes, and a limit is not refused for that.</summary>
    private static readonly Duration CreationReach = Duration.FromHours(1);

    private static readonly long LatestS = Instant.FromUtc(9999, 1, 1, 0, 0).ToUnixTimeSeconds();

    /// <summary>What the control asks for, or why it is refused.</summary>
    public static Checked<ControlContent> Read(DerScheduleConfig config, DerControl received, Instant now)
    {
        if ((StatusFault(received) ?? TimeFault(received, now) ?? RandomFault(received)) is { } fault)
        {
            return fault;
        }

        var settings = SettingReading.Read(config, received.Base);
        if (settings.Good is not { } read)
        {
            return settings.Fault!;
        }

        if (read.Settings.Count == 0 && read.NotSupported.Count > 0)
        {
            return ControlFault.NotSupported(config.Edition, received.Base.Load is null
                ? $"none of its modes is carried out here ({JoinQuoted(read.NotSupported)}); send a mode that DERCapability lists"
                : $"nothing that it asks is carried out here ({JoinQuoted(read.NotSupported)}); say in loadControl what that means at the site");
        }

        return new ControlContent
        {
            CreationTime = Math.Min(received.CreationTime, (now + CreationTolerance).ToUnixTimeSeconds()),
            Version = received.Version,
            StartS = received.Interval.Start,
            DurationS = Math.Min(received.Interval.DurationSeconds, LongestS),
            RandomizeStartS = received.RandomizeStart ?? 0,
            RandomizeDurationS = received.RandomizeDuration ?? 0,
            Settings = read.Settings,
            RampTms = received.Base.RampTms,
            Load = received.Base.Load is { } load ? LoadTerms.From(load) : null,
            ReplyTo = received.ReplyTo,
            ResponseRequired = received.ResponseRequired ?? 0,
        };
    }

    /// <summary>Wire names of the control's modes that are not carried out.</summary>
    public static string? LeftOut(DerScheduleConfig config, DerControl received) =>
        SettingReading.Read(config, received.Base).Good is { NotSupported: { Count: > 0 } names } ? JoinQuoted(names) : null;

    /// <summary>Wire names of the default's modes and settings that are not carried out; null: all are.</summary>
    public static string? LeftOut(DerScheduleConfig config, DefaultDerControl received)
    {
        var modes = SettingReading.Read(config, received.Base).Good?.NotSupported ?? [];
        var names = CurveReading.FindEnterService(received) is not null && !config.Functions.Contains(FunctionKind.EnterService)
            ? [.. modes, SettingReading.WireName(ControlMode.EnterService)] : modes;
        return names.Count > 0 ? JoinQuoted(names) : null;
    }

    /// <summary>The default's statement, or why it can't be believed.</summary>
    public static Checked<HeldDefault> Read(DerScheduleConfig config, DefaultDerControl received)
    {
        if (received.SetGradW is < 0 || received.SetSoftGradW is < 0)
        {
            return ControlFault.Invalid(ErrorClass.SemanticNumber, "setGradW is negative; write hundredths of a per cent per second, 0 for none");
        }

        var settings = SettingReading.Read(config, received.Base);
        return settings.Good is not { } read ? settings.Fault! : new HeldDefault
        {
            MRid = received.MRid,
            Settings = config.Functions.Contains(FunctionKind.EnterService) && CurveReading.FindEnterService(received) is { } service
                ? read.Settings.Append(service).ToValueList()
                : read.Settings,
            SetGradW = received.SetGradW,
            SetSoftGradW = received.SetSoftGradW,
            RampTms = received.Base.RampTms,
        };
    }

    private static ControlFault? StatusFault(DerControl received) => Enum.IsDefined(received.EventStatus.CurrentStatus)
        ? null
        : ControlFault.Invalid(ErrorClass.SemanticStatus, $"currentStatus {(int)received.EventStatus.CurrentStatus} is none of 0 to 4");

    private static ControlFault? TimeFault(DerControl received, Instant now)
    {
        var (start, duration) = received.Interval;
        if (duration <= 0)
        {
            return ControlFault.Invalid(ErrorClass.SemanticDuration, Invariant($"the duration is {duration} s; write 1 to {LongestS}"));
        }

        if (start < 0 || start > LatestS - Math.Min(duration, LongestS) - (2 * MostRandomS))
        {
            return ControlFault.Invalid(ErrorClass.SemanticTime, Invariant($"it starts at {start} and lasts {duration} s, which ends beyond the year 9998; write Unix seconds"));
        }

        return GetAcceptableFrom(received) > now
            ? ControlFault.Invalid(ErrorClass.SemanticTime, Invariant($"creationTime {received.CreationTime} lies in the future; set the server's clock"))
            : null;
    }

    /// <summary>When the control may be taken, by its creationTime.</summary>
    public static Instant GetAcceptableFrom(DerControl received) => Instant.FromUnixTimeSeconds(Math.Clamp(received.CreationTime, 0, LatestS)) - CreationReach;

    private static ControlFault? RandomFault(DerControl received) =>
        Math.Abs((long)(received.RandomizeStart ?? 0)) > MostRandomS || Math.Abs((long)(received.RandomizeDuration ?? 0)) > MostRandomS
            ? ControlFault.Invalid(ErrorClass.SemanticRandom, "randomizeStart and randomizeDuration lie within -3600 to 3600 s")
            : null;

    private static string JoinQuoted(IReadOnlyList<string> names) => string.Join(", ", names.Take(16).Select(n => SafeText.Quote(n)));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
