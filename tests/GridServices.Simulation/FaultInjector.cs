using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Simulation.Kernel;
using NodaTime;

namespace GridServices.Simulation;

/// <summary>Faults that no step of anybody brings about: clocks that are set, engines that are moved, stores that are put back, publications that are no honest ones.</summary>
internal sealed class FaultInjector(World world)
{
    private static readonly Duration Every = Duration.FromSeconds(10);
    private static readonly Duration CopyEvery = Duration.FromSeconds(80);

    public void Begin()
    {
        world.After(Every, Look);
        world.After(CopyEvery, Copy);
    }

    private void Copy()
    {
        world.Hub.Disk.Copy();
        world.Publishers.Disk.Copy();
        world.After(CopyEvery, Copy);
    }

    private void Look()
    {
        world.After(Every, Look);
        if (!world.IsStorm)
        {
            return;
        }

        var faults = world.Faults;
        foreach (var node in new Node[] { world.Hub, world.Controller, world.Publishers.Nodes[0], world.Publishers.Nodes[1] })
        {
            if (world.Strikes(faults.ClockStep / 6))
            {
                node.SetClock(world.Chance.Between(-Faults.ClockError, Faults.ClockError));
            }
        }

        foreach (var node in new Node[] { world.Hub, world.Vtn, world.Controller, world.Publishers.Active })
        {
            if (world.Strikes(faults.Partition / 6))
            {
                world.Network.Cut(node, world.Chance.Seconds(10, 90));
            }
        }

        if (world.Strikes(faults.Takeover / 6))
        {
            world.Publishers.MoveTo(world.Publishers.Other(world.Publishers.Active));
        }

        if (world.Strikes(faults.ServiceRestored / 6))
        {
            world.Publishers.Restore();
        }

        if (world.Strikes(faults.HubRestored / 6))
        {
            RestoreHub();
        }

        for (var i = 0; i < 3 && world.Hub.IsUp; i++)
        {
            if (world.Strikes(faults.Intruder))
            {
                world.Hub.Guarded(Intrude);
            }
        }
    }

    private void RestoreHub()
    {
        world.Hub.Die("its store is put back");
        if (world.Hub.Disk.Restore(withMarker: world.Chance.Happens(0.5)))
        {
            world.Log("hub", $"an older copy of its store is put back, at sequence {world.Hub.Disk.Data.Sequence}");
            world.Checks.HubRestored();
            world.Checks.History.Restored();
        }
    }

    // What the hub holds, again with other content or lower, or nothing that can be read.
    private void Intrude()
    {
        var entries = world.Hub.View.Set.Entries.ToList();
        if (entries.Count == 0 || world.Chance.Happens(0.3))
        {
            world.Hub.Publish(world.Chance.Pick<byte[]>(["[]"u8.ToArray(), "{"u8.ToArray(), "[{\"specversion\":\"1.0\"}]"u8.ToArray()]));
            return;
        }

        var stored = JsonNode.Parse(world.Chance.Pick(entries).Event.Span)!.AsObject();
        stored.Remove("epoch");
        stored.Remove("sequence");
        stored["source"] = "/intruder";
        stored["id"] = $"intruder-{world.Chance.Draw():x}";
        var data = stored["data"]!.AsObject();
        if (world.Chance.Happens(0.5))
        {
            data["provenance"] = new JsonObject { ["protocol"] = "none", ["authority"] = "intruder" };
        }
        else
        {
            data["revision"] = Math.Max(1, data["revision"]!.GetValue<long>() - 1);
        }

        world.Hub.Publish(JsonSerializer.SerializeToUtf8Bytes(stored, ContractJson.Options));
    }
}
