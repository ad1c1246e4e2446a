using GridServices.Contracts;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Outages;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Publishing;

public sealed class ReservationsTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 0, 0);

    [Fact]
    public void Rooms_of_two_contracts_add_up_while_both_are_procured()
    {
        var (one, other) = (Contract("a", Hours(0, 4)), Contract("b", Hours(2, 6)));
        var room = Reservations.Compute(one, [(one, 0), (other, 0)], Start);
        Assert.Equal([(Hour(0), Hour(2), 50_000L), (Hour(2), Hour(4), 0)], room.Segments.Select(s => (s.From, s.Until!.Value, s.Limits.ExportLimitW!.Value)));
        Assert.Null(room.Describe("limits"));
    }

    [Fact]
    public void What_responds_now_takes_its_room_out_of_the_present_alone()
    {
        var contract = Contract("a", Hours(0, 4));
        var room = Reservations.Compute(contract, [(contract, 30_000)], Hour(1));
        Assert.Equal((Hour(1), 80_000L), (room.Segments[0].From, room.Segments[0].Limits.ExportLimitW));
    }

    /// <summary>20 of 50 kW are left until 02:00, and again from 05:00 on; nothing from 03:00 to 04:00.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_room_of_the_time_ahead_goes_by_what_is_left_then(int seenAt)
    {
        var contract = Derated(Contract("a", Hours(0, 6)), Hour(seenAt));
        var room = Reservations.Compute(contract, [(contract, 0)], Hour(seenAt));
        (Instant, Instant, long)[] ahead = [(Hour(2), Hour(3), 50_000), (Hour(4), Hour(5), 50_000), (Hour(5), Hour(6), 80_000)];
        Assert.Equal(
            seenAt == 1 ? [(Hour(0), Hour(2), 80_000L), .. ahead] : ahead,
            room.Segments.Select(s => (s.From, s.Until!.Value, s.Limits.ExportLimitW!.Value)));
    }

    [Fact]
    public void Until_the_pool_follows_a_de_rating_the_larger_room_is_kept()
    {
        var late = Derated(Contract("a", Hours(0, 6)), Hour(2) - Duration.FromSeconds(1)) with { QuantityW = 50_000 };
        Assert.Equal(50_000, Reservations.Compute(late, [(late, 0)], Hour(1)).Segments[0].Limits.ExportLimitW);
    }

    [Fact]
    public void The_curve_of_the_time_ahead_goes_by_what_is_left_then_and_by_who_is_procured_then()
    {
        var (one, other) = (Derated(Contract("a", Hours(0, 6)), Hour(1)), Contract("b", Hours(1, 2)));
        var spec = new PoolSpec(new EntryId("default", "ess"), "site-1", [one, other], [], ["meter"], null!, new AllocationRules(), 0);
        Assert.Equal(
            [(Hour(1), Hour(2), -70_000L), (Hour(2), Hour(3), -50_000), (Hour(4), Hour(5), -50_000), (Hour(5), Hour(6), -20_000)],
            PoolTargets.Droops(spec, one, Hour(1)).Select(s => (s.From, s.Until!.Value, s.Droop![0].W)));
    }

    private static PoolContract Derated(PoolContract sold, Instant at) => sold.Under(
        [
            new Outage
            {
                Id = "o",
                From = Hour(0),
                Until = Hour(6),
                AvailableW = 0,
                Reason = "x",
                StatedAt = Hour(0),
                Stretches = [new OutageStretch(Hour(0), Hour(2), 20_000, Hour(0)), new OutageStretch(Hour(3), Hour(4), 0, Hour(0)), new OutageStretch(Hour(5), Hour(9), 20_000, Hour(0))],
            },
        ],
        at);

    [Fact]
    public void A_thousand_windows_keep_all_their_room_also_where_they_do_not_fit()
    {
        var (one, other) = (Contract("a", Windows(0)), Contract("b", Windows(1)));
        var room = Reservations.Compute(one, [(one, 0), (other, 0)], Start);
        Assert.Equal(SegmentCoarsening.Most, room.Segments.Count);
        Assert.NotNull(room.Describe("limits"));
        Assert.All(Enumerable.Range(0, 1_000), i => Assert.InRange(
            room.Segments.Single(s => s.From <= Hour((i * 4) + 1) && s.Until > Hour((i * 4) + 1)).Limits.ExportLimitW!.Value, 0, 0));
    }

    [Fact]
    public void What_is_asked_now_stays_exact_where_the_windows_do_not_fit()
    {
        TargetSegment[] targets =
        [
            new TargetSegment { From = Start, Until = Start + PoolTargets.Holds, TargetW = -50_000 },
            .. Enumerable.Range(0, 1_030).Select(i => new TargetSegment { From = Hour(i) + PoolTargets.Holds, Until = Hour(i + 1) + PoolTargets.Holds, TargetW = i % 2 }),
        ];
        var fitting = SegmentCoarsening.Targets(targets, now: Start).Segments;
        Assert.Equal((1_024, targets[0], targets[^1].Until), (fitting.Count, fitting[0], fitting[^1].Until));
    }

    private static ArmingWindow[] Windows(int from) => [.. Enumerable.Range(0, 1_000).Select(i => new ArmingWindow(Hour((i * 4) + from), Hour((i * 4) + from + 2)))];

    private static ArmingWindow Hours(int from, int until) => new(Hour(from), Hour(until));

    private static Instant Hour(int hour) => Start + Duration.FromHours(hour);

    private static PoolContract Contract(string key, params ArmingWindow[] windows)
    {
        var settings = new ContractSettings
        {
            SiteId = "site-1",
            Windows = windows,
            Assets = ["ess"],
            Sources = ["meter"],
            Connection = new ConnectionSettings { ImportW = 100_000, ExportW = 100_000 },
        };
        return new PoolContract(key, settings, ServiceCatalog.BuiltIn.Find("GB-DCL")!, 50_000);
    }
}
