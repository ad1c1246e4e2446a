using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>What is told to the server besides responses, each thing when it differs from what the server took last.</summary>
internal static class Reports
{
    private static readonly Duration BetweenModes = Duration.FromSeconds(10);

    public static IEnumerable<Job> Jobs(DerClientConfig config, DerClientState state, Instant now)
    {
        var devices = Identities.GetDevices(config, state);
        foreach (var device in state.Devices.Values)
        {
            if (device is { Retired: true } or { Pin: PinVerdict.Differs } || !devices.TryGetValue(device.Lfdi, out var settings)
                || TreeLookup.OwnDevice(state, device.Lfdi) is not { } found || !IsAccepted(config, state, device, settings, found))
            {
                continue;
            }

            if (Dialects.For(config, state) != Sep2Dialect.Ieee2018 && ConnectionPointJob(config, device, settings, found) is { } point)
            {
                yield return point;
            }

            foreach (var job in Reserving.Jobs(config, device, found, now))
            {
                yield return job;
            }

            if (Sheddable.FindJob(config, state, device, found) is { } shed)
            {
                yield return shed;
            }

            if (config.Reporting.Enabled)
            {
                if (LogEventQueue.FindJob(config, device, found) is { } log)
                {
                    yield return log;
                }

                foreach (var job in DerJobs(config, state, device, settings, found, now))
                {
                    yield return job;
                }
            }
        }

        foreach (var job in Mirrors.Jobs(config, state).Concat(Subscribing.Jobs(config, state)).Concat(StaleSubscriptions.Jobs(config, state, now)))
        {
            yield return job;
        }
    }

    public static Resource? Message(DerClientConfig config, DerClientState state, DerPurpose purpose, Instant now) => purpose switch
    {
        DerPurpose.PutConnectionPoint put => new ConnectionPoint { ConnectionPointId = put.Digest },
        DerPurpose.PutDer put => DerDocuments.Create(put.Part, config, state, put.Lfdi, now),
        DerPurpose.CreateMirror create => Mirrors.Message(config, state, create),
        DerPurpose.SendReadings send => Mirrors.Message(config, state, send),
        DerPurpose.SendLogEvent send => LogEventQueue.Message(config, state, send),
        DerPurpose.AskReservation or DerPurpose.CancelReservation => Reserving.Message(state, purpose),
        DerPurpose.TellSheddable => Sheddable.Message(config),
        DerPurpose.Subscribe subscribe => Subscribing.Message(config, subscribe),
        _ => null,
    };

    public static void Answered(StepContext context, DerPurpose purpose, int status, string? location, string why)
    {
        switch (purpose)
        {
            case DerPurpose.PutConnectionPoint put:
                OnPut(context, put, put.Lfdi, put.Href, put.Digest, status, why);
                break;
            case DerPurpose.PutDer put:
                OnPut(context, put, put.Lfdi, put.Href, put.Digest, status, why);
                break;
            case DerPurpose.CreateMirror create:
                Mirrors.Created(context, create, status, location, why);
                break;
            case DerPurpose.SendReadings send:
                Mirrors.Sent(context, send, status, why);
                break;
            case DerPurpose.SendLogEvent send:
                LogEventQueue.Answered(context, send, status, why);
                break;
            case DerPurpose.AskReservation ask:
                Reserving.OnAnswered(context, ask, status, location, why);
                break;
            case DerPurpose.CancelReservation cancel:
                Reserving.Cancelled(context, cancel, status, why);
                break;
            case DerPurpose.TellSheddable tell:
                Sheddable.Answered(context, tell, status, location, why);
                break;
            case DerPurpose.Subscribe subscribe:
                Subscribing.Answered(context, subscribe, status, location, why);
                break;
            case DerPurpose.Unsubscribe unsubscribe:
                StaleSubscriptions.Answered(context, unsubscribe, status, why);
                break;
        }
    }

    /// <summary>No usable answer came: the server may have taken it or not, so what it shows is not known, and what holds then is told again.</summary>
    public static void Unanswered(StepContext context, DerPurpose purpose)
    {
        switch (purpose)
        {
            case DerPurpose.PutConnectionPoint put:
                Invalidate(context, put.Lfdi, put.Href);
                break;
            case DerPurpose.PutDer put:
                Invalidate(context, put.Lfdi, put.Href);
                break;
            case DerPurpose.TellSheddable tell:
                Sheddable.Unanswered(context, tell);
                break;
            case DerPurpose.Subscribe subscribe:
                Subscribing.Unanswered(context, subscribe);
                break;
        }
    }

