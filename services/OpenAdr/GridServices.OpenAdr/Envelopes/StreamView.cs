using System.Text;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Envelopes;

/// <summary>One stream of the VEN, as one configuration and one state make it: the schedule of every site, computed once per kind of site.</summary>
internal sealed class StreamView
{
    private const string TestSuffix = "-test";

    private readonly VenConfig config;
    private readonly VenRegistration registration;

    /// <summary>False: the registration ended, and the stream lives on for what comes back from its events.</summary>
    private readonly bool isRegistered;
    private readonly ProgramConfig program;
    private readonly bool isTest;
    private readonly SiteOpts opts;
    private readonly List<HeldEvent> events;
    private readonly List<RecoveringEvent> recovering;
    private readonly bool uniform;
    private readonly Instant now;
    private readonly Dictionary<(string Events, long? ReferenceW, int Slot), SiteSchedule> kinds = [];

    private StreamView(VenConfig config, VenState state, ProgramConfig program, bool isTest, Instant now)
    {
        this.now = now;
        (this.config, this.program, this.isTest) = (config, program, isTest);
        (registration, isRegistered) = ((state.Registration ?? state.Former)!, state.Registration is not null);
        opts = new SiteOpts(config, state);
        events = [.. state.Events.Where(IsOurs)];
        recovering = program.Recovery is null ? [] : [.. state.Recovering.Where(r => IsOfStream(r.Event))];
        uniform = events.TrueForAll(e => (e.Lost?.Still is { } still ? still.SitesOut.Count == 0 : opts.IsUniform(e)) && IsAlike(e)) && recovering.TrueForAll(r => r.SitesOut.Count == 0 && IsAlike(r.Event));
    }

    /// <summary>Keys of all streams that this configuration may publish, in order.</summary>
    public static IEnumerable<string> Keys(VenConfig config) => config.Programs.SelectMany(p =>
        p.TestEvents == TestEventPolicy.Advisory ? new[] { p.Stream, p.Stream + TestSuffix } : [p.Stream]);

    /// <summary>Null: the stream isn't alive. It lives while the VEN is registered, and then while limits come back; the one of test events only while there are any.</summary>
    public static StreamView? Find(VenConfig config, VenState state, string key, Instant now)
    {
        if ((state.Registration ?? state.Former) is null)
        {
            return null;
        }

        foreach (var candidate in config.Programs)
        {
            if (candidate.Stream == key)
            {
                var view = new StreamView(config, state, candidate, isTest: false, now);
                return view.isRegistered || view.recovering.Count > 0 ? view : null;
            }

            if (candidate.TestEvents == TestEventPolicy.Advisory && candidate.Stream + TestSuffix == key)
            {
                var view = new StreamView(config, state, candidate, isTest: true, now);
                return view.events.Count > 0 ? view : null;
            }
        }

        return null;
    }

    public SiteSchedule GetSchedule(SiteConfig site)
    {
        var mine = uniform ? null : SelectEvents(site);
        var slot = program.Recovery is { RandomSeconds: > 0 } ? RecoveryShares.ComputeSlot(site.SiteId) : 0;
        var key = (mine is null ? string.Empty : BuildKey(mine, site.SiteId), site.ReferenceW, slot);
        if (!kinds.TryGetValue(key, out var schedule))
        {
            kinds[key] = schedule = CreateSchedule(mine ?? [.. events.Concat(recovering.Select(r => r.Event)).Select(e => (e, (IReadOnlyList<EventSignal>)e.Event.Signals))], site, slot);
        }

        return schedule;
    }

    private bool IsOurs(HeldEvent held) => (held.Lost is { } lost ? lost.Still is not null : opts.IsInAnywhere(held)) && IsOfStream(held);

    private bool IsIn(HeldEvent held, SiteConfig site) => held.Lost is { } lost ? lost.Still?.SitesOut.Contains(site.SiteId) == false : opts.At(held, site) == OptType.OptIn;

    private bool IsOfStream(HeldEvent held) =>
        (held.Lost?.Still?.Program ?? Programs.For(config, held.Event.Descriptor.MarketContext)) is { } its && its.Stream == program.Stream
        && held.IsTest() switch
        {
            // OpenADR 2.0b rule 6: a test event is carried out only where the program says so.
            true => its.TestEvents == TestEventPolicy.Actuate ? !isTest : its.TestEvents == TestEventPolicy.Advisory && isTest,
            false => !isTest,
        };

    private List<(HeldEvent Event, IReadOnlyList<EventSignal> Signals)> SelectEvents(SiteConfig site) =>
    [
        .. events
            .Where(e => IsIn(e, site))
            .Concat(recovering.Where(r => !r.SitesOut.Contains(site.SiteId)).Select(r => r.Event))
            .Where(e => Targeting.Site(config, registration, site, e.Event.Target))
            .Select(e => (e, (IReadOnlyList<EventSignal>)[.. e.Event.Signals.Where(s => Targeting.Signal(config, registration, site, s))])),
    ];

    /// <summary>It means the same at all sites that have the same reference today.</summary>
    private bool IsAlike(HeldEvent held) => held.PresentLoads.Count == 0 && held.Lost?.Still?.References is not { Count: > 0 } && IsForAll(held);

    private bool IsForAll(HeldEvent held) => Targeting.MeansWholeVen(config, registration, held.Event.Target) && held.Event.Signals.All(s => s.Target is null);

    private static string BuildKey(List<(HeldEvent Event, IReadOnlyList<EventSignal> Signals)> mine, string siteId)
    {
        var key = new StringBuilder();
        foreach (var (held, signals) in mine)
        {
            key.Append(held.Id).Append('\n').AppendJoin('\t', signals.Select(s => s.SignalId)).Append('\n').Append(held.PresentAt(siteId)?.ImportW).Append('\t').Append(held.PresentAt(siteId)?.SocPercent)
                .Append('\t').Append(held.Lost?.Still?.ReferenceAt(siteId, null)).Append('\n');
        }

        return key.ToString();
    }

    private SiteSchedule CreateSchedule(IReadOnlyList<(HeldEvent Event, IReadOnlyList<EventSignal> Signals)> mine, SiteConfig site, int slot)
    {
        // What holds between events holds while the VEN is registered, and for no test.
        var isBare = isTest || !isRegistered;
        var (limits, targets, prices) = StreamSchedule.Compute(mine, isBare ? program with { Default = null } : program, site.SiteId, site.ReferenceW, slot, now);
        return new SiteSchedule
        {
            Tier = program.Tier,
            Obligation = isTest ? Obligation.Advisory : program.Obligation,
            Segments = limits.Segments.ToValueList(),
            Targets = targets.Segments.ToValueList(),

            // Prices are no instruction, but those of a test aren't prices either.
            Prices = isTest ? [] : prices.Segments.ToValueList(),
            LimitsCoarsened = string.Join("; ", new[] { limits.Describe("limits"), targets.Describe("targets") }.OfType<string>()),
            PricesCoarsened = isTest ? string.Empty : prices.Describe("prices") ?? string.Empty,
            Currency = (program.Signals.ElectricityPrice ?? program.Signals.EnergyPrice ?? PricePolicy.Default).CurrencyOrDefault,
            Default = isBare ? null : program.Default,
            Failsafe = isBare ? null : program.Failsafe,
            Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = registration.VtnId, Program = program.MarketContext },
        };
    }
}
