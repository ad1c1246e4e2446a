using System.IO.Compression;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Hostile;

/// <summary>Each stream of the hostile collection ends as its index says. The clock is the collection's: 2027-01-15T18:00:00Z at the first line.</summary>
public sealed class HostileStreamTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);

    public static TheoryData<string> Ids()
    {
        var data = new TheoryData<string>();
        for (var i = 1; i <= 19; i++)
        {
            data.Add($"FQ-{i:000}");
        }

        return data;
    }

    [Fact]
    public void EveryStreamOfTheIndexIsTested()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("hostile/index.json")));
        var ids = index.RootElement.EnumerateArray()
            .Where(c => string.Equals(c.GetProperty("category").GetString(), "frequency", StringComparison.Ordinal))
            .Select(c => c.GetProperty("id").GetString()!);
        Assert.Equal(Ids().Select(row => row.Data), ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void EndsAsItsIndexSays(string id)
    {
        var run = Play(id);
        switch (Expected(id))
        {
            case ("accept", "ACCEPT"):
                Assert.Empty(run.Refused);
                Assert.Equal(FailSafeRung.Valid, run.Rig.Service.Rung);
                break;
            case ("accept", "RESPOND"):
                Assert.Empty(run.Refused);
                Assert.Equal(2e6, run.Rig.Out.PowerW);
                break;
            case ("accept", "BACKPRESSURE"):
                // One stamp for all: the first is taken, the others are the same sample again and don't make it any younger.
                Assert.All(run.Refused, f => Assert.Equal(ErrorClass.QualityOrder, f));
                Assert.Equal(4999, run.Rig.State.GetCount(SampleFault.Duplicate));
                run.Rig.Take(50, stamped: true);
                Assert.Equal(FailSafeRung.Valid, run.Rig.Service.Rung);
                break;
            case ("accept", "RATE_LIMIT"):
                Assert.Empty(run.Refused);
                Assert.True(run.Dispatched <= 61, $"{run.Dispatched} set-points in a minute; at most one per refresh is documented");
                break;
            case ("drop-sample", var name):
                Assert.Contains(run.Refused, f => Allowed(id, name, f));
                Assert.All(run.Refused, f => Assert.True(Allowed(id, name, f) || f == ErrorClass.Malformed || f == ErrorClass.SchemaInvalid, $"{f}"));
                Assert.True(run.LargestPu <= 0.11, $"{run.LargestPu} pu on a frequency that was never below 49.98 Hz");
                break;
            case ("fallback", var name):
                run.Rig.Wait(10);
                Assert.Contains(run.Refused, f => Allowed(id, name, f));
                Assert.Equal(0, run.Rig.Out.PowerW);
                Assert.NotEqual(FailSafeRung.Valid, run.Rig.Service.Rung);
                Assert.True(run.LargestPu <= 0.14, $"{run.LargestPu} pu");
                Assert.True(run.Rig.Out.Reasons.HasFlag(ControlReasons.MeasurementLost));
                break;
            case var other:
                Assert.Fail($"nothing tests {other}");
                break;
        }
    }

    [Fact]
    public void ARealEventIsAnsweredWithinOneSampleAndExactly()
    {
        var curve = ServiceCatalog.BuiltIn.Find("CE-FCR")!.Curve!;
        var (answered, due) = (0, 0);
        Play("FQ-002", (rig, hz) =>
        {
            Assert.Equal(curve.Evaluate(hz), rig.Service.Pu, 12);
            due += hz < 49.98 ? 1 : 0;
            answered += hz < 49.98 && rig.Out.Dispatch ? 1 : 0;
            Assert.True(due == 0 || answered > 0, "not dispatched with the first sample beyond the threshold");
        });
        Assert.True(due > 100);
    }

    [Fact]
    public void ASpikeNeverBecomesPower()
    {
        Play("FQ-007", (rig, hz) => Assert.True(hz > 47.5 || rig.Out.PowerW < 0.11e6, $"{rig.Out.PowerW} W at a spike of {hz} Hz"));
    }

    private static Run Play(string id, Action<ControllerRig, double>? after = null)
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("CE-FCR"), ControllerRig.Contract("GB-DCL"));
        var run = new Run(new ControllerRig(settings with { Sources = Sources(id) }));
        run.Rig.WallAhead = Start - NodaConstants.UnixEpoch - Duration.FromNanoseconds(run.Rig.Now);
        var step = id is "FQ-016" ? 1.0 / 20_000 : id is "FQ-015" ? 0.05 : 0.1;
        foreach (var line in Lines(id))
        {
            var read = SampleLine.Read(line, out var fault);
            run.Take(read, fault?.Class);
            if (read is not null)
            {
                after?.Invoke(run.Rig, read.Hz);
            }

            run.Rig.Advance(step);
        }

        if (Expected(id).Class is "QUALITY_STALE")
        {
            run.Rig.Wait(5);
            run.Refused.AddRange(run.Rig.Service.Faults.Class() is { } standing ? [standing] : []);
        }

        run.Refused.AddRange((run.Rig.Service.Faults & SampleFault.Disagree).Class() is { } split ? [split] : []);
        return run;
    }

    private static Wire.ValueList<SourceConfig> Sources(string id) =>
        id is "FQ-015" ? [ControllerRig.Meter(), ControllerRig.Meter() with { Name = "pmu-2" }] : [ControllerRig.Meter()];

    private static bool Allowed(string id, string name, ErrorClass fault) =>
        string.Equals(ErrorClassName(fault), name, StringComparison.Ordinal) || (id is "FQ-009" && fault == ErrorClass.Malformed);

    private static string ErrorClassName(ErrorClass fault) =>
        JsonNamingPolicy.SnakeCaseUpper.ConvertName(fault.ToString());

    private static (string How, string Class) Expected(string id)
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(TestData.Path("hostile/index.json")));
        var entry = index.RootElement.EnumerateArray().First(c => string.Equals(c.GetProperty("id").GetString(), id, StringComparison.Ordinal));
        return (entry.GetProperty("expected").GetString()!, entry.GetProperty("error_class").GetString()!);
    }

    private static IEnumerable<byte[]> Lines(string id)
    {
        var packed = id is "FQ-016";
        using Stream file = File.OpenRead(TestData.Path($"hostile/frequency/{id}-a.jsonl{(packed ? ".gz" : "")}"));
        using var memory = new MemoryStream();
        using (var text = packed ? new GZipStream(file, CompressionMode.Decompress) : file)
        {
            text.CopyTo(memory);
        }

        var all = memory.ToArray();
        for (var at = 0; at < all.Length;)
        {
            var end = Array.IndexOf(all, (byte)'\n', at);
            end = end < 0 ? all.Length : end;
            yield return all[at..end];
            at = end + 1;
        }
    }

    private sealed class Run(ControllerRig rig)
    {
        public ControllerRig Rig { get; } = rig;

        public List<ErrorClass> Refused { get; } = [];

        public double LargestPu { get; private set; }

        public int Dispatched { get; private set; }

        public void Take(SampleLine? line, ErrorClass? fault)
        {
            if (line is null)
            {
                Refused.Add(fault!.Value);
                Rig.Tick();
            }
            else
            {
                var source = (byte)(line.Source switch { "pmu-1" => 0, "pmu-2" => 1, _ => 255 });
                Rig.Step(new FrequencySample(line.Hz, line.RocofHzPerS, line.VoltagePu, Rig.Now, line.SourceUnixNanos, SampleQuality.Good, source));
                Refused.AddRange(Rig.Out.SampleFaults.Class() is { } refused ? [refused] : []);
            }

            LargestPu = Math.Max(LargestPu, Rig.Out.Services[0].Pu);
            Dispatched += Rig.Out.Dispatch ? 1 : 0;
        }
    }
}