    // Only CSIP-AUS has a place for the NMI: where another edition is spoken none is put.
    private static Job? ConnectionPointJob(DerClientConfig config, DeviceState device, DerDeviceConfig settings, (EndDevice Own, Node At) found) =>
        settings.Nmi is { } nmi && FindPath(config, found.At, found.Own.ConnectionPointLink?.Href) is { } path && device.Told.GetValueOrDefault(path) != nmi
            ? new Job(new DerPurpose.PutConnectionPoint(device.Lfdi, path, nmi), Instant.MinValue, Rank.Device)
            : null;

    private static IEnumerable<Job> DerJobs(
        DerClientConfig config, DerClientState state, DeviceState device, DerDeviceConfig settings, (EndDevice Own, Node At) found, Instant now)
    {
        // One EndDevice, one DER: where a server lists several, the first stands for all that is behind the connection point.
        if (TreeLookup.FindLinked(config, state, NodeKind.DerList, found.At, found.Own.DerListLink?.Href) is not { Known: DerList ders } list
            || ders.Readable.FirstOrDefault() is not { } der)
        {
            yield break;
        }

        foreach (var (part, link) in new[]
        {
            (DerPart.Capability, der.DerCapabilityLink), (DerPart.Settings, der.DerSettingsLink), (DerPart.Status, der.DerStatusLink),
            (DerPart.Availability, der.DerAvailabilityLink),
        })
        {
            if (FindPath(config, list, link?.Href) is { } path && DerDocuments.ComputeDigest(part, config, state, device.Lfdi, settings, now) is { } digest)
            {
                // Before the list of the next EndDevice's DER is read: a fleet's lists would have all turns.
                yield return new Job(new DerPurpose.PutDer(device.Lfdi, part, path, digest), DueAt(config, state, device, part, path, digest), Rank.Device, Depth: 1);
            }
        }
    }

    // What it is and how it is set: when it changes. How it does: at once when it changes, and in the rhythm of readings.
    private static Instant DueAt(DerClientConfig config, DerClientState state, DeviceState device, DerPart part, string path, string digest)
    {
        if (device.Told.GetValueOrDefault(path) is var told && told != digest)
        {
            // Whether power flows may change with each sample; that the utility must hear of it at once can't be meant.
            return part == DerPart.Status && DerDocuments.IsSameButFlow(told, digest) && state.Line.ToldAt.TryGetValue(path, out var put) ? put + BetweenModes : Instant.MinValue;
        }

        return part is DerPart.Capability or DerPart.Settings ? Instant.MaxValue
            : state.Line.ToldAt.TryGetValue(path, out var at) ? at + Duration.FromSeconds(Averages.GetRate(config, state, device.Lfdi, MirrorRole.Der))
            : Instant.MinValue;
    }

    private static void OnPut(StepContext context, DerPurpose purpose, string lfdi, string path, string digest, int status, string why)
    {
        if (status < 300)
        {
            context.Change(lfdi, d => d.Told.GetValueOrDefault(path) == digest ? d : d with { Told = d.Told.SetItem(path, digest) });
            context.Line = context.Line with { ToldAt = context.Line.ToldAt.SetItem(path, context.Now) };
            return;
        }

        LinkPolicy.HoldRefused(context, purpose, why);
        context.Warn(NoteKind.ReportRefused, ErrorClass.Respond, $"The server refuses {path}: {why}; tried again in a minute, and later with each refusal.", path);
    }

    private static void Invalidate(StepContext context, string lfdi, string path) =>
        context.Change(lfdi, d => d.Told.ContainsKey(path) ? d with { Told = d.Told.Remove(path) } : d);

    // Nothing is told of a device before its PIN was compared.
    private static bool IsAccepted(DerClientConfig config, DerClientState state, DeviceState device, DerDeviceConfig settings, (EndDevice Own, Node At) found) =>
        settings.Pin is null || found.Own.RegistrationLink is not { } link || device.Pin == PinVerdict.Matches
        || TreeLookup.FindLinked(config, state, NodeKind.Registration, found.At, link.Href) is { Missing: true };

    private static string? FindPath(DerClientConfig config, Node from, string? href) =>
        href is not null && Hrefs.TryPin(config.ServerUrl, from.Href, href, out var path, out _) ? path : null;
}
