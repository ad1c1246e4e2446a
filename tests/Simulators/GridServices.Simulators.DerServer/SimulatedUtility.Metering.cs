using System.Xml.Linq;
using GridServices.Simulators.DerServer.Incoming;
using GridServices.Simulators.DerServer.Model;

namespace GridServices.Simulators.DerServer;

/// <summary>Mirror usage points and their readings.</summary>
public sealed partial class SimulatedUtility
{
    private const int KeptReadings = 100_000;

    private SimReply CreateMup(SimRequest request)
    {
        var posted = Posted.Read(request, xml, "MirrorUsagePoint");
        var (mRid, device) = (posted.MRid(), posted.Text("deviceLFDI"));
        posted.Number("serviceCategoryKind");
        posted.Number("status");
        var role = Posted.Hex(posted.Text("roleFlags"), "roleFlags");
        if (!devices.Exists(d => d.Is(device) && MaySee(request, d)))
        {
            throw new ProblemException(400, $"deviceLFDI {device} is not a device of this client");
        }

        var mup = mups.Find(m => string.Equals(m.MRid, mRid, StringComparison.OrdinalIgnoreCase));
        var isNew = mup is null;
        if (mup is null)
        {
            mup = new SimMup { Number = mups.Count + 1, MRid = mRid, DeviceLFdi = device, Owner = request.LFdi, RoleFlags = (ushort)role, Xml = posted.Root };
            mups.Add(mup);
            log.Write($"Mirror usage point {mup.Number} for {device} with role {role:X2}");
        }

        mup.Xml = posted.Root;
        TakeMeterReadings(mup, posted.Root.Elements().Where(e => e.Name.LocalName is "MirrorMeterReading"));
        return isNew ? Created($"/mup/{mup.Number}") : new SimReply(204) { Location = $"/mup/{mup.Number}" };
    }

    private SimReply TakeReadings(SimRequest request, SimMup mup)
    {
        var posted = Posted.Read(request, xml, "MirrorMeterReading", "MirrorMeterReadingList");
        TakeMeterReadings(mup, posted.Name is "MirrorMeterReading" ? [posted.Root] : posted.Root.Elements());
        return Created($"/mup/{mup.Number}/mr");
    }

    private void TakeMeterReadings(SimMup mup, IEnumerable<XElement> meterReadings)
    {
        foreach (var m in meterReadings)
        {
            var mRid = Posted.MRid(m);
            if (Child(m, "ReadingType") is { } type)
            {
                mup.Types[mRid] = type;
            }
            else if (!mup.Types.ContainsKey(mRid))
            {
                throw new ProblemException(400, $"meter reading {mRid} was never described by a ReadingType");
            }

            foreach (var set in m.Elements().Where(e => e.Name.LocalName is "MirrorReadingSet"))
            {
                var period = Child(set, "timePeriod") ?? throw new ProblemException(400, "MirrorReadingSet lacks timePeriod");
                foreach (var reading in set.Elements().Where(e => e.Name.LocalName is "Reading"))
                {
                    Take(mup, mRid, reading, Child(reading, "timePeriod") ?? period);
                }
            }

            if (Child(m, "Reading") is { } single)
            {
                Take(mup, mRid, single, Child(single, "timePeriod"));
            }
        }
    }

    private void Take(SimMup mup, string mRid, XElement reading, XElement? period)
    {
        var type = mup.Types[mRid];
        var uom = Posted.TextOrNull(type, "uom") is null ? (int?)null : (int)Math.Clamp(Posted.Number(type, "uom"), 0, byte.MaxValue);
        var power = Posted.TextOrNull(type, "powerOfTenMultiplier") is null ? 0 : Posted.Number(type, "powerOfTenMultiplier");
        var value = Posted.Scaled(Posted.Number(reading, "value"), power);

        readings.Add(new SimReading(
            Now, mup.Number, mup.RoleFlags, mRid, uom, value, period is null ? null : Posted.Number(period, "start"), period is null ? null : Posted.Number(period, "duration")));
        if (readings.Count > KeptReadings)
        {
            readings.RemoveRange(0, KeptReadings / 10);
        }
    }

    private static XElement? Child(XElement e, string name) => e.Elements().FirstOrDefault(c => c.Name.LocalName == name);
}
