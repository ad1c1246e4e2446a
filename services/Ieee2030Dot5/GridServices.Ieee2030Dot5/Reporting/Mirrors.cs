using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>Mirror usage points: found in the server's list, made where they are missing, and fed with averages (CSIP-AUS ALL-06, ALL-10).</summary>
internal static class Mirrors
{
    private const byte Power = 37;
    private const byte Energy = 12;
    private const byte Instantaneous = 0;
    private const byte AverageOfInterval = 2;
    private static readonly Quantity ActivePower = new("P", "Active power, average", 38, Power);
    private static readonly Quantity ReactivePower = new("Q", "Reactive power, average", 63, Power);
    private static readonly Quantity Voltage = new("V", "Voltage, average", 29, Power, PowerOfTen: -1, Phase: 129);
    private static readonly Quantity StoredEnergy = new("E", "Stored energy", 72, Energy, DataQualifier: Instantaneous);
    private static readonly Duration Patience = Duration.FromMinutes(5);

    public static void Change(StepContext context, string lfdi, MirrorRole role, Func<MirrorState, MirrorState> change) => context.Change(lfdi, d =>
    {
        var mirror = d.Mirrors.FirstOrDefault(m => m.Role == role) ?? new MirrorState(role);
        return d with { Mirrors = d.Mirrors.Where(m => m.Role != role).Append(change(mirror)).OrderBy(m => m.Role).ToValueList() };
    });

    /// <summary>The server's list was read: what in it is ours, and in what rhythm it wants to be fed.</summary>
    public static void Match(StepContext context, Node node)
    {
        if (node.Known is not MirrorUsagePointList list)
        {
            return;
        }

        foreach (var lfdi in context.Devices.Keys)
        {
            foreach (var role in Averages.GetRoles(context.Config.Reporting))
            {
                var mrid = ComputeMRid(context.Config, lfdi, role, null);
                var listed = list.Readable.FirstOrDefault(m => string.Equals(m.MRid, mrid, StringComparison.OrdinalIgnoreCase));
                if (listed?.Href is { } href && Hrefs.TryPin(context.Config.ServerUrl, node.Href, href, out var path, out _))
                {
                    Set(context, lfdi, role, path, listed.PostRate, isListed: true);
                }
                else if (Averages.FindMirror(context.State, lfdi, role) is { Href: not null } mirror && list.Items.Count >= list.All && (mirror.Listed || !IsAwaited(context, lfdi, role)))
                {
                    Vanished(context, lfdi, role);
                }
            }
        }
    }

    // A list may lag behind the usage point it was told of.
    private static bool IsAwaited(StepContext context, string lfdi, MirrorRole role) =>
        context.Line.Holds.GetValueOrDefault(new DerPurpose.CreateMirror(lfdi, role, string.Empty).Key)?.Until > context.Now;

    /// <summary>The server has the usage point no more: it is made again at once, and the averages wait for it.</summary>
    private static void Vanished(StepContext context, string lfdi, MirrorRole role)
    {
        Set(context, lfdi, role, null, null, isListed: false);
        context.Line = context.Line with { Holds = context.Line.Holds.Remove(new DerPurpose.CreateMirror(lfdi, role, string.Empty).Key) };
        context.Warn(NoteKind.ResourceMissing, ErrorClass.NotFound, $"The server has the mirror usage point of {lfdi} ({role}) no more; it is made again.", lfdi);
    }

    public static IEnumerable<Job> Jobs(DerClientConfig config, DerClientState state)
    {
        if (!config.Reporting.Enabled || TreeLookup.First(state, NodeKind.MirrorList) is not { Known: not null } list
            || state.Line.Readings.GetValueOrDefault(list.Key) is not { ReadAt: not null })
        {
            yield break;
        }

        foreach (var device in state.Devices.Values.Where(d => d is { Retired: false, Pin: not PinVerdict.Differs } && TreeLookup.OwnDevice(state, d.Lfdi) is not null))
        {
            foreach (var role in Averages.GetRoles(config.Reporting))
            {
                var mirror = Averages.FindMirror(state, device.Lfdi, role);
                if (mirror?.Href is not { } href)
                {
                    yield return new Job(new DerPurpose.CreateMirror(device.Lfdi, role, list.Href), Instant.MinValue, Rank.Report);
                }
                else if (mirror.Owed.Count > 0)
                {
                    yield return new Job(new DerPurpose.SendReadings(device.Lfdi, role, href, mirror.Owed[0].StartS), Instant.MinValue, Rank.Report);
                }
            }
        }
    }

    public static MirrorUsagePoint Message(DerClientConfig config, DerClientState state, DerPurpose.CreateMirror purpose) => new()
    {
        MRid = ComputeMRid(config, purpose.Lfdi, purpose.Role, null),
        Description = purpose.Role == MirrorRole.Site ? "Site measurement" : "DER measurement",
        RoleFlags = purpose.Role == MirrorRole.Site ? (ushort)0x03 : (ushort)0x49,
        DeviceLFdi = purpose.Lfdi,
        MeterReadings = GetQuantities(config, state, purpose.Lfdi, purpose.Role).Select(q => new MirrorMeterReading
        {
            MRid = ComputeMRid(config, purpose.Lfdi, purpose.Role, q.Name),
            Description = q.Description,
            ReadingType = new ReadingType
            {
                AccumulationBehaviour = 12,
                Commodity = 1,
                DataQualifier = q.DataQualifier,
                FlowDirection = purpose.Role == MirrorRole.Site ? (byte)1 : (byte)19,
                Kind = q.Kind,
                Phase = q.Phase,
                PowerOfTenMultiplier = q.PowerOfTen,
                Uom = q.Uom,
            },
        }).ToValueList(),
    };

