using GridServices.Adapters.Lines;
using GridServices.Adapters.Service.Mqtt;
using GridServices.Adapters.Service.Sites;
using GridServices.Client;
using GridServices.Contracts;
using Microsoft.Extensions.Configuration;
using NodaTime;

namespace GridServices.Adapters.Service.Settings;

/// <summary>Reads the section <c>Adapters</c>: every adapter in it, or everything that is wrong with any of them.</summary>
internal static class AdapterReader
{
    public const string Section = "Adapters";
    private static readonly string[] OfScalars =
        [nameof(AdapterSettings.BaseTopic), nameof(AdapterSettings.EverySeconds), nameof(AdapterSettings.Topics), nameof(AdapterSettings.Contacts)];

    private static readonly string[] OfPeers =
        [nameof(AdapterSettings.Broker), nameof(AdapterSettings.Everest), nameof(AdapterSettings.Modbus), nameof(AdapterSettings.Ocpp), nameof(AdapterSettings.Oscp)];

    public static (IReadOnlyList<AdapterPlan> Plans, IReadOnlyList<string> Faults) Read(IConfiguration configuration)
    {
        List<string> faults = [];
        var sections = configuration.GetSection(Section).GetChildren().ToList();
        if (sections.Count == 0)
        {
            faults.Add($"{Section} is empty: name at least one adapter, as in docs/adapters.md.");
        }

        List<AdapterPlan> plans = [];
        foreach (var section in sections)
        {
            List<string> unknown = [.. UnknownSettings.Find(section, typeof(AdapterSettings))];
            faults.AddRange(unknown);
            if (Bind(section, isStrict: unknown.Count == 0, faults) is { } settings)
            {
                var own = new Faults(section.Path, faults);
                foreach (var setting in GetForeignSettings(settings.Kind).Where(s => section.GetSection(s).Exists()))
                {
                    own.Add(setting, $"is not read by an adapter of kind {settings.Kind}: take it out");
                }

                plans.Add(Plan(section.Key, settings, own));
            }
        }

        faults.AddRange(SharedTargets.Find(plans));
        faults.AddRange(Shares.FindExcess(plans));
        return (faults.Count == 0 ? plans : [], faults);
    }

    // Unless it is strict, the framework leaves out an item of a list that it can't read: a topic would be missing, and nobody told.
    private static AdapterSettings? Bind(IConfigurationSection section, bool isStrict, List<string> faults)
    {
        try
        {
            return section.Get<AdapterSettings>(options => options.ErrorOnUnknownConfiguration = isStrict) ?? new AdapterSettings();
        }
        catch (InvalidOperationException wrong)
        {
            // "Failed to convert configuration value 'x' at 'Adapters:a:Kind' to type '…AdapterKind'."
            var kinds = string.Join(", ", Enum.GetNames<AdapterKind>());
            faults.Add($"{Innermost(wrong).Message} Numbers are whole; Kind is one of {kinds}; Quantity one of {string.Join(", ", Enum.GetNames<Quantity>())}.");
            return null;
        }
    }

    private static InvalidOperationException Innermost(InvalidOperationException wrong) => wrong.InnerException is InvalidOperationException inner ? Innermost(inner) : wrong;

    private static IEnumerable<string> GetForeignSettings(AdapterKind? kind) => kind switch
    {
        AdapterKind.Mqtt => OfPeers.Except([nameof(AdapterSettings.Broker)]),
        AdapterKind.Everest => [.. OfScalars, nameof(AdapterSettings.LeadMs), .. OfPeers.Except([nameof(AdapterSettings.Broker), nameof(AdapterSettings.Everest)])],
        AdapterKind.Modbus => [.. OfScalars, .. OfPeers.Except([nameof(AdapterSettings.Modbus)])],
        AdapterKind.Ocpp => [.. OfScalars, nameof(AdapterSettings.LeadMs), .. OfPeers.Except([nameof(AdapterSettings.Ocpp)])],
        AdapterKind.Oscp => [.. OfScalars, nameof(AdapterSettings.LeadMs), .. OfPeers.Except([nameof(AdapterSettings.Oscp)])],
        _ => [],
    };

