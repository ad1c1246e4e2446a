using GridServices.Contracts;
using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>What a VEN's configuration must fulfil. All problems at once, each with a JSON pointer.</summary>
public static class VenConfigRules
{
    private static readonly Duration OneSecond = Duration.FromSeconds(1);
    private static readonly string[] SimpleKeys = ["0", "1", "2", "3"];

    /// <summary>Empty: the configuration can be used.</summary>
    public static IReadOnlyList<Problem> Check(VenConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return [.. Ven(config).Concat(Sites(config)).Concat(Programs(config)).Concat(Reports(config))];
    }

    private static IEnumerable<Problem> Ven(VenConfig config)
    {
        if (!Uri.TryCreate(config.VtnUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            yield return Wrong("/vtnUrl", "give the VTN's base URL, such as https://vtn.example/OpenADR2/Simple/2.0b");
        }

        if (!Identifiers.IsPlainText(config.VenName, 128))
        {
            yield return Wrong("/venName", "give the name the utility knows this VEN by, 1 to 128 characters");
        }

        if (config.VenId is { } venId && !Identifiers.IsPlainText(venId, 1024))
        {
            yield return Wrong("/venId", "leave it out, or give the venID the utility assigned");
        }

        if (config.PinVenId && config.VenId is null)
        {
            yield return Wrong("/pinVenId", "needs a venId to pin");
        }

        if (config.PollFloor < OneSecond || config.PollCeiling < config.PollFloor || config.PollInterval < config.PollFloor)
        {
            yield return Wrong("/pollInterval", "pollFloor must be at least one second and at most pollInterval and pollCeiling");
        }

        if (config.MaxBackOff < OneSecond || config.RegisterAgainAfter < OneSecond)
        {
            yield return Wrong("/maxBackOff", "maxBackOff and registerAgainAfter must be at least one second");
        }
    }

    private static IEnumerable<Problem> Sites(VenConfig config)
    {
        var sites = config.AllSites().ToList();
        if (sites.Count == 0)
        {
            yield return Wrong("/siteId", "give siteId, or sites with at least one");
        }

        if (sites.Find(s => !Identifiers.IsSafe(s.SiteId)) is { } unsafeSite)
        {
            yield return Wrong("/sites", $"'{Printable.Line(unsafeSite.SiteId)}' is no site id: letters, digits and . _ : ~ - only");
        }

        if (sites.DistinctBy(s => s.SiteId, StringComparer.Ordinal).Count() != sites.Count)
        {
            yield return Wrong("/sites", "a site id stands there twice");
        }

        if (sites.Exists(s => s.ReferenceW is < 0 or > 1L << 53))
        {
            yield return Wrong("/sites", "referenceW must be 0 to 2^53");
        }
    }

    private static IEnumerable<Problem> Programs(VenConfig config)
    {
        if (config.Programs.Count(p => p.DefaultPolicy) > 1)
        {
            yield return Wrong("/programs", "only one program can be the default");
        }

        if (config.Programs.DistinctBy(p => p.Stream, StringComparer.Ordinal).Count() != config.Programs.Count)
        {
            yield return Wrong("/programs", "two programs have the same stream");
        }

        for (var i = 0; i < config.Programs.Count; i++)
        {
            foreach (var problem in Program(config.Programs[i], $"/programs/{i}"))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<Problem> Program(ProgramConfig program, string at)
    {
        if (!Identifiers.IsSafe(program.Stream) || program.Stream.Length > 120 || program.Stream.EndsWith("-test", StringComparison.Ordinal))
        {
            yield return Wrong($"{at}/stream", "letters, digits and . _ : ~ - only, at most 120, and not ending in -test");
        }

        if (program.MarketContext is null && !program.DefaultPolicy)
        {
            yield return Wrong($"{at}/marketContext", "give the program's URI, or set defaultPolicy");
        }

        if (program.MarketContext is { } context && !Identifiers.IsPlainText(context, 1024))
        {
            yield return Wrong($"{at}/marketContext", "give the program's URI as the utility writes it");
        }

        var signals = program.Signals;
        if (signals.Simple is { } simple && simple.Levels.Keys.Any(k => !SimpleKeys.Contains(k, StringComparer.Ordinal)))
        {
            yield return Wrong($"{at}/signals/SIMPLE/levels", "levels are \"0\" to \"3\"");
        }

        if (LimitsOf(program).Any(l => !IsMagnitude(l)))
        {
            yield return Wrong($"{at}/signals", "limits are whole watts from 0; leave a quantity out to state nothing about it");
        }

        if (signals is { ElectricityPrice: { } electricity, EnergyPrice: { } energy } && electricity.Currency != energy.Currency)
        {
            yield return Wrong($"{at}/signals/ENERGY_PRICE/currency", "one stream has one currency");
        }

        if (new[] { signals.ElectricityPrice, signals.EnergyPrice }.OfType<PricePolicy>().Any(p => p.Currency.Length != 3 || !p.Currency.All(char.IsAsciiLetterUpper)))
        {
            yield return Wrong($"{at}/signals", "currency must be an ISO 4217 code such as USD");
        }

        if (signals.LoadControl?.ReferenceW is < 0 or > 1L << 53 || signals.LoadDispatch?.ReferenceW is < 0 or > 1L << 53)
        {
            yield return Wrong($"{at}/signals", "referenceW must be 0 to 2^53");
        }

        if (program.Failsafe is { } failsafe && failsafe.StaleAfter <= Duration.Zero)
        {
            yield return Wrong($"{at}/failsafe/staleAfter", "must be longer than zero");
        }
    }

    private static IEnumerable<Limits> LimitsOf(ProgramConfig program) =>
        (program.Signals.Simple?.Levels.Values ?? [])
        .Concat(program.Signals.LoadControl?.LevelOffsets?.Values ?? [])
        .Concat(program.Signals.LoadDispatch?.Levels?.Values ?? [])
        .Concat(new[] { program.Default, program.Failsafe?.Limits }.OfType<Limits>());

    private static bool IsMagnitude(Limits limits) => new[]
    {
        limits.ImportLimitW, limits.ExportLimitW, limits.ChargeLimitW, limits.DischargeLimitW, limits.GenerationLimitW, limits.LoadLimitW,
    }.All(w => w is null or (>= 0 and <= 1L << 53));

    private static IEnumerable<Problem> Reports(VenConfig config)
    {
        if (config.Reports.DistinctBy(r => r.RId, StringComparer.Ordinal).Count() != config.Reports.Count)
        {
            yield return Wrong("/reports", "two channels have the same rId");
        }

        for (var i = 0; i < config.Reports.Count; i++)
        {
            var channel = config.Reports[i];
            if (!Identifiers.IsPlainText(channel.RId, 128))
            {
                yield return Wrong($"/reports/{i}/rId", "give a name of 1 to 128 characters");
            }

            if (channel.SamplingInterval < OneSecond || channel.SamplingInterval != Duration.FromSeconds((long)channel.SamplingInterval.TotalSeconds))
            {
                yield return Wrong($"/reports/{i}/samplingInterval", "must be whole seconds, at least one");
            }

            if (channel.Kind == ReportKind.TelemetryUsage
                && channel.Source is not (null or ReportSources.NetPowerW or ReportSources.EnergyImportWh or ReportSources.EnergyExportWh))
            {
                yield return Wrong($"/reports/{i}/source", "is site.netPowerW, site.energyImportWh or site.energyExportWh");
            }

            if (channel.SiteId is { } site ? config.AllSites().All(s => s.SiteId != site) : config.AllSites().Skip(1).Any())
            {
                yield return Wrong($"/reports/{i}/siteId", "name one of the VEN's sites");
            }
        }

        if (config.ReportBufferPoints is < 100 or > 10_000)
        {
            yield return Wrong("/reportBufferPoints", "must be 100 to 10,000");
        }
    }

    private static Problem Wrong(string pointer, string detail) => Problems.Of(ErrorClass.Configuration, detail, pointer);
}
