using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse.Tests.Frames;

public sealed class C37FramesTests
{
    [Fact]
    public void Checksums_have_their_known_values()
    {
        Assert.Equal(0x29B1, Checksums.CrcCcitt("123456789"u8));
        Assert.Equal(0xCBF43926, Checksums.Crc32("123456789"u8));
    }

    [Fact]
    public void Integer_frequency_is_exact_and_voltage_is_the_lowest_phasor()
    {
        var configuration = Configuration(C37Builder.Integer);
        var frame = C37Builder.Data(C37Builder.Integer, stat: 0, deviation: -300, rocof: -250);
        Assert.Equal(FrameFault.None, C37Frames.TryReadData(frame, configuration, 0, out var sample));
        Assert.Equal(49.7, sample.Hz);
        Assert.Equal(-2.5, sample.RocofHzPerS);
        Assert.Equal(Math.Sqrt((25 * 25) + (5 * 5)) * 9.15527, sample.LowestVolts, 1e-9);
        Assert.Equal(1_800_000_000_500_000_000, sample.UnixNanos);
        Assert.Equal(SampleQuality.Good, sample.Quality);
        Assert.Equal(1, sample.ToSample(5, 2, sample.LowestVolts).VoltagePu);
        Assert.True(double.IsNaN(sample.ToSample(5, 2, 0).VoltagePu));
    }

    [Fact]
    public void Float_frequency_of_the_second_unit_is_read()
    {
        var configuration = Configuration(C37Builder.Integer, C37Builder.Float);
        Assert.Equal(2, configuration.Units.Count);
        Assert.Equal("PMU FLOAT", configuration.Units[1].Name);
        Assert.Equal(60, configuration.Units[1].NominalHz);
        var frame = C37Builder.Data([(C37Builder.Integer, 0, 0, 0), (C37Builder.Float, 0, 59.85, 0.5)]);
        Assert.Equal(FrameFault.None, C37Frames.TryReadData(frame, configuration, 1, out var sample));
        Assert.Equal((double)59.85f, sample.Hz);
        Assert.Equal(0.5, sample.RocofHzPerS);
    }

    [Theory]
    [InlineData(0x4000, SampleQuality.Invalid)]
    [InlineData(0x8000, SampleQuality.Simulated)]
    [InlineData(0xC000, SampleQuality.Invalid)]
    [InlineData(0x2000, SampleQuality.ClockUnsynchronised)]
    [InlineData(0x0200, SampleQuality.Estimated)]
    [InlineData(0x0000, SampleQuality.Good)]
    public void Status_word_becomes_quality(int stat, SampleQuality quality)
    {
        C37Frames.TryReadData(C37Builder.Data(C37Builder.Integer, (ushort)stat, 0, 0), Configuration(C37Builder.Integer), 0, out var sample);
        Assert.Equal(quality, sample.Quality);
    }

    [Fact]
    public void No_value_is_not_a_number()
    {
        C37Frames.TryReadData(C37Builder.Data(C37Builder.Integer, 0, short.MinValue, short.MinValue), Configuration(C37Builder.Integer), 0, out var sample);
        Assert.True(double.IsNaN(sample.Hz));
        Assert.True(double.IsNaN(sample.RocofHzPerS));
    }

    [Fact]
    public void Every_flipped_bit_is_found()
    {
        var frame = C37Builder.Data(C37Builder.Integer, 0, 10, 0);
        var configuration = Configuration(C37Builder.Integer);
        for (var bit = 0; bit < 8 * frame.Length; bit++)
        {
            var damaged = frame.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(FrameFault.None, C37Frames.TryReadData(damaged, configuration, 0, out _));
        }
    }

    [Fact]
    public void Data_of_another_stream_or_unit_is_refused()
    {
        var frame = C37Builder.Data(C37Builder.Integer, 0, 0, 0);
        var configuration = Configuration(C37Builder.Integer);
        Assert.Equal(FrameFault.Unconfigured, C37Frames.TryReadData(frame, configuration with { IdCode = 99 }, 0, out _));
        Assert.Equal(FrameFault.Unconfigured, C37Frames.TryReadData(frame, configuration, 1, out _));
        Assert.Equal(FrameFault.Length, C37Frames.TryReadData(frame, Configuration(C37Builder.Integer, C37Builder.Float), 0, out _));
    }

