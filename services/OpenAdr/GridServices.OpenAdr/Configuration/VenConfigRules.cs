using GridServices.Contracts;
using NodaTime;

namespace GridServices.OpenAdr.Configuration;

/// <summary>What a VEN's configuration must fulfil. All problems at once, each with a JSON pointer.</summary>
public static class VenConfigRules
{
    private const int LongestName = 128;
    private const int LongestText = 1024;
    private const int MostSites = 20_000;
    private static readonly Duration ShortestPause = Duration.FromMilliseconds(1);
    private static readonly Duration OneSecond = Duration.FromSeconds(1);
    private static readonly Duration OneDay = Duration.FromDays(1);

    /// <summary>Empty: the configuration can be used.</summary>
    public static IReadOnlyList<ConfigFault> Check(VenConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var faults = new ConfigFaults();
        Ven(config, faults);
        PushAddress.Check(config, faults);
        Pauses(config, faults);
        Sites(config, faults);
        ProgramConfigRules.Check(config.Programs, faults);
        Reports(config, faults);
        return faults.All;
    }

    /// <summary>What is usable though it may mean something else than was wanted; empty: nothing.</summary>
    public static IReadOnlyList<string> Warnings(VenConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var levels = config.Programs.SelectMany((program, i) => LevelWarnings.Find(program.Signals, $"/programs/{i}/signals"));
        return VtnUrls.Hint(config.VtnUrl) is { } hint ? [$"/vtnUrl: {hint}", .. levels] : [.. levels];
    }

    private static void Ven(VenConfig config, ConfigFaults faults)
    {
        if (!Uri.TryCreate(config.VtnUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            faults.Add("/vtnUrl", "must be the VTN's base URL, such as https://vtn.example/OpenADR2/Simple/2.0b");
        }

        if (!Identifiers.IsPlainText(config.VenName, LongestName))
        {
            faults.Add("/venName", "must be the name the utility knows this VEN by, 1 to 128 characters without control, zero-width or direction characters");
        }

        if (config.VenId is { } venId && !Identifiers.IsPlainText(venId, 1024))
        {
            faults.Add("/venId", "must be the venID the utility assigned; leave it out where the VTN assigns one");
        }

        if (config.PinVenId && config.VenId is null)
        {
            faults.Add("/pinVenId", "needs a venId: without one there is nothing to hold the VTN to");
        }
    }

    private static void Pauses(VenConfig config, ConfigFaults faults)
    {
        faults.Within("/pollInterval", config.PollInterval, ShortestPause, OneDay);
        faults.Within("/pollFloor", config.PollFloor, ShortestPause, OneDay);
        faults.Within("/pollCeiling", config.PollCeiling, ShortestPause, OneDay);
        faults.Within("/maxBackOff", config.MaxBackOff, OneSecond, OneDay);
        faults.Within("/registerAgainAfter", config.RegisterAgainAfter, OneSecond, OneDay);
        if (config.PollInterval < config.PollFloor)
        {
            faults.Add("/pollInterval", $"is shorter than pollFloor ({TimeText.Format(config.PollFloor)}); lengthen it, or lower pollFloor if the utility agrees");
        }

        if (config.PollCeiling < config.PollFloor)
        {
            faults.Add("/pollFloor", "is longer than pollCeiling");
        }
    }

    private static void Sites(VenConfig config, ConfigFaults faults)
    {
        if (config.SiteId is null && config.Sites.Count == 0)
        {
            faults.Add("/siteId", "is missing: name the site this VEN is for, or list several under sites");
        }

        if (config.SiteId is not null && config.Sites.Count > 0)
        {
            faults.Add("/siteId", "stands beside sites; write either one siteId or the list");
        }

        if (config.Sites.Count > MostSites)
        {
            faults.Add(ErrorClass.LimitCount, "/sites", $"{config.Sites.Count} sites; at most {MostSites} in one VEN");
        }

        if (config.SiteId is { } only)
        {
            faults.Identifier("/siteId", only);
        }

        Targets("/targets", config.Targets, faults);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < config.Sites.Count; i++)
        {
            faults.Identifier($"/sites/{i}/siteId", config.Sites[i].SiteId);
            faults.Once($"/sites/{i}/siteId", config.Sites[i].SiteId, seen);
            faults.Watts($"/sites/{i}/referenceW", config.Sites[i].ReferenceW);
            Targets($"/sites/{i}/targets", config.Sites[i].Targets, faults);
        }
    }

