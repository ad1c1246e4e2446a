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
    /// <summary>For how long a list that gives no usable answer is waited for before something is made in it unseen.</summary>
    private static readonly Duration ListPatience = Duration.FromMinutes(10);

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
            var at = told is { IsFixed: true } ? list : href;
            return told is null || at is null ? null : new Job(new DerPurpose.TellSheddable(device.Lfdi, at, list, string.Empty), Instant.MinValue, Rank.Device);
        }

        // It has no mRID: what the list has of it, perhaps of a request whose answer was lost, is changed there and not made twice.
        var digest = ComputeDigest(sheddable);
        return told?.Digest == digest ? null
            : new Job(new DerPurpose.TellSheddable(device.Lfdi, told is { IsFixed: true } ? list : href ?? list, list, digest), href is null ? GetSeenAt(state, list) : Instant.MinValue, Rank.Device);
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
            ReportUnseen(context, purpose);
            context.Change(purpose.Lfdi, d => d with
            {
                Sheddable = purpose.Digest.Length == 0 ? null : new ToldSheddable(purpose.List, purpose.Digest, href) { IsFixed = FindTold(d, purpose.List) is { IsFixed: true } },
            });
            if (href is null)
            {
                ReadListAgain(context, purpose);
            }

            return;
        }

        // What the server has no more is looked for in its list, and made again.
        if (!purpose.IsNew && status is (404 or 410))
        {
            context.Change(purpose.Lfdi, d => d with { Sheddable = null });
            ReadListAgain(context, purpose);
            if (purpose.Digest.Length == 0)
            {
                return;
            }
        }
        else if (status == 405 && Switch(context, purpose))
        {
            // At once, where it was asked for the first time in vain.
            return;
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

    /// <summary>A list was read: where nothing is to be told and nothing of ours is in it, nothing was taken of what we asked, and it need not be read again.</summary>
    public static void Match(StepContext context, Node list, bool isWhole)
    {
        if (!isWhole || context.Config.LoadControl?.Sheddable is not null || FindListed(context.Config, context.State, list.Href) is not null)
        {
            return;
        }

        foreach (var (lfdi, _) in context.State.Devices.Where(d => FindTold(d.Value, list.Href) is { Href: null }))
        {
            context.Change(lfdi, d => d with { Sheddable = null });
        }
    }

    // 405: changed there is not taken, so made anew; made is not taken either, so changed again, later.
    private static bool Switch(StepContext context, DerPurpose.TellSheddable purpose)
    {
        var isTried = context.Line.Holds.ContainsKey(purpose.Key);
        if (context.State.Devices.GetValueOrDefault(purpose.Lfdi) is not { } device || (purpose.IsNew && FindTold(device, purpose.List)?.Href is null))
        {
            return false;
        }

        context.Change(purpose.Lfdi, d => d with
        {
            Sheddable = (FindTold(d, purpose.List) ?? new ToldSheddable(purpose.List, string.Empty, purpose.Href)) with { IsFixed = !purpose.IsNew },
        });
        return !purpose.IsNew && !isTried;
    }

    private static void ReportUnseen(StepContext context, DerPurpose.TellSheddable purpose)
    {
        if (purpose.IsNew && !IsRead(context.State, purpose.List) && context.State.Devices.GetValueOrDefault(purpose.Lfdi) is { } device && FindTold(device, purpose.List) is not { IsFixed: true })
        {
            context.Warn(NoteKind.ReportRefused, ErrorClass.Unavailable,
                $"{purpose.List} could not be read for {ListPatience.TotalMinutes:0} min: what could be shed was told there unseen; the server may have it twice.", purpose.List);
        }
    }

    private static void ReadListAgain(StepContext context, DerPurpose.TellSheddable purpose) =>
        Reads.Again(context, n => n.Kind == NodeKind.SheddableList && n.Href == purpose.List);

    private static string? FindList(DerClientConfig config, Node at, EndDevice own) =>
        own.LoadShedAvailabilityListLink?.Href is { } href && Hrefs.TryPin(config.ServerUrl, at.Href, href, out var list, out _) ? list : null;

    private static ToldSheddable? FindTold(DeviceState device, string list) => device.Sheddable is { } told && told.List == list ? told : null;

    private static bool IsRead(DerClientState state, string list) => state.Line.Readings.GetValueOrDefault(Node.GetKey(NodeKind.SheddableList, list))?.ReadAt is not null;

    // What it has already only the list tells: made at once where that was read, and unseen where it gives no usable answer for long, also when it was asked
    // for in this run and by a server that is heard otherwise.
    private static Instant GetSeenAt(DerClientState state, string list)
    {
        var key = Node.GetKey(NodeKind.SheddableList, list);
        return IsRead(state, list) ? Instant.MinValue
            : state.Line.Readings.GetValueOrDefault(key) is { IsRefused: true } && state.Line.LostSince is null ? state.Nodes.GetValueOrDefault(key)?.UnreadSince + ListPatience ?? Instant.MaxValue
            : Instant.MaxValue;
    }

    private static string? FindListed(DerClientConfig config, DerClientState state, string list) =>
        IsRead(state, list) && state.Nodes.GetValueOrDefault(Node.GetKey(NodeKind.SheddableList, list)) is { Missing: false, Known: LoadShedAvailabilityList known } node
            ? known.Readable.Where(a => a.DemandResponseProgramLink is null).Select(a => a.Href is not null && Hrefs.TryPin(config.ServerUrl, node.Href, a.Href, out var path, out _) ? path : null).FirstOrDefault(p => p is not null)
            : null;

    private static string ComputeDigest(DerSheddable s) => string.Create(CultureInfo.InvariantCulture, $"{s.PowerW}|{s.Percent}|{s.For?.TotalSeconds}");
}
