using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using NodaTime;

namespace GridServices.Tariffs.Tests.Meters;

/// <summary>Files of any length: read in blocks that fit together without a seam, and refused as a whole.</summary>
[Collection(GridServices.Testing.Alone.Name)]
public sealed class CsvBlocksTests
{
    private static readonly Instant Start = Instant.FromUtc(2025, 1, 1, 0, 0);
    private static readonly MeterGrid Quarters = new(900, 0);

    [Theory]
    [InlineData(StampPosition.Start)]
    [InlineData(StampPosition.End)]
    public void Blocks_hold_what_the_whole_file_does(StampPosition stamp)
    {
        var options = new IntervalOptions { Stamp = stamp };
        var file = File(100 * 96, 15, stamp);
        var whole = MeterFile.Read(file, isXml: false, options).OrThrow().Net;
        var blocks = CsvBlocks.Read(MeterFileStream(file), options, Quarters).Select(b => b.OrThrow().Net).ToArray();
        Assert.Equal([3072, 3072, 3072, 384], blocks.Select(b => b.Count));
        Assert.Equal(Enumerable.Range(0, whole.Count).Select(i => (whole.GetStart(i), whole[i])), blocks.SelectMany(b => Enumerable.Range(0, b.Count).Select(i => (b.GetStart(i), b[i]))));
    }

    [Fact]
    public void Minutes_are_averaged_without_a_seam_between_blocks()
    {
        var file = File(40 * 1440, 1, StampPosition.End);
        var records = CsvBlocks.Read(MeterFileStream(file), new IntervalOptions { Stamp = StampPosition.End }, Quarters)
            .SelectMany(b => MeterRecords.Read(b.OrThrow(), Quarters).OrThrow()[MeterChannels.Net]).ToArray();
        Assert.Equal(40 * 96, records.Select(r => r.Start).Distinct().Count());
        Assert.All(records, r => Assert.Equal(IntervalMark.Known, r.Mark));
    }

    [Fact]
    public void Months_of_minutes_are_read_within_little_memory()
    {
        using var rows = new MinuteRows(100 * 1440);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (kwh, most) = (0m, 0L);
        foreach (var block in CsvBlocks.Read(rows, new IntervalOptions(), Quarters))
        {
            var net = block.OrThrow().Net;
            kwh += Enumerable.Range(0, net.Count).Sum(i => net[i]);
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
            Assert.InRange(net.Count, 1, 32 * 1440);
        }

        Assert.Equal(100 * 1440 * 0.5m, kwh);
        Assert.InRange(most, 0, before + (200 << 20));
    }

    [Fact]
    public void Every_row_that_cannot_be_read_refuses_the_file_wherever_it_stands()
    {
        var text = Encoding.UTF8.GetString(File(100 * 96, 15, StampPosition.Start)).Split('\n');
        (text[9], text[8000]) = (text[9].Split(',')[0] + ",x", "nonsense,1");
        var outcomes = CsvBlocks.Read(MeterFileStream(Encoding.UTF8.GetBytes(string.Join('\n', text))), new IntervalOptions(), Quarters).ToArray();
        Assert.Equal(["line 10, column 2 (kWh)", "line 8001, column 1 (time)"], Assert.Single(outcomes).Refusals.Select(r => r.Path));
    }

    [Fact]
    public void Rows_of_an_earlier_month_are_refused_and_a_register_is_not_cut()
    {
        var text = Encoding.UTF8.GetString(File(100 * 96, 15, StampPosition.Start)) + "2025-01-02T00:07:00Z,1\n";
        Assert.Equal(ErrorClass.DataUnordered, CsvBlocks.Read(MeterFileStream(Encoding.UTF8.GetBytes(text)), new IntervalOptions(), Quarters).Last().Refusals[0].Class);
        Assert.Equal(ErrorClass.LimitSize, Assert.Single(CsvBlocks.Read(MeterFileStream(File(10, 15, StampPosition.Start)), new IntervalOptions { IsRegister = true }, Quarters)).Refusals[0].Class);
        Assert.False(Assert.Single(CsvBlocks.Read(MeterFileStream("time,kWh\n"u8.ToArray()), new IntervalOptions(), Quarters)).Ok);
    }

