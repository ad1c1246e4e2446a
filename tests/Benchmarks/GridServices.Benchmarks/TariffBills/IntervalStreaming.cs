using System.Diagnostics;
using System.Globalization;
using System.Text;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using NodaTime;

namespace GridServices.Benchmarks.TariffBills;

/// <summary>Years of one-minute data read as the service reads a long CSV file, block by block: seconds, rows per second, and the most memory at any time (asked: 200 MB).</summary>
internal static class IntervalStreaming
{
    private const int PerYear = 365 * 1440;

    public static Task<int> RunAsync(string[] args)
    {
        var most = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var count) ? count : 10;
        foreach (var years in new[] { 1, most }.Distinct())
        {
            using var rows = new MinuteRows(years * PerYear);
            var grid = MeterGrid.Create(DateTimeZone.Utc, Duration.FromMinutes(15));
            var (watch, records, peak) = (Stopwatch.StartNew(), 0L, 0L);
            foreach (var block in CsvBlocks.Read(rows, new IntervalOptions { MostRows = 1_200_000 }, grid))
            {
                records += MeterRecords.Read(block.OrThrow(), grid).OrThrow()[MeterChannels.Net].Length;
                peak = Math.Max(peak, Environment.WorkingSet);
            }

            var seconds = watch.Elapsed.TotalSeconds;
            Console.WriteLine($"{years,3} years of minutes, {rows.Written >> 20,4} MiB: {seconds,6:F1} s, {years * PerYear / seconds / 1_000,6:F0} thousand rows/s, {records} quarter-hours, at most {peak >> 20} MB resident");
        }

        return Task.FromResult(0);
    }

    /// <summary>Rows of minutes that are written as they are read.</summary>
    private sealed class MinuteRows(int count) : Stream
    {
        private static readonly Instant Start = Instant.FromUtc(2015, 1, 1, 0, 0);
        private byte[] line = "time,kWh\n"u8.ToArray();
        private int at;
        private int next;

        public long Written { get; private set; }

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

                (line, at) = (Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Start + Duration.FromMinutes(next)},0.{next++ % 97}\n")), 0);
            }

            var read = Math.Min(length, line.Length - at);
            Array.Copy(line, at, buffer, offset, read);
            (at, Written) = (at + read, Written + read);
            return read;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
