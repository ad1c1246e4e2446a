using System.Text;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>How the members of each record lie in it; docs/frequency.md shows the table.</summary>
internal static class EvidenceBodies
{
    public const uint Magic = 0x56455347; // "GSEV" as it lies in the file
    public const ushort Version = 1;
    public const int HashSize = 32;

    /// <summary>Bytes of the instructions in the conditions.</summary>
    public const int OrdersSize = 1 + (InstructedOrders.MaxServices * 6 * 8);

    /// <summary>Bytes of one service in a decision, and of the rest of a turn.</summary>
    public const int ServiceSize = (4 * 8) + 2 + 2 + 1;
    public const int TurnSize = 8 + 8 + 1 + (4 * 8) + 8 + 2 + (7 * 8) + 4 + 2 + 1 + 8 + 8 + 1;

    public static void Head(ref LittleEndianWriter writer, SegmentHead head)
    {
        writer.UInt32(Magic);
        writer.UInt16(Version);
        writer.UInt16((ushort)head.Services);
        writer.Int64((long)head.Segment);
        writer.Int64(head.StartedUnixNanos);
        writer.Int64(head.StartedNanos);
        writer.Bytes(Convert.FromHexString(head.PreviousHash));
        writer.Bytes(head.Build.ToByteArray(bigEndian: true));
        writer.Bytes(Encoding.UTF8.GetBytes(head.Pool));
    }

    public static SegmentHead? Head(ReadOnlySpan<byte> body)
    {
        var reader = new LittleEndianReader(body);
        if (reader.UInt32() != Magic || reader.UInt16() != Version)
        {
            return null;
        }

        var services = reader.UInt16();
        var segment = reader.Int64();
        var (unix, nanos) = (reader.Int64(), reader.Int64());
        var previous = reader.Bytes(HashSize);
        var build = reader.Bytes(16);
        var pool = reader.Rest();
        return reader.Overrun || services > ControllerConfig.MaxServices || segment < 0 || pool.Length > 128
            ? null
            : new SegmentHead(Encoding.UTF8.GetString(pool), (ulong)segment, unix, nanos, services, Convert.ToHexStringLower(previous), new Guid(build, bigEndian: true));
    }

    public static void Conditions(ref LittleEndianWriter writer, in SiteConditions site)
    {
        writer.Double(site.BaselineW);
        writer.Double(site.FloorW);
        writer.Double(site.CeilingW);
        writer.Double(site.RaiseHeadroomW);
        writer.Double(site.LowerHeadroomW);
        writer.Double(site.EnergyWh);
        writer.Int64(site.EnergyAtNanos);
        writer.Double(site.SignalPu);
        writer.Int64(site.SignalAtNanos);
        writer.Byte(site.Recalled ? (byte)1 : (byte)0);
        writer.Int64(site.Lease.Token);
        writer.Int64(site.Lease.UntilNanos);
        writer.Double(site.Measured.PowerW);
        writer.Int64(site.Measured.AtNanos);
        writer.Byte((byte)site.Measured.Source);
        var orders = site.Orders;
        writer.Byte(InstructedOrders.MaxServices);
        for (var i = 0; i < InstructedOrders.MaxServices; i++)
        {
            Order(ref writer, in orders[i]);
        }
    }

    private static void Order(ref LittleEndianWriter writer, in InstructedOrder order)
    {
        writer.Int64(order.StartUnix);
        writer.Int64(order.AnchorUnix);
        writer.Int64(order.EndUnix);
        writer.Double(order.AnchorW);
        writer.Double(order.TargetW);
        writer.Double(order.RampWPerS);
    }

    public static bool TryConditions(ReadOnlySpan<byte> body, out SiteConditions site)
    {
        var reader = new LittleEndianReader(body);
        site = new SiteConditions
        {
            BaselineW = reader.Double(),
            FloorW = reader.Double(),
            CeilingW = reader.Double(),
            RaiseHeadroomW = reader.Double(),
            LowerHeadroomW = reader.Double(),
            EnergyWh = reader.Double(),
            EnergyAtNanos = reader.Int64(),
            SignalPu = reader.Double(),
            SignalAtNanos = reader.Int64(),
            Recalled = reader.Byte() == 1,
            Lease = new WriterLease(reader.Int64(), reader.Int64()),
        };
        if (reader.Done)
        {
            // Written before metered power was recorded.
            return true;
        }

        site = site with { Measured = new MeasuredPower(reader.Double(), reader.Int64(), (MeterSource)reader.Byte()) };
        return reader.Done || TryOrders(ref reader, ref site);
    }