    [Fact]
    public void Command_is_a_sound_frame()
    {
        var bytes = new byte[18];
        Assert.Equal(18, C37Frames.WriteCommand(bytes, 7, C37Command.StartData, 1_800_000_000));
        Assert.Equal(FrameFault.None, C37Frames.Check(bytes, out var kind));
        Assert.Equal(C37Kind.Command, kind);
    }

    [Fact]
    public void Stream_gives_the_same_frames_however_it_is_cut()
    {
        var one = C37Builder.Data(C37Builder.Integer, 0, 10, 0);
        var two = C37Builder.Configuration([C37Builder.Integer]);
        byte[] bytes = [1, 2, 0xAA, 3, .. one, 0xAA, 0x01, 0, 20, .. two, .. one];
        Prop.ForAll(Gen.Choose(1, 40).ArrayOf().ToArbitrary(), cuts =>
        {
            var stream = new C37Stream();
            var frames = new List<byte[]>();
            var at = 0;
            foreach (var cut in cuts.Append(bytes.Length))
            {
                var rest = bytes.AsSpan(at, Math.Min(cut, bytes.Length - at));
                at += rest.Length;
                while (rest.Length > 0)
                {
                    rest = rest[stream.Add(rest)..];
                    while (stream.TryNext(out var frame))
                    {
                        frames.Add(frame.ToArray());
                    }
                }
            }

            return frames.Count == 3 && frames[0].SequenceEqual(one) && frames[1].SequenceEqual(two) && frames[2].SequenceEqual(one) && stream.Skipped == 8;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_size_that_the_configuration_rules_out_is_not_waited_for()
    {
        var stream = new C37Stream();
        stream.Expect(Configuration(C37Builder.Integer));
        var good = C37Builder.Data(C37Builder.Integer, 0, 10, 0);
        _ = stream.Add([0xAA, 0x01, 0xFF, 0xF0, .. good]);
        Assert.True(stream.TryNext(out var frame));
        Assert.True(frame.SequenceEqual(good));
        Assert.Equal(1, stream.Damaged);
    }

    [Fact]
    public void A_frame_that_never_becomes_whole_is_given_up_and_what_came_behind_it_is_found()
    {
        var stream = new C37Stream();
        var good = C37Builder.Data(C37Builder.Integer, 0, 10, 0);
        _ = stream.Add([0xAA, 0x31, 0x0F, 0xF0, .. good]);
        Assert.False(stream.TryNext(out _));
        stream.Resync();
        Assert.True(stream.TryNext(out var frame));
        Assert.True(frame.SequenceEqual(good));
    }

    [Fact]
    public void A_bad_checksum_is_counted()
    {
        var stream = new C37Stream();
        var good = C37Builder.Data(C37Builder.Integer, 0, 10, 0);
        byte[] bad = [.. good];
        bad[^1] ^= 1;
        _ = stream.Add([.. bad, .. good]);
        Assert.True(stream.TryNext(out var frame));
        Assert.True(frame.SequenceEqual(good));
        Assert.Equal(1, stream.Damaged);
    }

    [Fact]
    public void Random_and_resealed_bytes_never_throw()
    {
        byte[][] good = [C37Builder.Configuration([C37Builder.Integer, C37Builder.Float]), C37Builder.Data(C37Builder.Integer, 0, 0, 0)];
        var configuration = Configuration(C37Builder.Integer);
        Prop.ForAll(Gen.Choose(0, 1).Zip(Gen.Choose(4, 400).Zip(Gen.Choose(0, 255))).ToArbitrary(), ArbMap.Default.ArbFor<byte[]>(), (at, noise) =>
        {
            // With a new checksum behind the damage, so that the parser itself meets it.
            var frame = good[at.Item1].ToArray();
            frame[at.Item2.Item1 % (frame.Length - 2)] = (byte)at.Item2.Item2;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(frame.Length - 2), Checksums.CrcCcitt(frame.AsSpan(0, frame.Length - 2)));
            var fault = C37Frames.TryReadConfiguration(frame, out var read);
            _ = C37Frames.TryReadData(frame, configuration, 0, out _);
            _ = C37Frames.TryReadConfiguration(noise, out _);
            var stream = new C37Stream(64);
            _ = stream.Add(noise);
            while (stream.TryNext(out _))
            {
            }

            return (fault == FrameFault.None) == (read is not null);
        }).QuickCheckThrowOnFailure();
    }

    private static C37Configuration Configuration(params C37Builder.Unit[] units)
    {
        Assert.Equal(FrameFault.None, C37Frames.TryReadConfiguration(C37Builder.Configuration(units), out var configuration));
        return configuration!;
    }
}
