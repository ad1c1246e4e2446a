using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>Registering in-band what the server's whole list does not hold, once.</summary>
internal static class DeviceRegistration
{
    /// <summary>A list may lag behind the registration it was told of.</summary>
    private static readonly Duration Patience = Duration.FromMinutes(5);

    // Devices that are as a step left them, under the same configuration, need no second look: an aggregator's are asked at each of its thousand answers.
    private static readonly ConditionalWeakTable<ImmutableSortedDictionary<string, DeviceState>, DerClientConfig> Kept = [];

    /// <summary>Keeps a state for every configured device; retires those that are configured no more.</summary>
    public static void Synchronize(StepContext context)
    {
        if (Kept.TryGetValue(context.State.Devices, out var under) && ReferenceEquals(under, context.Config))
        {
            return;
        }

        var leaving = context.State.Devices.Where(d => !d.Value.Retired && context.Devices.GetValueOrDefault(d.Key)?.SiteId != d.Value.SiteId).ToList();
        leaving.ForEach(d => Retire(context, d.Key, d.Value));

        foreach (var (lfdi, config) in context.Devices.Where(d => !context.State.Devices.ContainsKey(d.Key)))
        {
            var before = context.State.Devices.Where(d => d.Value.Retired && d.Value.SiteId == config.SiteId).ToList();
            var predecessor = leaving.FirstOrDefault(d => d.Value.SiteId == config.SiteId).Value;
            context.State = context.State with
            {
                Devices = context.State.Devices.RemoveRange(before.Select(d => d.Key))
                    .SetItem(lfdi, new DeviceState(lfdi, config.SiteId)
                    {
                        Schedule = Inherited(predecessor?.Schedule, After(before.Select(d => d.Value.Schedule))),
                        LoadControl = new LoadControlState
                        {
                            Schedule = Inherited(predecessor?.LoadControl.Schedule, After(before.Select(d => d.Value.LoadControl.Schedule))),
                            Loads = predecessor?.LoadControl.Loads ?? [],
                        },
                        Prices = After(before.Select(d => d.Value.Prices)),
                        Reservations = Reserving.RequestAllAgain(before.SelectMany(d => d.Value.Reservations)),
                    }),
            };
        }

        context.State = context.State with
        {
            LookedAt = context.State.LookedAt.Only(context.State.Devices.ContainsKey),
            LoadsLookedAt = context.State.LoadsLookedAt.Only(context.State.Devices.ContainsKey),
            PricesLookedAt = context.State.PricesLookedAt.Only(context.State.Devices.ContainsKey),
        };
        Kept.AddOrUpdate(context.State.Devices, context.Config);
    }

    // A site that has a new identity, as by a renewed certificate, is under the same orders: they act on until this one's own programs were read. Another server's
    // end with the server. What was said to them was said by the identity before.
    private static DerScheduleState Inherited(DerScheduleState? predecessor, DerScheduleState after) => predecessor is null ? after : after with
    {
        Programs = predecessor.Programs,
        Curves = predecessor.Curves,
        Controls = predecessor.Controls.Select(c => c with { IsInherited = true, Listed = false, Told = c.Closed is null ? [] : c.Told }).ToValueList(),
    };

    // Revisions are counted by site, target and stream, whoever the EndDevice is: one with a new certificate goes on where the old one ended.
    private static DerScheduleState After(IEnumerable<DerScheduleState> before) => DerScheduleState.Initial with
    {
        Published = before.SelectMany(s => s.Published).GroupBy(p => (p.Target, p.Key)).Select(g => g.MaxBy(p => p.Revision)!).ToValueList(),
        RevisionFloor = before.Select(s => s.RevisionFloor).DefaultIfEmpty(0).Max(),
        StatedBy = before.Select(s => s.StatedBy).FirstOrDefault(),
    };

