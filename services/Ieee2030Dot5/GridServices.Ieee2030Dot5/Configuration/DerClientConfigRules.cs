using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Identity;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Configuration;

/// <summary>What a client's configuration must fulfil. All problems at once, each with a JSON pointer.</summary>
public static class DerClientConfigRules
{
    private const int MostDevices = 20_000;
    private static readonly Duration OneSecond = Duration.FromSeconds(1);
    private static readonly Duration OneDay = Duration.FromDays(1);

    /// <summary>Empty: the configuration can be used.</summary>
    /// <param name="config">As a person wrote it.</param>
    /// <param name="derivedPen">The enterprise number that the client certificate tells; 0: none.</param>
    public static IReadOnlyList<ConfigFault> Check(DerClientConfig config, int derivedPen = 0)
    {
        ArgumentNullException.ThrowIfNull(config);
        var faults = new ConfigFaults();
        Server(config, faults);
        if (config is { Edition: DerEdition.CsipAus12 or DerEdition.CsipAus13, Reporting.Enabled: true, Pen: 0 } && derivedPen == 0 && Pens.FromDevices(config) == 0)
        {
            // TS 5573 4.2
            faults.Add("/pen", "is missing: CSIP-AUS has every mRID of readings end with an IANA enterprise number, and neither the client certificate nor the devices' LFDIs tell it; give yours, or set reporting.enabled to false");
        }

        Devices(config, faults);
        DerProgramConfigRules.Check(config, faults);
        DerLoadControlRules.Check(config, faults);
        Times(config, faults);
        return faults.All;
    }

