using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Tests.Events;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Envelopes;

public sealed class DerEnvelopesTests
{
    [Fact]
    public void Provenance_names_device_program_control_and_primacy()
    {
        var utility = new Utility().Program("PROG", 7);
        utility.Add("PROG", utility.Make("DERC", 0, 60, Say.Both(10)) with { Version = 3 });
        utility.Read(0);
        var envelope = Assert.Single(utility.Live);
        Assert.Equal(("IEEE 2030.5", Utility.Lfdi, "PROG"), (envelope.Provenance.Protocol, envelope.Provenance.Authority, envelope.Provenance.Program));
        Assert.Equal(new StreamId("ieee2030-5", "PROG"), envelope.Stream);
        Assert.Equal(new Cause { EventId = "DERC", Modification = 3, Priority = 7, ReceivedAt = Utility.Zero }, Assert.Single(envelope.Segments).Cause);
        Assert.Equal((Tier.Regulatory, Obligation.Mandatory), (envelope.Tier, envelope.Obligation));
    }

    [Fact]
    public void Site_limits_and_those_of_the_DER_go_to_their_own_boundaries()
    {
        var utility = new Utility().Program("P", 1);
        var der = new EnvelopeTarget(TargetKind.Pv, "roof");
        utility.Config = utility.Config with { DerTarget = der };
        utility.Control("A", "P", 0, 60, Say.Limits(1, 2, 3, 4) with { OpModConnect = false, OpModEnergize = true });
        utility.Read(0);
        Assert.Equal(
            [
                (new EnvelopeTarget(TargetKind.Site, "site-1"), new Limits { ImportLimitW = 1, ExportLimitW = 2 }),
                (der, new Limits { GenerationLimitW = 3, LoadLimitW = 4, Connect = false, Energize = true }),
            ],
            utility.Live.OrderBy(e => e.Target.Kind).Select(e => (e.Target, Assert.Single(e.Segments).Limits)));
    }

    [Fact]
    public void A_stream_states_a_mode_only_while_its_program_has_it()
    {
        var utility = new Utility().Program("STRONG", 1).Program("WEAK", 2);
        utility.Default("STRONG", Say.Limits(import: 1_000));
        utility.Control("A", "WEAK", 100, 100, Say.Limits(import: 4_000));
        utility.Read(0);
        var strong = utility.Live.Single(e => e.Stream.Key == "STRONG");
        var weak = utility.Live.Single(e => e.Stream.Key == "WEAK");
        Assert.Equal([(0L, (long?)100), (200, null)], strong.Segments.Select(s => (S(s.From), s.Until is { } u ? S(u) : (long?)null)));
        Assert.Equal([(100L, (long?)200)], weak.Segments.Select(s => (S(s.From), s.Until is { } u ? S(u) : (long?)null)));
        Assert.Null(strong.Default);
    }

    [Fact]
    public void Who_takes_a_mode_over_speaks_before_who_gives_it_up()
    {
        var utility = new Utility().Program("A", 1).Program("B", 2);
        utility.Default("A", Say.Limits(import: 1_000));
        utility.Read(0);
        utility.Control("C", "B", 60, 60, Say.Limits(import: 500));
        utility.Read(60);
        utility.Mark("C", EventState.Cancelled);
        utility.Read(90);
        Assert.Equal(["A", "B", "A", "A", "B"], utility.Order);
    }

    [Fact]
    public void Watts_go_towards_zero()
    {
        var utility = new Utility().Program("P", 1);
        utility.Control("A", "P", 0, 60, new DerControlBase { OpModImpLimW = new ActivePower(19_999, -1), OpModExpLimW = new ActivePower(32_767, -9), OpModTargetW = new ActivePower(-25, -1) });
        utility.Read(0);
        Assert.Equal((1_999, 0, 2), (utility.Limits().ImportLimitW, utility.Limits().ExportLimitW, utility.SetPoint()));
    }

    [Fact]
    public void Unchanged_polls_and_passing_time_publish_nothing()
    {
        var utility = new Utility().Program("P", 1);
        utility.Default("P", Say.Both(30), 27);
        utility.Control("A", "P", 60, 60, Say.Both(10));
        utility.Control("B", "P", 120, 60, Say.Both(20));
        utility.Read(0);
        foreach (var at in Enumerable.Range(1, 30))
        {
            utility.Read(at * 10);
        }

        Assert.Equal(1, utility.Publications);
    }

    [Fact]
    public void A_stream_that_says_nothing_more_is_withdrawn_and_comes_back_at_a_higher_revision()
    {
        var utility = new Utility().Program("P", 1);
        utility.Control("A", "P", 0, 60, Say.Both(10));
        utility.Read(0).Pass(100);
        Assert.Empty(utility.Live);
        utility.Control("B", "P", 0, 60, Say.Both(10));
        utility.Read(101);
        Assert.Equal(3, Assert.Single(utility.Live).Revision);
    }

