using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Evidence;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Performance;
using NodaTime;
using Interval = NodaTime.Interval;

namespace GridServices.FrequencyResponse.Tests.Evidence;

public sealed class EvidenceTests
{
    private const long Wall = 1_800_000_000_000_000_000;
    private static readonly ControllerConfig Config = Build(50_000);
    private static readonly byte[] Log = Record(Config, 400, out _);

    [Fact]
    public void Whole_log_is_sound_and_runs_again_bit_for_bit()
    {
        var verdict = EvidenceVerifier.Segment(Log, SegmentHead.NoHash);
        Assert.Null(verdict.Fault);
        Assert.Equal((400, true, 0), (verdict.Turns, verdict.Closed, verdict.LostTurns));
        var replay = EvidenceReplay.Run(Config, Log);
        Assert.Null(replay.Difference);
        Assert.Equal(400, replay.Turns);
    }

    [Fact]
    public void Other_settings_are_found_at_the_first_turn_that_they_change()
    {
        var replay = EvidenceReplay.Run(Build(60_000), Log);
        Assert.False(replay.Identical);
        Assert.InRange(replay.Turns, 1, 399);
        Assert.Contains(" W then and ", replay.Difference, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_changed_byte_breaks_the_chain_at_its_record()
    {
        var records = Offsets(Log);
        Prop.ForAll(Gen.Choose(0, Log.Length - 1).ToArbitrary(), at =>
        {
            var changed = Log.ToArray();
            changed[at] ^= 0x40;
            var fault = EvidenceVerifier.Segment(changed).Fault;
            var record = records.FindLastIndex(o => o <= at);
            return fault is not null && fault.Record == record && fault.Offset == records[record];
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Record_left_out_or_moved_is_found()
    {
        var records = Offsets(Log);
        byte[] without = [.. Log.AsSpan(0, records[5]), .. Log.AsSpan(records[6])];
        Assert.Equal(5, EvidenceVerifier.Segment(without).Fault?.Record);
        byte[] swapped =
        [
            .. Log.AsSpan(0, records[5]), .. Log.AsSpan(records[6], records[7] - records[6]), .. Log.AsSpan(records[5], records[6] - records[5]), .. Log.AsSpan(records[7]),
        ];
        Assert.Equal(5, EvidenceVerifier.Segment(swapped).Fault?.Record);
    }

    [Fact]
    public void End_torn_by_a_crash_is_told_apart_from_a_change()
    {
        var verdict = EvidenceVerifier.Segment(Log.AsSpan(0, Log.Length - 20));
        Assert.True(verdict.Fault!.Torn);
        Assert.True(verdict.Sound);
        Assert.False(verdict.Closed);
        Assert.Equal(400, verdict.Turns);
        Assert.Null(EvidenceReplay.Run(Config, Log.AsSpan(0, Log.Length - 20)).Difference);
    }

    [Fact]
    public void Segments_follow_one_another_by_their_hashes()
    {
        var first = Record(Config, 20, out var hash);
        var second = Record(Config, 20, out _, hash, segment: 1);
        Assert.All(EvidenceVerifier.Chain([first, second]), v => Assert.Null(v.Fault));
        var verdicts = EvidenceVerifier.Chain([second, first]);
        Assert.Equal(2, verdicts.Count);
        Assert.Contains("missing or out of place", verdicts[1].Fault!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Segment_with_a_state_record_runs_on_its_own()
    {
        var all = new Recording(Config, SegmentHead.NoHash, 0);
        all.Turns(0, 150);
        var later = new Recording(Config, all.Writer.Hash, 1, all.State);
        later.Turns(150, 300);
        Assert.Null(EvidenceReplay.Run(Config, later.Bytes).Difference);
        Assert.Equal(150, EvidenceReplay.Run(Config, later.Bytes).Turns);
        var first = EvidenceReplay.Run(Config, all.Bytes);
        Assert.Null(first.Difference);
        Assert.Equal(all.State.StepCount, first.State.StepCount);
    }

    [Fact]
    public void Lost_turns_stop_the_run_and_are_counted()
    {
        var recording = new Recording(Config, SegmentHead.NoHash, 0);
        recording.Turns(0, 5);
        recording.Append(recording.Writer.WriteLost(recording.Buffer, 7));
        recording.Turns(5, 10);
        Assert.Equal(7, EvidenceVerifier.Segment(recording.Bytes).LostTurns);
        Assert.Contains("lost", EvidenceReplay.Run(Config, recording.Bytes).Difference, StringComparison.Ordinal);
    }

    [Fact]
    public void Recorded_turns_can_be_read()
    {
        var reader = new EvidenceReader(Log);
        var turns = new List<EvidenceTurn>();
        var notes = 0;
        while (reader.TryRead(out var record))
        {
            notes += record.Kind == EvidenceKind.Note && Encoding.UTF8.GetString(record.Body) == "begin" ? 1 : 0;
            if (EvidenceTurn.Read(record) is { } turn)
            {
                turns.Add(turn);
            }
        }

        Assert.Equal("pool-1", reader.Head!.Pool);
        Assert.Equal(1, notes);
        Assert.Equal(400, turns.Count);
        Assert.Contains(turns, t => t.Sample is null);
        Assert.Contains(turns, t => t.ResponseW > 1000 && (t.Reasons & ControlReasons.Responding) != ControlReasons.None);
    }

    [Fact]
    public void Settlement_from_the_log_equals_the_live_one_bit_for_bit()
    {
        var service = ServiceCatalog.BuiltIn.Find("GB-DCL")!;
        var period = Duration.FromSeconds(10);
        ContractAccount Account() => new(service, 50_000, period, Duration.FromSeconds(5), 200_000_000);
        var live = Account();
        var periods = new List<PeriodRecord>();
        var recording = new Recording(Config, SegmentHead.NoHash, 0)
        {
            Took = turn =>
            {
                if (live.Add(turn) is { } ended)
                {
                    periods.Add(ended);
                }
            },
        };
        recording.Turns(0, 400);
        var again = EvidenceSettlement.Compute([recording.Bytes], Account());
        Assert.Equal(7, periods.Count);
        Assert.Equal(periods, again.Periods);
        Assert.Equal(live.Compliance, again.Open);
        Assert.Contains(periods, p => p.RaisedWh > 1 && p is { AvailableShare: 1, ProcuredSeconds: > 4.9 });
    }

    [Fact]
    public void Tables_for_the_operators_have_their_columns()
    {
        var reader = new EvidenceReader(Log);
        var turns = new List<EvidenceTurn>();
        while (reader.TryRead(out var record))
        {
            turns.AddRange(EvidenceTurn.Read(record) is { } turn ? [turn] : []);
        }

        string[] british = [.. PerformanceCsv.GreatBritain(turns)];
        Assert.Equal("t,f_hz,p_mw,baseline_mw,availability", british[0]);
        Assert.StartsWith("2027-01-15T08:00:00.000Z,50,0,0,", british[1], StringComparison.Ordinal);
        Assert.Equal(401, british.Length);
        Assert.Contains(british, l => l.EndsWith(",1", StringComparison.Ordinal));
        string[] nordic = [.. PerformanceCsv.Nordic(turns, testSignal: true)];
        Assert.Equal("DateTime,InsAcPow,GridFreq,ApplFreqSig,CalcBaseline", nordic[0]);
        Assert.StartsWith("2027-01-15T08:00:00.000Z,0,,50,0", nordic[1], StringComparison.Ordinal);
        Assert.Equal(
            "R-1_FCR-N_Step_SE3_UTC_20270115T0800-20270115T0900_100ms.csv",
            PerformanceCsv.NordicFileName(
                "R/1", "FCR-N", "Step", "SE3", new Interval(Instant.FromUnixTimeSeconds(1_800_000_000), Instant.FromUnixTimeSeconds(1_800_003_600)), Duration.FromMilliseconds(100)));
    }

    [Fact]
    public void Writing_a_turn_allocates_nothing()
    {
        var recording = new Recording(Config, SegmentHead.NoHash, 0);
        var step = FrequencyController.Step(Config, default, null, 0, Instant.FromUnixTimeTicks(0));
        recording.Writer.WriteTurn(recording.Buffer, SiteConditions.Unbound, null, 0, Wall, step.Output);

        // Once with a sample as well: what is made at the first use of a type counts for no turn.
        recording.Writer.WriteTurn(recording.Buffer, SiteConditions.Unbound with { BaselineW = 1 }, FrequencySample.FromHz(50, 0), 0, Wall, step.Output);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            recording.Writer.WriteTurn(recording.Buffer, SiteConditions.Unbound with { BaselineW = i }, FrequencySample.FromHz(50, i), i, Wall, step.Output);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Random_bytes_never_throw() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Gen.Choose(0, 400).ToArbitrary(), (noise, cut) =>
    {
        byte[] log = [.. Log.AsSpan(0, Math.Min(cut, Log.Length)), .. noise];
        var verdict = EvidenceVerifier.Segment(log);
        _ = EvidenceReplay.Run(Config, log);
        return verdict.Fault is not null || noise.Length == 0;
    }).QuickCheckThrowOnFailure();

    private static ControllerConfig Build(long quantityW)
    {
        var build = ControllerConfig.Build(new ControllerSettings
        {
            Sources = [new SourceConfig { Name = "meter", PeriodNanos = 100_000_000 }],
            Contracts =
            [
                new ServiceContract
                {
                    Id = "c1", Service = ServiceCatalog.BuiltIn.Find("GB-DCL")!, QuantityW = quantityW,
                    Windows = [new Interval(Instant.FromUnixTimeSeconds(1_700_000_000), Instant.FromUnixTimeSeconds(1_900_000_000))],
                },
            ],
        });
        Assert.Empty(build.Faults);
        return build.Config!;
    }

    private static byte[] Record(ControllerConfig config, int turns, out string hash, string? previous = null, ulong segment = 0)
    {
        var recording = new Recording(config, previous ?? SegmentHead.NoHash, segment);
        recording.Append(recording.Writer.WriteNote(recording.Buffer, "begin"));
        recording.Turns(0, turns);
        recording.Append(recording.Writer.Write(EvidenceKind.End, [], recording.Buffer));
        hash = recording.Writer.Hash;
        return recording.Bytes;
    }

    private static List<int> Offsets(byte[] log)
    {
        var reader = new EvidenceReader(log);
        var offsets = new List<int>();
        while (reader.TryRead(out var record))
        {
            offsets.Add((int)record.Offset);
        }

        return offsets;
    }

    /// <summary>The controller and its log, on a frequency that falls and comes back, with gaps and changing conditions.</summary>
    private sealed class Recording
    {
        private readonly ControllerConfig _config;
        private readonly List<byte> _log = [];
        private ControllerState _state;
        private double _powerW;

        public Recording(ControllerConfig config, string previous, ulong segment, ControllerState? before = null)
        {
            (_config, _state) = (config, before ?? default);
            Writer = new EvidenceWriter(new SegmentHead("pool-1", segment, Wall, 0, 1, previous, SegmentHead.ThisBuild));
            Append(Writer.WriteHead(Buffer));
            if (before is { } state)
            {
                Append(Writer.WriteState(Buffer, state));
            }
        }

        public EvidenceWriter Writer { get; }

        public byte[] Buffer { get; } = new byte[EvidenceWriter.MaxTurnBytes + EvidenceWriter.StateBytes];

        public byte[] Bytes => [.. _log];

        public ControllerState State => _state;

        public Action<AccountTurn>? Took { get; init; }

        public void Append(int length) => _log.AddRange(Buffer.AsSpan(0, length));

        public void Turns(int from, int until)
        {
            for (var i = from; i < until; i++)
            {
                var now = i * 100_000_000L;
                FrequencySample? sample = i % 37 == 36 ? null : FrequencySample.FromHz(50 - (0.5 * Math.Max(0, Math.Sin(i / 60.0))) + (0.0001 * (i % 7)), now);
                _state = _state.With(SiteConditions.Unbound with { BaselineW = i < 100 ? 0 : 5000, Measured = new MeasuredPower(_powerW, now, MeterSource.Telemetry) });
                var conditions = _state.Site;
                var step = FrequencyController.Step(_config, in _state, in sample, now, Instant.FromUnixTimeTicks((Wall + now) / 100));
                _state = step.State;
                _powerW = step.Output.PowerW;
                Append(Writer.WriteTurn(Buffer, conditions, sample, now, Wall + now, step.Output));
                Took?.Invoke(AccountTurn.Create(now, Wall + now, step.Output, 0, conditions.Measured));
            }
        }
    }
}
