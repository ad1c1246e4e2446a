using NodaTime;

namespace GridServices.Contracts.Tests.Merging;

/// <summary>The algebra by worked examples.</summary>
public sealed class EffectiveEnvelopeTests
{
    private static readonly EnvelopeTarget Site = new(TargetKind.Site, "site-1");

    [Fact]
    public void The_least_value_binds_and_the_next_is_named()
    {
        var utility = Sample.Envelope("utility", Tier.Regulatory, Sample.Segment(1, 3, new Limits { ImportLimitW = 30000 }));
        var program = Sample.Envelope("program", Tier.Contractual, Sample.Segment(0, 2, new Limits { ImportLimitW = 60000, ExportLimitW = 0 }));

        var segments = Merge(utility, program).Segments;

        Assert.Equal([Sample.Hour(0), Sample.Hour(1), Sample.Hour(2), Sample.Hour(3)], segments.Select(s => s.From));
        Assert.Equal([60000L, 30000L, 30000L, null], segments.Select(s => s.Limits.ImportLimitW?.Value));
        Assert.Equal(new Bound<long>(30000, new Binding("test", "utility", utility.EnvelopeId, Tier.Regulatory), new RunnerUp<long>("test", "program", 60000)),
            segments[1].Limits.ImportLimitW);
        Assert.Null(segments[2].Limits.ImportLimitW!.Next);
        Assert.Equal(EffectiveLimits.None, segments[3].Limits);
    }

    [Fact]
    public void Zero_is_a_limit_and_absent_is_none()
    {
        var none = Sample.Envelope("a", Tier.Safety, Sample.Segment(0, null, new Limits()));
        var zero = Sample.Envelope("b", Tier.Economic, Sample.Segment(0, null, new Limits { ImportLimitW = 0 }));

        Assert.Equal(0, Merge(none, zero).Segments[0].Limits.ImportLimitW!.Value);
        Assert.Null(Merge(none).Segments[0].Limits.ImportLimitW);
    }

    [Fact]
    public void A_tie_goes_to_the_stronger_tier_then_to_the_service_then_to_the_key()
    {
        var limits = new Limits { ImportLimitW = 5, Connect = false };
        var market = Sample.Envelope("a", Tier.Market, Sample.Segment(0, null, limits));
        var late = Sample.Envelope("z", Tier.Safety, Sample.Segment(0, null, limits));
        var early = Sample.Envelope("y", Tier.Safety, Sample.Segment(0, null, limits));

        var merged = Merge(market, late, early).Segments[0].Limits;

        Assert.Equal(("y", "z"), (merged.ImportLimitW!.BoundBy.Key, merged.ImportLimitW.Next!.Key));
        Assert.Equal(("y", "z"), (merged.Connect!.BoundBy.Key, merged.Connect.Next!.Key));
    }

    [Fact]
    public void False_wins_over_true()
    {
        var on = Sample.Envelope("a", Tier.Safety, Sample.Segment(0, null, new Limits { Energize = true }));
        var off = Sample.Envelope("b", Tier.Economic, Sample.Segment(0, null, new Limits { Energize = false }));

        var bound = Merge(on, off).Segments[0].Limits.Energize!;

        Assert.False(bound.Value);
        Assert.Equal("b", bound.BoundBy.Key);
        Assert.True(bound.Next!.Value);
    }

    [Fact]
    public void The_default_holds_before_between_and_after_segments_but_not_inside_them()
    {
        var envelope = Sample.Envelope("a", Tier.Market,
            Sample.Segment(1, 2, new Limits { ExportLimitW = 7 }), Sample.Segment(3, 4, new Limits { ImportLimitW = 1 })) with
        {
            Default = new DefaultLimits { Limits = new Limits { ImportLimitW = 9 } },
        };

        Assert.Equal([9L, null, 9L, 1L, 9L], Merge(envelope).Segments.Select(s => s.Limits.ImportLimitW?.Value));
    }

    [Fact]
    public void The_window_clips_and_its_end_may_be_open()
    {
        var envelope = Sample.Envelope("a", Tier.Market, Sample.Segment(0, null, new Limits { ImportLimitW = 1 }));

        var clipped = EffectiveEnvelope.Merge("site-1", [envelope], Sample.Hour(2), Sample.Hour(3)).Targets[0].Segments;
        var open = EffectiveEnvelope.Merge("site-1", [envelope], Sample.Hour(2)).Targets[0].Segments;

        Assert.Equal((Sample.Hour(2), Sample.Hour(3)), (clipped.Single().From, clipped.Single().Until));
        Assert.Null(open.Single().Until);
    }

    [Fact]
    public void Nothing_live_is_no_target()
    {
        Assert.Empty(EffectiveEnvelope.Merge("site-1", [], Sample.Hour(0)).Targets);
        Assert.Equal(EffectiveLimits.None, EffectiveEnvelope.At("site-1", [], Site, Sample.Hour(0)));
    }