    /// <summary>What goes into messages must be text that XML can hold.</summary>
    private static void Text(string at, string? text, ConfigFaults faults) => faults.Unless(
        text is null || Identifiers.IsPlainText(text, LongestText), at, $"must have 1 to {LongestText} visible characters, or be left out", ErrorClass.SemanticText);

    private static void Targets(string at, TargetNames targets, ConfigFaults faults)
    {
        foreach (var (kind, names) in new[]
        {
            ("venIds", targets.VenIds), ("groupIds", targets.GroupIds), ("resourceIds", targets.ResourceIds), ("partyIds", targets.PartyIds), ("endDeviceAssets", targets.EndDeviceAssets),
        })
        {
            for (var i = 0; i < names.Count; i++)
            {
                Text($"{at}/{kind}/{i}", names[i], faults);
            }
        }
    }

    private static void Reports(VenConfig config, ConfigFaults faults)
    {
        if (config.ReportBufferPoints is < 100 or > 10_000)
        {
            faults.Add("/reportBufferPoints", "must lie between 100 (the standard's least) and 10,000");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var sites = config.AllSites().Select(s => s.SiteId).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < config.Reports.Count; i++)
        {
            var (channel, at) = (config.Reports[i], $"/reports/{i}");
            if (!Identifiers.IsPlainText(channel.RId, LongestName))
            {
                faults.Add($"{at}/rId", "must be a name of 1 to 128 characters");
            }

            faults.Once($"{at}/rId", channel.RId, seen);
            Text($"{at}/resourceId", channel.ResourceId, faults);
            Text($"{at}/marketContext", channel.MarketContext, faults);
            Sampling(at, channel, faults);
            Source(at, channel, sites, faults);
            Meter(at, channel, faults);
        }
    }

    private static void Sampling(string at, ReportConfig channel, ConfigFaults faults)
    {
        if (channel.SamplingInterval < OneSecond || channel.SamplingInterval > OneDay || channel.SamplingInterval.SubsecondTicks != 0)
        {
            faults.Add($"{at}/samplingInterval", "must be whole seconds, from PT1S to P1D");
        }
        else
        {
            faults.Within($"{at}/maxSamplingInterval", channel.MaxSamplingInterval, channel.SamplingInterval, OneDay);
        }
    }

    private static void Meter(string at, ReportConfig channel, ConfigFaults faults)
    {
        if (channel.Meter is not { } meter)
        {
            return;
        }

        if (channel.Kind is not (ReportKind.HistoryUsage or ReportKind.HistoryGreenButton))
        {
            faults.Add($"{at}/meter", "goes with HISTORY_USAGE and HISTORY_GREENBUTTON only: telemetry tells what is measured now; leave it out");
        }

        faults.Identifier($"{at}/meter", meter);
    }

    private static void Source(string at, ReportConfig channel, HashSet<string> sites, ConfigFaults faults)
    {
        if (channel.Kind != ReportKind.TelemetryStatus
            && channel.Source is not (null or ReportSources.NetPowerW or ReportSources.EnergyImportWh or ReportSources.EnergyExportWh))
        {
            faults.Add($"{at}/source", $"must be one of {ReportSources.NetPowerW}, {ReportSources.EnergyImportWh}, {ReportSources.EnergyExportWh}");
        }

        if (channel.SiteId is null && sites.Count > 1)
        {
            faults.Add($"{at}/siteId", "is missing: with several sites a report says which one it measures");
        }
        else if (channel.SiteId is { } site && !sites.Contains(site))
        {
            faults.Add(ErrorClass.UnknownId, $"{at}/siteId", $"{SafeText.Short(site)} is not a site of this VEN");
        }
    }
}