    public static MirrorMeterReadingList Message(DerClientConfig config, DerClientState state, DerPurpose.SendReadings purpose)
    {
        var average = Averages.FindMirror(state, purpose.Lfdi, purpose.Role)!.Owed.First(a => a.StartS == purpose.StartS);
        var items = GetQuantities(config, state, purpose.Lfdi, purpose.Role).Select(q => (q.Name, Value: q.In(average)))
            .Where(q => q.Value is not null)
            .Select(q => Readable.From(new MirrorMeterReading
            {
                MRid = ComputeMRid(config, purpose.Lfdi, purpose.Role, q.Name),
                Reading = new Messages.Reading { Value = q.Value, QualityFlags = 1, TimePeriod = new DateTimeInterval(average.StartS, average.DurationS) },
            })).ToValueList();
        return new MirrorMeterReadingList { All = items.Count, Results = items.Count, Items = items };
    }

    public static void Created(StepContext context, DerPurpose.CreateMirror purpose, int status, string? location, string why)
    {
        if (status is >= 200 and < 300 or 409)
        {
            if (location is not null && Hrefs.TryPin(context.Config.ServerUrl, purpose.Href, location, out var path, out _))
            {
                Set(context, purpose.Lfdi, purpose.Role, path, null, isListed: false);
            }

            if (context is { Config.Pen: 0, Dialect: not Sep2Dialect.Ieee2018 })
            {
                // TS 5573 4.2
                context.Inform(NoteKind.Configuration, "The mRIDs of our usage points end in 00000000, as pen is not set; set it to the IANA enterprise number that the utility knows us by.", purpose.Lfdi);
            }

            // CSIP-AUS ALL-06: the list is read again before readings are posted; it also tells the postRate.
            LinkPolicy.Hold(context, purpose, Patience);
            if (!Jobs(context.Config, context.State).Any(j => j.Purpose is DerPurpose.CreateMirror && !context.Line.Holds.ContainsKey(j.Purpose.Key)))
            {
                Reads.Again(context, n => n.Kind == NodeKind.MirrorList);
            }

            return;
        }

        LinkPolicy.HoldRefused(context, purpose, why);
        context.Warn(NoteKind.ReportRefused, ErrorClass.Respond, $"The server refuses the mirror usage point of {purpose.Lfdi} ({purpose.Role}): {why}.", purpose.Lfdi);
    }

    public static void Sent(StepContext context, DerPurpose.SendReadings purpose, int status, string why)
    {
        if (status is 404 or 410)
        {
            Vanished(context, purpose.Lfdi, purpose.Role);
            Reads.Again(context, n => n.Kind == NodeKind.MirrorList);
            return;
        }

        if (LinkPolicy.CanBeLifted(status))
        {
            if (context.Line.Holds.GetValueOrDefault(purpose.Key)?.Why is null)
            {
                context.Warn(NoteKind.ReportRefused, ErrorClass.Respond, $"The server takes no readings of {purpose.Lfdi} ({purpose.Role}): {why}; they wait, and are tried again in a minute, and later with each refusal.", purpose.Lfdi);
            }

            LinkPolicy.HoldRefused(context, purpose, why);
            return;
        }

        if (status >= 300)
        {
            LinkPolicy.Hold(context, purpose, Duration.Zero, why);
            context.Warn(NoteKind.ReportRefused, ErrorClass.Respond,
                string.Create(CultureInfo.InvariantCulture, $"The server refuses the readings of {purpose.Lfdi} ({purpose.Role}) from {purpose.StartS}: {why}; they are dropped."), purpose.Lfdi);
        }

        Change(context, purpose.Lfdi, purpose.Role, m => m with { Owed = m.Owed.Where(a => a.StartS != purpose.StartS).ToValueList() });
    }

    // CSIP-AUS: voltage at the connection point, the store's content (STO-01, STO-04) at the DER.
    private static IEnumerable<Quantity> GetQuantities(DerClientConfig config, DerClientState state, string lfdi, MirrorRole role) => role == MirrorRole.Site
        ? [ActivePower, ReactivePower, Voltage]
        : Identities.GetDevices(config, state).GetValueOrDefault(lfdi)?.Nameplate.MaxWh is null ? [ActivePower, ReactivePower] : [ActivePower, ReactivePower, StoredEnergy];

    private static void Set(StepContext context, string lfdi, MirrorRole role, string? path, long? postRate, bool isListed)
    {
        if (Averages.FindMirror(context.State, lfdi, role) is not { } mirror || mirror.Href != path || mirror.PostRateS != postRate || mirror.Listed != isListed)
        {
            Change(context, lfdi, role, m => m with { Href = path, PostRateS = postRate, Listed = isListed });
        }
    }

    private static string ComputeMRid(DerClientConfig config, string lfdi, MirrorRole role, string? quantity) =>
        Identities.MRid(lfdi, config.Pen, quantity is null ? $"{role}" : $"{role} {quantity}");

    /// <summary>What is mirrored, with the codes of its ReadingType.</summary>
    private sealed record Quantity(string Name, string Description, byte Uom, byte Kind, int PowerOfTen = 0, byte Phase = 0, byte DataQualifier = AverageOfInterval)
    {
        public long? In(Average average) => Name switch
        {
            "P" => average.PowerW,
            "Q" => average.ReactiveVar,
            "V" => average.DeciVolts,
            _ => average.StoredWh,
        };
    }
}