    [Fact]
    public void Each_metering_boundary_is_merged_alone()
    {
        var site = Sample.Envelope("a", Tier.Market, Sample.Segment(0, null, new Limits { ImportLimitW = 1 }));
        var ess = site with { Target = new EnvelopeTarget(TargetKind.Ess, "ess-1"), Segments = [Sample.Segment(0, null, new Limits { ImportLimitW = 2 })] };

        var targets = EffectiveEnvelope.Merge("site-1", [ess, site], Sample.Hour(0)).Targets;

        Assert.Equal([Site, ess.Target], targets.Select(t => t.Target));
        Assert.Equal([1L, 2L], targets.Select(t => t.Segments[0].Limits.ImportLimitW!.Value));
        Assert.Null(targets[0].Segments[0].Limits.ImportLimitW!.Next);
    }

    [Fact]
    public void A_set_point_is_clamped_and_its_shortfall_names_what_bound_it()
    {
        var limit = Sample.Envelope("limit", Tier.Regulatory, Sample.Segment(1, null, new Limits { ImportLimitW = 3000, ExportLimitW = 500 }));
        var ask = Sample.Envelope("ask", Tier.Market) with
        {
            Targets = [Setpoint(0, 2, 10000), Setpoint(2, null, -800)],
        };

        var setpoints = Merge(limit, ask).Setpoints;

        Assert.Equal([(10000L, null), (3000, 7000L), (-500, 300L)], setpoints.Select(s => (s.TargetW!.Value, s.ShortfallW)));
        Assert.Equal([null, "limit", "limit"], setpoints.Select(s => s.BoundBy?.Key));
        Assert.Equal([Sample.Hour(0), Sample.Hour(1), Sample.Hour(2)], setpoints.Select(s => s.From));
        Assert.All(setpoints, s => Assert.Equal("ask", s.By.Key));
    }

    [Fact]
    public void The_strongest_tier_chooses_the_set_point_even_over_a_gap()
    {
        var market = Sample.Envelope("a", Tier.Market) with { Targets = [Setpoint(0, null, 1)] };
        var contract = Sample.Envelope("b", Tier.Contractual) with { Targets = [Setpoint(1, 2, 2), Setpoint(3, 4, 3)] };

        Assert.Equal([1L, 2L, 1L, 3L, 1L], Merge(market, contract).Setpoints.Select(s => s.TargetW!.Value));
    }

    [Theory]
    [InlineData(TargetKind.Ess, 1000, -900)]
    [InlineData(TargetKind.Evse, 700, -900)]
    [InlineData(TargetKind.EvseGroup, 700, -900)]
    [InlineData(TargetKind.Pv, 5000, -800)]
    [InlineData(TargetKind.Circuit, 5000, -5000)]
    public void Which_quantities_leave_room_depends_on_what_the_boundary_encloses(TargetKind kind, long highest, long lowest)
    {
        var limits = new Limits { ImportLimitW = 5000, ExportLimitW = 5000, ChargeLimitW = 1000, DischargeLimitW = 900, GenerationLimitW = 800, LoadLimitW = 700 };
        var envelope = Sample.Envelope("a", Tier.Market, Sample.Segment(0, null, limits)) with
        {
            Target = new EnvelopeTarget(kind, "x-1"),
            Targets = [Setpoint(0, 1, 9999), Setpoint(1, 2, -9999), new TargetSegment { From = Sample.Hour(2), Droop = [new(49.8m, -1), new(50.2m, 1)] }],
        };

        var setpoints = Merge(envelope).Setpoints;

        Assert.Equal((highest, lowest), (setpoints[0].TargetW, setpoints[1].TargetW));
        Assert.Equal((highest, lowest, null), (setpoints[2].HighestW, setpoints[2].LowestW, setpoints[2].TargetW));
    }

    [Fact]
    public void A_disconnected_target_has_room_for_nothing()
    {
        var envelope = Sample.Envelope("a", Tier.Market, Sample.Segment(0, null, new Limits { Connect = false })) with { Targets = [Setpoint(0, null, 5)] };

        Assert.Equal((0L, 5L, "a"), (Merge(envelope).Setpoints[0].TargetW!.Value, Merge(envelope).Setpoints[0].ShortfallW!.Value, Merge(envelope).Setpoints[0].BoundBy!.Key));
    }