    private static PriceState After(IEnumerable<PriceState> before) => PriceState.Initial with
    {
        Published = before.SelectMany(s => s.Published).GroupBy(p => p.Key).Select(g => g.MaxBy(p => p.Revision)!).ToValueList(),
        RevisionFloor = before.Select(s => s.RevisionFloor).DefaultIfEmpty(0).Max(),
        StatedBy = before.Select(s => s.StatedBy).FirstOrDefault(),
    };

    /// <summary>The device is ours no more: its streams are withdrawn, and what they were counted to is kept.</summary>
    public static void Retire(StepContext context, string key, DeviceState device)
    {
        var retired = new DeviceState(device.Lfdi, device.SiteId)
        {
            Retired = true,
            Schedule = device.Schedule,
            NextChange = context.ServerNow,
            LoadControl = device.LoadControl with { NextChange = device.LoadControl.Schedule.Published.Any(p => p.Live) ? context.ServerNow : null },
            Prices = device.Prices,
            NextPrice = context.ServerNow,
            Reservations = device.Reservations,
        };
        context.State = context.State with { Devices = context.State.Devices.Remove(key).SetItem(RetiredKey(device), retired) };
    }

    // The published revisions are of the site: whoever speaks for it next, under a new certificate or again, goes on counting.
    internal static string RetiredKey(DeviceState device) => $"@{device.SiteId}";

    public static IEnumerable<Job> Jobs(DerClientConfig config, DerClientState state)
    {
        if (config.Registration == DerRegistration.OutOfBand || TreeLookup.First(state, NodeKind.EndDeviceList) is not { Known: not null } list
            || state.Line.Readings.GetValueOrDefault(list.Key) is not { ReadAt: not null, Trouble: null })
        {
            yield break;
        }

        foreach (var device in state.Devices.Values)
        {
            // Only what is surely absent: a second registration of the same device is a fault (409).
            if (device is { Presence: Presence.Absent, Retired: false } and not { Pin: PinVerdict.Differs } && !IsThere(state, device))
            {
                yield return new Job(new DerPurpose.Register(device.Lfdi, list.Href), Instant.MinValue, Rank.Register);
            }
        }
    }

    // A server may list late, or never, what it has under the address it gave.
    private static bool IsThere(DerClientState state, DeviceState device) =>
        device.Location is { } location && state.Nodes.GetValueOrDefault(Node.GetKey(NodeKind.EndDevice, location)) is { Known: not null, Missing: false };

    public static EndDevice Message(DerClientConfig config, DerPurpose.Register purpose, Instant serverNow) => new()
    {
        LFdi = purpose.Lfdi,
        SFdi = EndDevices.FindSfdi(purpose.Lfdi) ?? 0,
        DeviceCategory = uint.Parse(config.DeviceCategory, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
        ChangedTime = serverNow.ToUnixTimeSeconds(),
        Enabled = true,
    };

    public static void Answered(StepContext context, DerPurpose.Register purpose, int status, string? location, string why)
    {
        // 409: it is there already, whatever the list said.
        if (status is >= 200 and < 300 or 409)
        {
            if (location is not null && Hrefs.TryPin(context.Config.ServerUrl, purpose.Href, location, out var path, out _))
            {
                context.Change(purpose.Lfdi, d => d with { Location = path });
            }

            context.Inform(NoteKind.Registered, $"{purpose.Lfdi} was {(status == 409 ? "registered before" : "registered in-band")}.", purpose.Lfdi);
            LinkPolicy.Hold(context, purpose, Patience);
            Reads.Again(context, n => n.Kind == NodeKind.EndDeviceList);
            return;
        }

        LinkPolicy.HoldRefused(context, purpose, why);
        context.Alarm(NoteKind.RegistrationRefused, ErrorClass.AuthzLfdi,
            $"The server refuses to register {purpose.Lfdi}: {why}. Ask the utility to register this LFDI, or to allow in-band registration.", purpose.Lfdi);
    }
}