    private static AdapterPlan Plan(string name, AdapterSettings settings, Faults faults)
    {
        var rules = Rules(settings, faults);
        var session = Session(settings, rules, faults);
        var (parts, ofOthers) = (SiteParts.Read(settings.Parts, "Parts", faults), SiteParts.Read(settings.PartsOfOthers, "PartsOfOthers", faults));
        faults.Require(!parts.Intersect(ofOthers).Any(), "PartsOfOthers", "name a part that Parts name too: either the peer keeps its limits or somebody else does");
        var site = new SitePlan(name, session, rules) { Parts = parts, PartsOfOthers = ofOthers, AssumesPhaseVolts = settings.PhaseVolts is null };
        var plan = new AdapterPlan(name, site) { Shares = Shares.Read(name, settings) };
        return settings.Kind switch
        {
            AdapterKind.Mqtt => plan with { Mqtt = PeerReader.Scalars(settings, rules, faults) },
            AdapterKind.Everest => plan with { Mqtt = PeerReader.Everest(settings, rules, faults) },
            AdapterKind.Modbus => plan with { Modbus = PeerReader.Modbus(settings, faults) },
            AdapterKind.Ocpp => plan with { Ocpp = OcppReader.Read(settings, faults) },
            AdapterKind.Oscp => plan with { Oscp = OscpReader.Read(settings, faults) },
            _ => WithoutKind(plan, faults),
        };
    }

    private static AdapterPlan WithoutKind(AdapterPlan plan, Faults faults)
    {
        faults.Add("Kind", $"is missing: one of {string.Join(", ", Enum.GetNames<AdapterKind>())}");
        return plan;
    }

    private static SiteRules Rules(AdapterSettings settings, Faults faults)
    {
        const string Why = "what the site may do while nobody knows its limits, in W; 0 is nothing at all";
        faults.Require(settings.PhaseVolts is null or (>= 1 and <= 1_000), "PhaseVolts", "lies between 1 and 1000");
        faults.Require(settings.Phases is >= 1 and <= 3, "Phases", "lies between 1 and 3: so many the peer loads alike");
        faults.Require(settings.PowerFactor is >= 0.1m and <= 1, "PowerFactor", "lies between 0.1 and 1");
        var leastLead = settings.Kind == AdapterKind.Mqtt ? (int)MqttAdapter.Tick.TotalMilliseconds : 0;
        faults.Require(settings.LeadMs >= leastLead && settings.LeadMs <= 60_000, "LeadMs", $"lies between {leastLead} and 60000");
        faults.Require(settings.StaleAfterSeconds is >= 20 and <= 86_400, "StaleAfterSeconds", "lies between 20 (the hub beats every 15) and 86400");
        return new SiteRules
        {
            FailsafeImportW = faults.Watts(settings.Failsafe?.ImportLimitW, "Failsafe:ImportLimitW", Why),
            FailsafeExportW = faults.Watts(settings.Failsafe?.ExportLimitW, "Failsafe:ExportLimitW", Why),
            PhaseVolts = settings.PhaseVolts ?? SiteRules.LowestPhaseVolts,
            PowerFactor = settings.PowerFactor,
            Phases = settings.Phases,
        };
    }

    private static SiteSessionOptions Session(AdapterSettings settings, SiteRules rules, Faults faults)
    {
        var isHub = Uri.TryCreate(settings.Hub, UriKind.Absolute, out var hub) && hub.Scheme is "http" or "https";
        faults.Require(isHub, "Hub", "is no address: write the hub's, e.g. http://127.0.0.1:5100");
        faults.Require(
            !isHub || hub!.Scheme == "https" || ThisMachine.Is(hub) || settings.AllowPlainHub,
            "Hub",
            "goes to another machine without TLS: whoever is on the way could read the token and say \"no limit\". Write https://, or set AllowPlainHub to true where the network is yours alone");
        faults.Require(settings.StateFile is not { } file || Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))), "StateFile", "lies in a folder that is not there");
        var limits = new Limits { ImportLimitW = rules.FailsafeImportW, ExportLimitW = rules.FailsafeExportW };
        return new SiteSessionOptions
        {
            Hub = new HubClientOptions
            {
                Hub = isHub ? hub! : new Uri("http://127.0.0.1:5100"),
                Token = Token(settings, faults),
                SiteId = faults.Text(settings.Site, "Site", "is missing: the site's id at the hub"),
            },
            StateFile = settings.StateFile,
            Failsafe = new FailsafeOptions
            {
                InitLimits = limits,
                Default = new Failsafe { StaleAfter = Duration.FromSeconds(settings.StaleAfterSeconds), OnStale = OnStale.Failsafe, Limits = limits },
            },
        };
    }

    private static string Token(AdapterSettings settings, Faults faults)
    {
        try
        {
            var token = settings.TokenFile is { Length: > 0 } file ? File.ReadLines(file).FirstOrDefault()?.Trim() : null;
            var fault = settings.TokenFile is null ? "is missing: a file whose first line is a token of role controller for the site" : "is empty: its first line is the token";
            return faults.Text(token, "TokenFile", fault);
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            faults.Add("TokenFile", $"can't be read: {unread.Message.TrimEnd('.')}");
            return string.Empty;
        }
    }
}