    /// <summary>Absent in what was written before there were instructions.</summary>
    private static bool TryOrders(ref LittleEndianReader reader, ref SiteConditions site)
    {
        if (reader.Byte() != InstructedOrders.MaxServices)
        {
            return false;
        }

        var orders = default(InstructedOrders);
        for (var i = 0; i < InstructedOrders.MaxServices; i++)
        {
            orders[i] = new InstructedOrder
            {
                StartUnix = reader.Int64(),
                AnchorUnix = reader.Int64(),
                EndUnix = reader.Int64(),
                AnchorW = reader.Double(),
                TargetW = reader.Double(),
                RampWPerS = reader.Double(),
            };
        }

        site = site with { Orders = orders };
        return reader.Done;
    }

    public static void WriteMoment(ref LittleEndianWriter writer, in FrequencySample? sample, long nowNanos, long wallUnixNanos)
    {
        writer.Int64(nowNanos);
        writer.Int64(wallUnixNanos);
        writer.Byte(sample.HasValue ? (byte)1 : (byte)0);
        var taken = sample.GetValueOrDefault();
        writer.Double(taken.Hz);
        writer.Double(taken.RocofHzPerS);
        writer.Double(taken.VoltagePu);
        writer.Int64(taken.ReceivedNanos);
        writer.Int64(taken.SourceUnixNanos);
        writer.Byte((byte)taken.Quality);
        writer.Byte(taken.Source);
    }

    public static (FrequencySample? Sample, long NowNanos, long WallUnixNanos) ReadMoment(ref LittleEndianReader reader)
    {
        var (now, wall, present) = (reader.Int64(), reader.Int64(), reader.Byte() == 1);
        var sample = new FrequencySample(
            reader.Double(), reader.Double(), reader.Double(), reader.Int64(), reader.Int64(), (SampleQuality)reader.Byte(), reader.Byte());
        return (present ? sample : null, now, wall);
    }

    public static void Decision(ref LittleEndianWriter writer, in ControllerOutput output, int services)
    {
        writer.Double(output.PowerW);
        writer.Double(output.BaselineW);
        writer.Double(output.WantedW);
        writer.Double(output.ResponseW);
        writer.Double(output.ShortfallW);
        writer.Double(output.EnergyWh);
        writer.Double(output.FrequencyHz);
        writer.UInt32((uint)output.Reasons);
        writer.UInt16((ushort)output.SampleFaults);
        writer.Byte(output.Dispatch ? (byte)1 : (byte)0);
        writer.Int64(output.LeaseToken);
        writer.Int64(output.NextDueNanos);
        writer.Byte((byte)services);
        var all = output.Services;
        for (var i = 0; i < services; i++)
        {
            Service(ref writer, in all[i]);
        }
    }

    public static ServiceOutput[] Services(ref LittleEndianReader reader)
    {
        var services = new ServiceOutput[Math.Min(reader.Byte(), (byte)ControllerConfig.MaxServices)];
        for (var i = 0; i < services.Length; i++)
        {
            services[i] = new ServiceOutput(
                reader.Double(), reader.Double(), reader.Double(), reader.Double(), (ServicePhase)reader.Byte(), (FailSafeRung)reader.Byte(),
                (SampleFault)reader.UInt16(), reader.Byte() == 1);
        }

        return services;
    }

    private static void Service(ref LittleEndianWriter writer, in ServiceOutput service)
    {
        writer.Double(service.TargetPu);
        writer.Double(service.Pu);
        writer.Double(service.ResponseW);
        writer.Double(service.FrequencyHz);
        writer.Byte((byte)service.Phase);
        writer.Byte((byte)service.Rung);
        writer.UInt16((ushort)service.Faults);
        writer.Byte(service.Procured ? (byte)1 : (byte)0);
    }
}