    [Fact]
    public void Advice_is_listed_beside_with_its_price()
    {
        var advice = Sample.Envelope("peak", Tier.Economic, Sample.Segment(1, 2, new Limits { ImportLimitW = 80000 })) with
        {
            Obligation = Obligation.Advisory,
            BreachPrice = new BreachPrice(14.2m, "EUR", BreachUnit.Kw),
            Targets = [Setpoint(0, null, 4)],
        };

        var merged = EffectiveEnvelope.Merge("site-1", [advice], Sample.Hour(0), Sample.Hour(4)).Targets.Single();

        Assert.Equal(EffectiveLimits.None, merged.Segments.Single().Limits);
        Assert.Empty(merged.Setpoints);
        Assert.Equal(14.2m, merged.Advisory[0].BreachPrice!.Amount);
        Assert.Equal([null, 80000L, null], merged.Advisory[0].Segments.Select(s => s.Limits.ImportLimitW));
        Assert.Equal(Sample.Hour(4), merged.Advisory[0].Targets[0].Until);
    }

    [Fact]
    public void A_silent_stream_with_fail_safe_says_its_fail_safe_limits_from_stale_on()
    {
        var envelope = Sample.Envelope("a", Tier.Market, Sample.Segment(0, 1, new Limits { ImportLimitW = 1 }), Sample.Segment(3, null, new Limits { ImportLimitW = 3 })) with
        {
            Default = new DefaultLimits { Limits = new Limits { ImportLimitW = 2 } },
            Targets = [Setpoint(0, null, 1)],
            Failsafe = new Failsafe { StaleAfter = Duration.FromHours(2), OnStale = OnStale.Failsafe, Limits = new Limits { ImportLimitW = 9 } },
        };

        var silentEarly = Merge(EffectiveEnvelope.WhenSilent(envelope, Sample.Hour(0)));
        var silentLate = Merge(EffectiveEnvelope.WhenSilent(envelope, Sample.Hour(3)));
        var holding = envelope with { Failsafe = envelope.Failsafe with { OnStale = OnStale.HoldSchedule } };

        Assert.Equal([(Sample.Hour(0), 1L), (Sample.Hour(1), 2), (Sample.Hour(2), 9)], silentEarly.Segments.Select(s => (s.From, s.Limits.ImportLimitW!.Value)));
        Assert.Equal([1L, 2, 3, 9], silentLate.Segments.Select(s => s.Limits.ImportLimitW!.Value));
        Assert.Equal(Sample.Hour(2), silentEarly.Setpoints.Single().Until);
        Assert.Same(holding, EffectiveEnvelope.WhenSilent(holding, Sample.Hour(0)));
    }

    [Fact]
    public void Misuse_throws()
    {
        var other = Sample.Envelope("a", Tier.Market) with { SiteId = "site-2" };

        Assert.Throws<ArgumentException>(() => EffectiveEnvelope.Merge("site-1", [other], Sample.Hour(0)));
        Assert.Throws<ArgumentException>(() => EffectiveEnvelope.Merge("site-1", [], Sample.Hour(0), Sample.Hour(0)));
    }

    [Fact]
    public void A_single_quantity_is_plain_text()
    {
        var limits = new Limits { ImportLimitW = 0, Connect = true, PerPhase = new PhaseLimits { L2 = new PhaseLimit { ExportLimitA = 16.50m } } };
        var merged = Merge(Sample.Envelope("a", Tier.Market, Sample.Segment(0, null, limits))).Segments[0].Limits;

        Assert.Equal(["0", "", "true", "16.5"], new[] { "importLimitW", "exportLimitW", "connect", "L2.exportLimitA" }.Select(q => Quantities.TryText(merged, q, out var text) ? text : "?"));
        Assert.False(Quantities.TryText(merged, "importlimitw", out _));
    }

    // Who asks for one number must not take a site that has to be off for one without a limit.
    [Theory]
    [InlineData(false, null)]
    [InlineData(null, false)]
    [InlineData(true, false)]
    public void Every_power_and_current_of_a_site_that_must_be_off_is_0(bool? connect, bool? energize)
    {
        var limits = new Limits { ImportLimitW = 9_000, Connect = connect, Energize = energize, PerPhase = new PhaseLimits { L1 = new PhaseLimit { ImportLimitA = 16m } } };
        var merged = Merge(Sample.Envelope("a", Tier.Market, Sample.Segment(0, null, limits))).Segments[0].Limits;

        Assert.All(Quantities.Names.Except(["connect", "energize"]), q => Assert.True(Quantities.TryText(merged, q, out var text) && text == "0"));
        Assert.True(Quantities.TryText(merged, "connect", out var stated) && stated == (connect is { } c ? c ? "true" : "false" : string.Empty));
        Assert.False(Quantities.TryText(merged, "importlimitw", out _));
    }

    private static TargetTimeline Merge(params Envelope[] live) => EffectiveEnvelope.Merge("site-1", live, Sample.Hour(0)).Targets.Single();

    private static TargetSegment Setpoint(int from, int? until, long watts) =>
        new() { From = Sample.Hour(from), Until = until is { } end ? Sample.Hour(end) : null, TargetW = watts };
}
