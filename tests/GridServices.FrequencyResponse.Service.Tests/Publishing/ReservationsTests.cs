using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
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
