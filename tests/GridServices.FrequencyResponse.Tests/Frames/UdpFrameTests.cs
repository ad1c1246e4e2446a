using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse.Tests.Frames;

public sealed class UdpFrameTests
{
    private static readonly UdpSampleFrame Sample = new(7, 42, 49.7, -0.125f, 0.98f, 1_800_000_000_123_456_789, SampleQuality.Estimated);

    [Theory]
    [InlineData(true, "47534631")]
    [InlineData(false, "31465347")]
    public void Sample_survives_both_byte_orders(bool bigEndian, string magic)
    {
        var bytes = new byte[UdpSampleFrame.Size];
        Assert.Equal(44, Sample.Write(bytes, bigEndian));
        Assert.Equal(magic, Convert.ToHexString(bytes.AsSpan(0, 4)));
        Assert.Equal(FrameFault.None, UdpSampleFrame.TryRead(bytes, out var read));
        Assert.Equal(Sample, read);
        Assert.Equal(new FrequencySample(49.7, -0.125f, 0.98f, 99, 1_800_000_000_123_456_789, SampleQuality.Estimated, 3), read.ToSample(99, 3));
    }

    [Fact]
    public void Layout_is_as_documented()
    {
        var bytes = new byte[UdpSampleFrame.Size];
        new UdpSampleFrame(1, 2, 50, float.NaN, float.NaN, 3, SampleQuality.Good).Write(bytes, bigEndian: true);
        Assert.Equal("475346310100000100000002000000000000000000000003" + "4049000000000000" + "FFC00000FFC00000", Convert.ToHexString(bytes.AsSpan(0, 40)));
    }

    [Fact]
    public void Every_flipped_bit_is_found()
    {
        var bytes = new byte[UdpSampleFrame.Size];
        Sample.Write(bytes);
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var damaged = bytes.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(FrameFault.None, UdpSampleFrame.TryRead(damaged, out _));
        }
    }

    [Fact]
    public void Length_version_and_unknown_marks_are_faults()
    {
        var bytes = new byte[UdpSampleFrame.Size + 1];
        Sample.Write(bytes);
        Assert.Equal(FrameFault.Length, UdpSampleFrame.TryRead(bytes, out _));
        Assert.Equal(FrameFault.Short, UdpSampleFrame.TryRead(bytes.AsSpan(0, 43), out _));
        (Sample with { Quality = (SampleQuality)0x80 }).Write(bytes);
        Assert.Equal(FrameFault.Content, UdpSampleFrame.TryRead(bytes.AsSpan(0, 44), out _));
        bytes[4] = 2;
        Assert.Equal(FrameFault.Version, UdpSampleFrame.TryRead(bytes.AsSpan(0, 44), out _));
    }

    [Fact]
    public void Reading_a_sample_allocates_nothing()
    {
        var bytes = new byte[UdpSampleFrame.Size];
        Sample.Write(bytes);
        UdpSampleFrame.TryRead(bytes, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = 0.0;
        for (var i = 0; i < 1000; i++)
        {
            Sample.Write(bytes);
            UdpSampleFrame.TryRead(bytes, out var frame);
            sum += frame.Hz;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(49_700, sum, 1e-6);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Set_points_survive(bool bigEndian)
    {
        var bytes = new byte[UdpSetpointFrame.MaxSize];
        var head = new UdpSetpointFrame(9, SetpointMarks.Responding, 2000, 17, 1_800_000_000_000_000_000, 3);
        var length = head.Write(bytes, [1, 2, 70_000], [-11_000, 0, int.MaxValue], bigEndian);
        Assert.Equal(FrameFault.None, UdpSetpointFrame.TryRead(bytes.AsSpan(0, length), out var read));
        Assert.Equal(head, read);
        Assert.True(UdpSetpointFrame.TrySetpoint(bytes.AsSpan(0, length), 1, out var watts));
        Assert.Equal(-11_000, watts);
        Assert.True(UdpSetpointFrame.TrySetpoint(bytes.AsSpan(0, length), 70_000, out watts));
        Assert.Equal(int.MaxValue, watts);
        Assert.False(UdpSetpointFrame.TrySetpoint(bytes.AsSpan(0, length), 3, out _));
        Assert.Equal(FrameFault.Length, UdpSetpointFrame.TryRead(bytes.AsSpan(0, length - 8), out _));
    }

    [Fact]
    public void Full_frame_fits_an_Ethernet_payload() => Assert.True(UdpSetpointFrame.MaxSize <= 1472);

    [Fact]
    public void Random_bytes_never_throw() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Gen.Choose(0, 3).ToArbitrary(), (bytes, kind) =>
    {
        // Half of the cases begin like a frame, so that the checks behind the magic are reached too.
        byte[] head = kind switch { 0 => [0x47, 0x53, 0x46, 0x31, 1], 1 => [0x31, 0x50, 0x53, 0x47, 1], _ => [] };
        byte[] all = [.. head, .. bytes];
        _ = UdpSampleFrame.TryRead(all, out _);
        _ = UdpSetpointFrame.TryRead(all, out _);
        return !UdpSetpointFrame.TrySetpoint(all, 1, out _);
    }).QuickCheckThrowOnFailure();
}