    [Fact]
    public void The_fail_safe_holds_the_schedule_and_names_the_default_unless_configured_otherwise()
    {
        var utility = new Utility().Program("P", 1);
        utility.Default("P", Say.Limits(1_500, 1_000));
        utility.Control("A", "P", 0, 60, Say.Both(100));
        utility.Read(0);
        Assert.Equal(
            new Failsafe { StaleAfter = Duration.FromMinutes(2), OnStale = OnStale.HoldSchedule, Limits = new Limits { ImportLimitW = 1_500, ExportLimitW = 1_000 } },
            Assert.Single(utility.Live).Failsafe);
        var own = new Failsafe { StaleAfter = Duration.FromMinutes(5), OnStale = OnStale.Failsafe, Limits = new Limits { ExportLimitW = 0 } };
        utility.Config = utility.Config with { Programs = [new ProgramStream("p") { Failsafe = own, Stream = "DNSP", Tier = Tier.Contractual, Obligation = Obligation.Advisory }] };
        utility.Pass(10);
        var envelope = Assert.Single(utility.Live);
        Assert.Equal((own, "DNSP", Tier.Contractual, Obligation.Advisory), (envelope.Failsafe, envelope.Stream.Key, envelope.Tier, envelope.Obligation));
    }

    [Theory]
    [InlineData("2000000000000001000000010000917c", "2000000000000001000000010000917c")]
    [InlineData("/edev/1/derp/1", "edev-1-derp-1")]
    [InlineData("/..//%2e?x=1", "p-.---2e-x-1")]
    [InlineData("///", "p")]
    public void Stream_keys_are_made_of_safe_characters(string program, string key)
    {
        var utility = new Utility().Program(program, 1);
        utility.Control("A", program, 0, 60, Say.Both(10));
        utility.Read(0);
        var stream = Assert.Single(utility.Live).Stream;
        Assert.True(Identifiers.IsSafe(stream.Key), stream.Key);
        Assert.Equal(key, stream.Key);
    }

    [Fact]
    public void Everything_published_is_an_envelope_that_the_hub_takes()
    {
        var utility = new Utility().Program("P", 1).Program("/derp/2", 2);
        utility.Config = utility.Config with { Fallback = new Limits { LoadLimitW = 0 } };
        utility.Default("P", Say.Both(30), 27);
        utility.Control("A", "/derp/2", 60, 60, Say.Both(10) with { OpModConnect = false, OpModFixedW = -5_000 }, randomizeStart: 30);
        utility.Control("B", "P", 200, 60, new DerControlBase { OpModFreqDroop = new FreqDroop(36, 36, 50, 50, 500), OpModMaxLimW = 5_000 });
        utility.Read(0);
        Assert.Equal(3, utility.Live.Count);
        Assert.All(utility.Live, e =>
        {
            var read = EnvelopeReader.ReadEnvelope(CanonicalJson.Bytes(e));
            Assert.Null(read.Problem);
            Assert.Equal(CanonicalJson.Bytes(e), CanonicalJson.Bytes(read.Value!));
        });
    }

    [Fact]
    public void More_segments_than_the_contract_takes_are_joined_at_the_stricter_limit_the_near_ones_exact_and_said_so()
    {
        var utility = new Utility().Program("P", 1);
        foreach (var i in Enumerable.Range(0, 1_500))
        {
            utility.Add("P", utility.Make($"C{i:0000}", i * 60, 60, Say.Limits(import: GetLimit(i))));
        }

        utility.Read(0);
        var envelope = Assert.Single(utility.Live);
        Assert.Equal(1_024, envelope.Segments.Count);
        Assert.All(Enumerable.Range(0, 1_500), i => Assert.InRange(utility.Limits(i * 60).ImportLimitW!.Value, GetLimit(i) - 2, GetLimit(i)));
        Assert.All(Enumerable.Range(0, 500), i => Assert.Equal(GetLimit(i), utility.Limits(i * 60).ImportLimitW));
        Assert.Equal(7, utility.Limits(1_400 * 60).ImportLimitW);
        Assert.Contains("1500 segments of limits", Assert.Single(utility.Notes, n => n.Class == ErrorClass.LimitCount).Text, StringComparison.Ordinal);

        static long GetLimit(int i) => i == 1_400 ? 7 : 1_000 + i;
    }

    [Fact]
    public void More_set_points_than_the_contract_takes_are_joined_nearer_to_0_W_and_none_is_dropped()
    {
        var utility = new Utility().Program("P", 1);
        foreach (var i in Enumerable.Range(0, 1_200))
        {
            utility.Add("P", utility.Make($"C{i:0000}", i * 60, 60, new DerControlBase { OpModTargetW = ActivePower.FromWatts(-1_000 - i) }));
        }

        utility.Read(0);
        var targets = Assert.Single(utility.Live).Targets;
        Assert.Equal(1_024, targets.Count);
        Assert.Equal(Utility.At(1_200 * 60), targets[^1].Until);
        Assert.All(Enumerable.Range(0, 1_200), i => Assert.InRange(
            targets.Single(t => t.From <= Utility.At(i * 60) && t.Until > Utility.At(i * 60)).TargetW!.Value, 1_000 + i - 1, 1_000 + i));
    }

    private static long S(Instant instant) => (long)(instant - Utility.Zero).TotalSeconds;
}
