using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>Tells the server how much load could be shed: once, and again when the configuration says otherwise, of none where it says nothing any more.</summary>
internal static class Sheddable
{
    public static Job? FindJob(DerClientConfig config, DerClientState state, DeviceState device, (EndDevice Own, Node At) found)
    {
        if (FindList(config, found.At, found.Own) is not { } list)
        {
            return null;
        }

        var told = FindTold(device, list);
        var href = told?.Href ?? FindListed(config, state, list);
        if (config.LoadControl?.Sheddable is not { } sheddable)
        {
            return told is null || href is null ? null : new Job(new DerPurpose.TellSheddable(device.Lfdi, href, list, string.Empty), Instant.MinValue, Rank.Device);
        }

        // It has no mRID: what the list has of it, perhaps of a request whose answer was lost, is changed there and not made twice.
        var digest = ComputeDigest(sheddable);
        return told?.Digest == digest || (href is null && !IsRead(state, list)) ? null
            : new Job(new DerPurpose.TellSheddable(device.Lfdi, href ?? list, list, digest), Instant.MinValue, Rank.Device);
    }

    /// <summary>The list of the EndDevice where only that can tell what the server has; null: it need not be read.</summary>
    public static string? FindUnplaced(DerClientConfig config, DeviceState device, Node at, EndDevice own) => FindList(config, at, own) is { } list
        && FindTold(device, list) is var told && told?.Href is null
        && (config.LoadControl?.Sheddable is { } sheddable ? told?.Digest != ComputeDigest(sheddable) : told is not null) ? list : null;

    public static LoadShedAvailability Message(DerClientConfig config) => config.LoadControl?.Sheddable is not { } sheddable
        ? new LoadShedAvailability { SheddablePower = ActivePower.FromWatts(0) }
        : new LoadShedAvailability
        {
            AvailabilityDuration = (long?)sheddable.For?.TotalSeconds,
            SheddablePercent = sheddable.Percent * 100,
            SheddablePower = sheddable.PowerW is { } watts ? ActivePower.FromWatts(watts) : null,
        };

    public static void Answered(StepContext context, DerPurpose.TellSheddable purpose, int status, string? location, string why)
    {
        if (status < 300)
        {
            var href = purpose.IsNew ? location is not null && Hrefs.TryPin(context.Config.ServerUrl, purpose.List, location, out var path, out _) ? path : null : purpose.Href;
            context.Change(purpose.Lfdi, d => d with { Sheddable = purpose.Digest.Length == 0 ? null : new ToldSheddable(purpose.List, purpose.Digest, href) });
            if (href is null)
            {
                ReadListAgain(context, purpose);
            }

            return;
        }

        // What the server has no more is looked for in its list, and made again.
        if (!purpose.IsNew && (status is 404 or 410 || (status == 405 && purpose.Digest.Length == 0)))
        {
            context.Change(purpose.Lfdi, d => d with { Sheddable = null });
            ReadListAgain(context, purpose);
            if (purpose.Digest.Length == 0)
            {
                return;
            }
        }
        else if (!context.Line.Holds.ContainsKey(purpose.Key))
        {
            context.Warn(NoteKind.ReportRefused, ErrorClass.Respond, $"The server refuses {purpose.Href}: {why}; tried again in a minute, and later with each refusal.", purpose.Href);
        }

        LinkPolicy.HoldRefused(context, purpose, why);
    }

    /// <summary>Whether the server took it is not known; where it was to be made, its list tells.</summary>
    public static void Unanswered(StepContext context, DerPurpose.TellSheddable purpose)
    {
        context.Change(purpose.Lfdi, d => d with { Sheddable = (FindTold(d, purpose.List) ?? new ToldSheddable(purpose.List, string.Empty, null)) with { Digest = string.Empty } });
        ReadListAgain(context, purpose);
    }

    private static void ReadListAgain(StepContext context, DerPurpose.TellSheddable purpose) =>
        Reads.Again(context, n => n.Kind == NodeKind.SheddableList && n.Href == purpose.List);

    private static string? FindList(DerClientConfig config, Node at, EndDevice own) =>
        own.LoadShedAvailabilityListLink?.Href is { } href && Hrefs.TryPin(config.ServerUrl, at.Href, href, out var list, out _) ? list : null;

    private static ToldSheddable? FindTold(DeviceState device, string list) => device.Sheddable is { } told && told.List == list ? told : null;

    private static bool IsRead(DerClientState state, string list) => state.Line.Readings.GetValueOrDefault(Node.GetKey(NodeKind.SheddableList, list))?.ReadAt is not null;

    private static string? FindListed(DerClientConfig config, DerClientState state, string list) =>
        IsRead(state, list) && state.Nodes.GetValueOrDefault(Node.GetKey(NodeKind.SheddableList, list)) is { Missing: false, Known: LoadShedAvailabilityList known } node
            ? known.Readable.Where(a => a.DemandResponseProgramLink is null).Select(a => a.Href is not null && Hrefs.TryPin(config.ServerUrl, node.Href, a.Href, out var path, out _) ? path : null).FirstOrDefault(p => p is not null)
            : null;

    private static string ComputeDigest(DerSheddable s) => string.Create(CultureInfo.InvariantCulture, $"{s.PowerW}|{s.Percent}|{s.For?.TotalSeconds}");
}
