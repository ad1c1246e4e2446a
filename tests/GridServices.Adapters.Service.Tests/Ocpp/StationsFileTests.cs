using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using GridServices.Adapters.Service.Ocpp;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Ocpp;

public sealed class StationsFileTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly ChargingStation A = new() { Id = "a", MaxA = 32, HighestVolts = 253 };
    private static readonly ChargingStation B = A with { Id = "b" };
    private static readonly KeptAt At = new("http://csms/api?tenantId=1", OcppVersion.V16, ProfileId: 1, StackLevel: 3);

    [Fact]
    public void What_stations_may_be_doing_comes_back_as_it_was()
    {
        var folder = TestFolders.Create();
        var file = new StationsFile(Path.Combine(folder, "stations.json"), At);
        Assert.Equal([A.MaxW, B.MaxW], file.Read([A, B]).Select(r => r.MayDo.At(Now)));
        var curve = PowerCurve.Create([Now, Now + Duration.FromMinutes(15)], at => at == Now ? 7_590 : 4_554);
        file.Write([new StationRecord(A).Sent(1, curve).Accepted(1).Sent(2, PowerCurve.Constant(Now, 6_000)), new StationRecord(B).Sent(3, curve)]);
        var read = file.Read([B, A with { Weight = 7 }, A with { Id = "c" }]);
        Assert.Equal([B.MaxW, 7_590, A.MaxW], read.Select(r => r.MayDo.At(Now)));
        Assert.Equal([B.MaxW, 6_000, A.MaxW], read.Select(r => r.MayDo.At(Now + Duration.FromHours(1))));
        Assert.Equal((1, 2L), (read[1].HeldNumber, Assert.Single(read[1].Offers).Number));

        // An ampere that counts more than it did: nobody knows.
        Assert.Equal((A with { HighestVolts = 300 }).MaxW, Assert.Single(file.Read([A with { HighestVolts = 300 }])).MayDo.At(Now));
        TestFolders.Remove(folder);
    }

    // It still draws by what it was told, and counts so again where it comes back.
    [Fact]
    public void A_station_that_is_not_read_any_more_is_kept_until_it_is_cleared()
    {
        var folder = TestFolders.Create();
        var path = Path.Combine(folder, "stations.json");
        new StationsFile(path, At).Write([Took(A), Took(B)]);
        var file = new StationsFile(path, At with { ProfileId = 2 });
        file.Read([A]);
        Assert.Equal([new LeftStation("b", At)], file.Left);
        file = new StationsFile(path, At);
        file.Write(file.Read([A]));
        Assert.Equal(6_000, new StationsFile(path, At).Read([B]).Single().MayDo.At(Now));

        // Asked to hold it no longer, it may have none.
        file.Doubt(["b"]);
        file.Write([Took(A)]);
        Assert.Equal(B.MaxW, new StationsFile(path, At).Read([B]).Single().MayDo.At(Now));
        file.Forget("b");
        file.Write([Took(A)]);
        var last = new StationsFile(path, At);
        Assert.Equal(6_000, last.Read([A]).Single().MayDo.At(Now));
        Assert.Empty(last.Left);
        TestFolders.Remove(folder);

        static StationRecord Took(ChargingStation station) => new StationRecord(station).Sent(1, PowerCurve.Constant(Now, 6_000)).Accepted(1);
    }

    // A system put in another's place, or a profile of a lower level than one that is still there.
    [Fact]
    public void What_another_system_or_another_profile_was_accepted_by_counts_for_nothing()
    {
        var folder = TestFolders.Create();
        var path = Path.Combine(folder, "stations.json");
        new StationsFile(path, At).Write([new StationRecord(A).Sent(1, PowerCurve.Constant(Now, 6_000)).Accepted(1)]);
        Assert.Equal(6_000, MayDo(At));
        Assert.All([At with { System = "http://csms/api?tenantId=2" }, At with { Version = OcppVersion.V201 }, At with { ProfileId = 2 }, At with { StackLevel = 2 }], other => Assert.Equal(A.MaxW, MayDo(other)));
        TestFolders.Remove(folder);

        long MayDo(KeptAt at) => new StationsFile(path, at).Read([A]).Single().MayDo.At(Now);
    }

    [Theory]
    [InlineData("no")]
    [InlineData("[{}]")]
    [InlineData("""[{"Station":{"Id":"a","MaxA":32,"HighestVolts":253},"HeldNumber":1,"Held":[],"Offers":[]}]""")]
    [InlineData("""[{"Station":{"Id":"a","MaxA":32,"HighestVolts":253},"HeldNumber":1,"Held":[null],"Offers":[]}]""")]
    [InlineData("""[{"Station":{"Id":"a","MaxA":32,"HighestVolts":253},"HeldNumber":1,"Held":null,"Offers":[null]}]""")]
    [InlineData("""[{"Station":{"Id":"a","MaxA":32,"HighestVolts":253},"HeldNumber":1,"Held":[{"UnixSeconds":9000000000000000,"Watts":1}],"Offers":[]}]""")]
    [InlineData("""[{"Station":{"Id":"a","MaxA":32,"HighestVolts":253},"HeldNumber":1,"Held":[{"UnixSeconds":1800000000,"Watts":-1}],"Offers":[]}]""")]
    [InlineData("""[{"Station":{"Id":"a","MaxA":32,"HighestVolts":253},"HeldNumber":-1,"Offers":[]},{"Station":{"Id":"a","MaxA":32,"HighestVolts":253},"HeldNumber":-1,"Offers":[]}]""")]
    public void A_file_that_says_nothing_is_told_and_not_taken_for_an_empty_one(string text)
    {
        var folder = TestFolders.Create();
        var path = Path.Combine(folder, "stations.json");
        File.WriteAllText(path, text);
        Assert.Contains("does not say what the stations hold", Assert.Throws<InvalidDataException>(() => new StationsFile(path, At).Read([A])).Message, StringComparison.Ordinal);
        TestFolders.Remove(folder);
    }
}
