using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>Tells the server how much load could be shed: once, and again when the configuration says otherwise.</summary>
internal static class Sheddable
{
    public static Job? FindJob(DerClientConfig config, DeviceState device, (EndDevice Own, Node At) found)
    {
        if (config.LoadControl?.Sheddable is not { } sheddable || found.Own.LoadShedAvailabilityListLink?.Href is not { } href
            || !Hrefs.TryPin(config.ServerUrl, found.At.Href, href, out var list, out _))
        {
            return null;
        }

        var (told, digest) = (device.Sheddable is { } t && t.List == list ? t : null, ComputeDigest(sheddable));
        return told?.Digest == digest ? null
            : new Job(new DerPurpose.TellSheddable(device.Lfdi, told?.Href ?? list, list, digest), Instant.MinValue, Rank.Device);
    }

    public static LoadShedAvailability? Message(DerClientConfig config) => config.LoadControl?.Sheddable is not { } sheddable ? null : new LoadShedAvailability
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
            context.Change(purpose.Lfdi, d => d with { Sheddable = new ToldSheddable(purpose.List, purpose.Digest, href) });
            return;
        }

        // What the server has no more is made again.
        if (!purpose.IsNew && status is 404 or 405 or 410)
        {
            context.Change(purpose.Lfdi, d => d with { Sheddable = null });
            return;
        }

        if (!context.Line.Holds.ContainsKey(purpose.Key))
        {
            context.Warn(NoteKind.ReportRefused, ErrorClass.Respond, $"The server refuses {purpose.Href}: {why}; tried again in a minute, and later with each refusal.", purpose.Href);
        }

        LinkPolicy.HoldRefused(context, purpose, why);
    }

    private static string ComputeDigest(DerSheddable s) => string.Create(CultureInfo.InvariantCulture, $"{s.PowerW}|{s.Percent}|{s.For?.TotalSeconds}");
}
