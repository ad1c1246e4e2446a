using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Service.Storage;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Storage;

/// <summary>What of a client's state is written when a message changes it.</summary>
public sealed class StatePartsTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public void A_message_about_one_EndDevice_writes_that_one_however_many_there_are()
    {
        var fleet = CreateState(1_000);
        Assert.Equal(2_000, StateParts.Between(null, fleet).Written.Count);
        var lfdi = fleet.Devices.Keys.First();
        var after = fleet with
        {
            Devices = fleet.Devices.SetItem(lfdi, fleet.Devices[lfdi] with { NextChange = Now }),
            Line = fleet.Line with { Requests = 8, HeardAt = Now },
        };
        var (written, gone) = StateParts.Between(fleet, after);
        Assert.Equal($"device {lfdi}", Assert.Single(written).Part);
        Assert.Empty(gone);
        Assert.InRange(DerClientStateJson.Write(StateParts.WithoutParts(after)).Length, 1, 2_000);
    }

    [Fact]
    public void Its_parts_make_the_state_again_and_what_is_gone_stays_gone()
    {
        var fleet = CreateState(5);
        var disk = StateParts.Between(null, fleet).Written.ToDictionary(p => p.Part, p => p, StringComparer.Ordinal);
        var fewer = fleet with { Devices = fleet.Devices.Remove(fleet.Devices.Keys.Last()), Nodes = fleet.Nodes.Remove(fleet.Nodes.Keys.First()), Line = new DerLine { Requests = 7, LostSince = Now, LostBy = "x" } };
        var (written, gone) = StateParts.Between(fleet, fewer);
        Assert.Empty(written);
        gone.ForEach(part => Assert.True(disk.Remove(part)));
        Assert.Equal(8, disk.Count);
        var rest = DerClientStateJson.Read(DerClientStateJson.Write(StateParts.WithoutParts(fewer)));
        Assert.Equal(fewer, StateParts.Join(rest, disk.Values));
    }

    private static DerClientState CreateState(int devices)
    {
        var state = DerClientState.Initial;
        for (var i = 0; i < devices; i++)
        {
            var device = new DeviceState($"{i:D40}", $"site-{i}") { Schedule = DerScheduleState.Initial with { Programs = [new HeldProgram { Key = "A1", Primacy = 1 }] } };
            var node = new Node(NodeKind.AssignmentsList, $"/edev/{i}/fsa") { Known = new FunctionSetAssignmentsList { Href = $"/edev/{i}/fsa", Items = [] }, Rate = Duration.FromSeconds(300) };
            state = state with { Devices = state.Devices.Add(device.Lfdi, device), Nodes = state.Nodes.Add(node.Key, node) };
        }

        return state;
    }
}