    [Fact]
    public void A_gap_between_blocks_is_refused_where_gaps_are()
    {
        var text = Encoding.UTF8.GetString(File(96, 15, StampPosition.Start)) + string.Concat(Enumerable.Range(0, 96).Select(i => $"{Start + Duration.FromDays(64) + Duration.FromMinutes(15 * i)},1\n"));
        Assert.Equal([true, true], CsvBlocks.Read(MeterFileStream(Encoding.UTF8.GetBytes(text)), new IntervalOptions(), Quarters).Select(b => b.Ok));
        Assert.Equal(ErrorClass.DataGap, CsvBlocks.Read(MeterFileStream(Encoding.UTF8.GetBytes(text)), new IntervalOptions { Gaps = GapPolicy.Refuse }, Quarters).Last().Refusals[0].Class);
    }

    [Fact]
    public void A_block_of_missing_rows_alone_is_a_gap_of_the_file()
    {
        var file = Encoding.UTF8.GetBytes("time,kWh,q\n" + string.Concat(Enumerable.Range(0, 100 * 96).Select(i => $"{Start + Duration.FromMinutes(15 * i)},{(i % 7) + 1},{(i / 3072 == 1 ? "G" : "A")}\n")));
        var options = new IntervalOptions { QualityColumn = "q", MeasuredCodes = ["A"], MissingCodes = ["G"] };
        var blocks = CsvBlocks.Read(MeterFileStream(file), options, Quarters).ToArray();
        Assert.All(blocks, b => Assert.Empty(b.Refusals));
        Assert.Equal([3072, null, 3072, 384], blocks.Select(b => b.Value?.Net.Count));
        Assert.Equal(ErrorClass.DataGap, Assert.Single(blocks[1].Warnings).Class);
        Assert.Equal(MeterFile.Read(file, isXml: false, options).OrThrow().Net.Missing, [new IndexRange(3072, 3072)]);
        Assert.False(CsvBlocks.Read(MeterFileStream(file), options with { Gaps = GapPolicy.Refuse }, Quarters).Last().Ok);
    }

    [Fact]
    public void A_load_that_only_rises_in_one_block_is_no_register_where_it_fell_before()
    {
        string Rows(Func<int, decimal> kwh) => "time,kWh\n" + string.Concat(Enumerable.Range(0, 60 * 96).Select(i => $"{Start + Duration.FromMinutes(15 * i)},{kwh(i)}\n"));
        var rising = Encoding.UTF8.GetBytes(Rows(i => i < 3072 ? (i % 7) + 1 : i));
        Assert.True(MeterFile.Read(rising, isXml: false, new IntervalOptions()).Ok);
        Assert.All(CsvBlocks.Read(MeterFileStream(rising), new IntervalOptions(), Quarters), b => Assert.True(b.Ok));
        Assert.Equal(ErrorClass.Plausibility, CsvBlocks.Read(MeterFileStream(Encoding.UTF8.GetBytes(Rows(i => i))), new IntervalOptions(), Quarters).Last().Refusals[0].Class);
    }

    private static MemoryStream MeterFileStream(byte[] file) => new(file, writable: false);

    private static byte[] File(int count, int minutes, StampPosition stamp) => Encoding.UTF8.GetBytes("time,kWh\n" + string.Concat(
        Enumerable.Range(0, count).Select(i => $"{Start + Duration.FromMinutes(minutes * (i + (stamp == StampPosition.End ? 1 : 0)))},{(i % 7) + 1}\n")));

    /// <summary>Rows of minutes that are written as they are read.</summary>
    private sealed class MinuteRows(int count) : Stream
    {
        private byte[] line = "time,kWh\n"u8.ToArray();
        private int at;
        private int next;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int length)
        {
            if (at == line.Length)
            {
                if (next == count)
                {
                    return 0;
                }

                (line, at) = (Encoding.UTF8.GetBytes($"{Start + Duration.FromMinutes(next++)},0.5\n"), 0);
            }

            var read = Math.Min(length, line.Length - at);
            Array.Copy(line, at, buffer, offset, read);
            at += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