    private static void Server(DerClientConfig config, ConfigFaults faults)
    {
        if (!Uri.TryCreate(config.ServerUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            faults.Add("/serverUrl", "must be the URL of the server's DeviceCapability, such as https://utility.example/dcap");
        }
        else
        {
            Url(config, url, faults);
        }

        if (config.Lfdi is { } lfdi && !IsLfdi(lfdi))
        {
            faults.Add("/lfdi", "must be 40 hex digits; leave it out and it is worked out from the client certificate");
        }

        if (config.Pen is < 0 or > 99_999_999)
        {
            faults.Add("/pen", "must be the IANA private enterprise number, 0 to 99999999");
        }

        if (config.NominalHz is not (50 or 60))
        {
            faults.Add("/nominalHz", "must be 50 or 60");
        }

        if (config.DeviceCategory.Length is 0 or > 8 || !config.DeviceCategory.All(char.IsAsciiHexDigit))
        {
            faults.Add("/deviceCategory", "must be up to 8 hex digits, such as 00040000");
        }

        if (config.Subscriptions.NotificationUrl is { } told && (!Uri.TryCreate(told, UriKind.Absolute, out var callback) || callback.Scheme is not ("http" or "https")))
        {
            faults.Add("/subscriptions/notificationUrl", "must be the URL that the utility's server can reach this service's notification endpoint by");
        }
    }

    private static void Url(DerClientConfig config, Uri url, ConfigFaults faults)
    {
        if (url.UserInfo.Length > 0)
        {
            faults.Add("/serverUrl", "must not carry a user name or password; a server knows its clients by their certificates");
        }

        if (url.Fragment.Length > 0)
        {
            faults.Add("/serverUrl", "must end with the path, without #");
        }

        if (config.Discovery == DerDiscovery.DeviceCapability && url.AbsolutePath == "/")
        {
            faults.Add("/serverUrl", "names no path; write the path of DeviceCapability, such as /dcap, or set discovery to wellKnown");
        }
    }

    private static void Devices(DerClientConfig config, ConfigFaults faults)
    {
        if (config.SiteId is null && config.Devices.Count == 0)
        {
            faults.Add("/siteId", "is missing: name the site this client is for, or list several under devices");
        }

        if (config.SiteId is not null && config.Devices.Count > 0)
        {
            faults.Add("/siteId", "stands beside devices; write either one siteId or the list");
        }

        if (config.Mode == DerMode.Direct && config.Devices.Count > 1)
        {
            faults.Add("/devices", "a direct client has one device, that of its certificate; set mode to aggregator for several");
        }

        if (config.Devices.Count > MostDevices)
        {
            faults.Add(ErrorClass.LimitCount, "/devices", $"{config.Devices.Count} devices; at most {MostDevices} in one client");
        }

        var (sites, lfdis) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        var i = 0;
        foreach (var device in config.AllDevices())
        {
            var at = config.SiteId is null ? $"/devices/{i++}" : string.Empty;
            Device(config, device, at, faults);
            faults.Once($"{at}/siteId", device.SiteId, sites);
            if (device.Lfdi is { } lfdi && IsLfdi(lfdi))
            {
                faults.Once($"{at}/lfdi", lfdi, lfdis);
            }
        }
    }

    private static void Device(DerClientConfig config, DerDeviceConfig device, string at, ConfigFaults faults)
    {
        faults.Identifier($"{at}/siteId", device.SiteId);
        if (device.Lfdi is { } lfdi && lfdi != "auto" && !IsLfdi(lfdi))
        {
            faults.Add($"{at}/lfdi", "must be 40 hex digits or auto");
        }

        // TS 5573 4.2: the LFDI of an aggregated device ends with the enterprise number.
        if (config is { Mode: DerMode.Aggregator, Pen: > 0 } && device.Lfdi is { } own && IsLfdi(own)
            && !own.EndsWith(config.Pen.ToString("D8", CultureInfo.InvariantCulture), StringComparison.Ordinal))
        {
            faults.Add($"{at}/lfdi", $"must end with the enterprise number as 8 digits, {config.Pen:D8}; or write auto");
        }

        if (device.Pin is { } pin && !IsPin(pin))
        {
            faults.Add($"{at}/pin", "must be the 6 digits the utility gave (the last one checks the others), or the first 5 of them");
        }

        if (device.Nmi is { } nmi && !Identifiers.IsPlainText(nmi, 32))
        {
            faults.Add($"{at}/nmi", "must be the connection point's identifier, 1 to 32 characters");
        }
        else if (device.Nmi is not null && Nmi.FindFault(device.Nmi) is { } wrong)
        {
            faults.Add($"{at}/nmi", wrong);
        }

        for (var j = 0; j < device.Assets.Count; j++)
        {
            faults.Identifier($"{at}/assets/{j}", device.Assets[j]);
        }

        if (device.DerTarget is { } target)
        {
            faults.Identifier($"{at}/derTarget/id", target.Id);
        }

        foreach (var twice in device.Functions.Select((kind, j) => (kind, j)).GroupBy(f => f.kind).SelectMany(g => g.Skip(1)))
        {
            faults.Add(ErrorClass.DuplicateId, $"{at}/functions/{twice.j}", $"{EnumNames<FunctionKind>.GetName(twice.kind)} stands here twice; name each function once");
        }

        Nameplate($"{at}/nameplate", device.Nameplate, faults);
    }

    private static void Nameplate(string at, DerNameplate plate, ConfigFaults faults)
    {
        faults.Watts($"{at}/maxW", plate.MaxW);
        faults.Watts($"{at}/setMaxW", plate.SetMaxW);
        faults.Watts($"{at}/maxVA", plate.MaxVA);
        faults.Watts($"{at}/maxVar", plate.MaxVar);
        faults.Watts($"{at}/maxChargeW", plate.MaxChargeW);
        faults.Watts($"{at}/maxDischargeW", plate.MaxDischargeW);
        faults.Watts($"{at}/maxWh", plate.MaxWh);
        faults.Watts($"{at}/minWh", plate.MinWh);
        faults.Watts($"{at}/nominalV", plate.NominalV);
        faults.Watts($"{at}/maxImportW", plate.MaxImportW);

        // CSIP-AUS STO-05: settings stay within ratings.
        if (plate.SetMaxW > plate.MaxW)
        {
            faults.Add($"{at}/setMaxW", "is more than maxW; a setting stays within its rating");
        }

        if (plate.MinWh > plate.MaxWh)
        {
            faults.Add($"{at}/minWh", "is more than maxWh; a setting stays within its rating");
        }

        if (plate.GradW is < 0 or > 65_535)
        {
            faults.Add($"{at}/gradW", "must lie between 0 (no limit) and 65535 hundredths of a percent per second");
        }

        if (!DerTypes.IsKnown(plate.Type))
        {
            faults.Add($"{at}/type", "must be a DERType code: 0 not applicable, 1 mixed, 2 engine, 3 fuel cell, 4 photovoltaic, 5 heat and power, 6 other generation, 80 storage, 81 vehicle, 82 EVSE, 83 photovoltaic and storage");
        }

        Bits($"{at}/modes/der", plate.Modes?.Der, faults);
        Bits($"{at}/modes/doe", plate.Modes?.Doe, faults);
    }

    private static void Bits(string at, string? hex, ConfigFaults faults)
    {
        if (hex is not null && (hex.Length is 0 or > 8 || !hex.All(char.IsAsciiHexDigit)))
        {
            faults.Add(at, "must be up to 8 hex digits");
        }
    }

    private static void Times(DerClientConfig config, ConfigFaults faults)
    {
        var (poll, report) = (config.Polling, config.Reporting);
        faults.Within("/gapBridging", config.GapBridging, Duration.Zero, Duration.FromMinutes(10));
        faults.Within("/fallbackAfterLoss", config.FallbackAfterLoss, OneSecond, Duration.FromDays(30));
        faults.Within("/polling/floor", poll.Floor, Duration.FromMilliseconds(1), OneDay);
        faults.Within("/polling/ceiling", poll.Ceiling, OneSecond, OneDay);
        faults.Within("/polling/default", poll.Default, OneSecond, OneDay);
        faults.Within("/polling/maxBackOff", poll.MaxBackOff, OneSecond, OneDay);
        faults.Within("/polling/clockAlarm", poll.ClockAlarm, OneSecond, OneDay);
        faults.Within("/reporting/postRate", report.PostRate, OneSecond, OneDay);
        faults.Within("/subscriptions/renewEvery", config.Subscriptions.RenewEvery, Duration.FromMinutes(1), OneDay);
        faults.Within("/subscriptions/repostAfter", config.Subscriptions.RepostAfter, Duration.FromMinutes(10), Duration.FromDays(30));
        faults.Within("/subscriptions/heartbeat", config.Subscriptions.Heartbeat, OneSecond, OneDay);
        faults.Within("/transport/requestTimeout", config.Transport.RequestTimeout, OneSecond, Duration.FromMinutes(10));
        if (poll.Ceiling < poll.Floor)
        {
            faults.Add("/polling/floor", "is longer than polling/ceiling");
        }

        if (poll.PageSize is < 1 or > 255)
        {
            faults.Add("/polling/pageSize", "must lie between 1 and 255");
        }

        if (report.BufferIntervals is < 12 or > 2_000)
        {
            faults.Add("/reporting/bufferIntervals", "must lie between 12 and 2000");
        }

        if (config.Transport.MaxReplyBytes is < 4096 or > 16 * 1024 * 1024)
        {
            faults.Add("/transport/maxReplyBytes", "must lie between 4096 and 16777216");
        }
    }

    private static bool IsLfdi(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigit);

    // IEEE 2030.5 registration PIN: five digits and one that makes their sum a multiple of ten.
    private static bool IsPin(string text) =>
        text.All(char.IsAsciiDigit) && (text.Length == 5 || (text.Length == 6 && text.Sum(c => c - '0') % 10 == 0));
}
