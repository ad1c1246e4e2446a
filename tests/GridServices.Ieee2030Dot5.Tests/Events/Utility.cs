using System.Globalization;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Envelopes;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>
/// A utility's server as the walk sees it and the device that follows it, in seconds from a fixed instant. Every step is taken from a state that
/// went through JSON, and taken twice: the second time must change nothing and answer nothing.
/// </summary>
internal sealed class Utility
{
    public static readonly Instant Zero = Instant.FromUtc(2027, 1, 15, 18, 0);
    public const string Lfdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";
    public const long Max = 5000;

    private readonly Dictionary<string, ProgramView> programs = new(StringComparer.Ordinal);
    private readonly Dictionary<(EnvelopeTarget, StreamId), Envelope> live = [];
    private readonly Dictionary<(EnvelopeTarget, StreamId), long> revisions = [];

    public DerScheduleConfig Config { get; set; } = new()
    {
        SiteId = "site-1",
        Lfdi = Lfdi,
        Nameplate = new Nameplate { MaxW = Max, MaxChargeW = Max, MaxImportW = Max },
        GapBridging = Duration.Zero,
    };

    public DerScheduleState State { get; private set; } = DerScheduleState.Initial;
    public DerScheduleStep Step { get; private set; } = null!;
    public ulong Seed { get; set; } = 20270115;
    public Instant? LostSince { get; set; }

    /// <summary>Seconds since <see cref="Zero"/>.</summary>
    public long Now { get; private set; }

    /// <summary>"120 DERC1 3": at 120 s DERC1 was answered with 3.</summary>
    public List<string> Said { get; } = [];

    public List<DueResponse> Responses { get; } = [];
    public List<Note<NoteKind>> Notes { get; } = [];
    public int Publications { get; private set; }

    /// <summary>Stream keys in the order in which they were published.</summary>
    public List<string> Order { get; } = [];

    public IReadOnlyCollection<Envelope> Live => live.Values;
    public Instant Time => Zero + Duration.FromSeconds(Now);

    public Utility Program(string key, byte primacy, string fsa = "FSA1")
    {
        programs[key] = new ProgramView(key, fsa, primacy, null, []);
        return this;
    }

    public void Primacy(string key, byte primacy) => programs[key] = programs[key] with { Primacy = primacy };

    public void RemoveProgram(string key) => programs.Remove(key);

    /// <summary>The same program through another assignment.</summary>
    public void Again(string key, string fsa) => programs[$"{key} {fsa}"] = programs[key] with { FsaKey = fsa };

    public void Default(string key, DerControlBase? what, int? setGradW = null) => programs[key] = programs[key] with
    {
        Default = what is null ? null : new DefaultDerControl { MRid = $"D{key}", Base = what, SetGradW = setGradW },
    };

    public void ChangeDefault(string key, Func<DefaultDerControl, DefaultDerControl> change) => programs[key] = programs[key] with { Default = change(programs[key].Default!) };

    /// <summary>Starts <paramref name="inS"/> seconds from now; created now.</summary>
    public void Control(string tag, string program, long inS, long durationS, DerControlBase what, int randomizeStart = 0, int randomizeDuration = 0) =>
        Add(program, Make(tag, Now + inS, durationS, what) with { RandomizeStart = randomizeStart, RandomizeDuration = randomizeDuration });

    public DerControl Make(string tag, long startS, long durationS, DerControlBase what) => new()
    {
        MRid = tag,
        CreationTime = At(Now).ToUnixTimeSeconds(),
        EventStatus = new EventStatus { CurrentStatus = startS <= Now ? EventState.Active : EventState.Scheduled },
        Interval = new DateTimeInterval(At(startS).ToUnixTimeSeconds(), durationS),
        Base = what,
        ReplyTo = "/rsps/1/rsp",
        ResponseRequired = 0x03,
    };

    public void Add(string program, DerControl control) =>
        programs[program] = programs[program] with { Controls = [.. programs[program].Controls, control] };

    public void AddUnreadable(string program, IReadOnlyList<UnreadableItem> items) => programs[program] = programs[program] with { Unreadable = items };

    public void Change(string tag, Func<DerControl, DerControl> change)
    {
        foreach (var (key, view) in programs)
        {
            programs[key] = view with { Controls = [.. view.Controls.Select(c => c.MRid == tag ? change(c) : c)] };
        }
    }

    public void Mark(string tag, EventState status) =>
        Change(tag, c => c with { EventStatus = c.EventStatus with { CurrentStatus = status, DateTime = Time.ToUnixTimeSeconds() } });

    public void Unlist(string tag) => Unlist(t => t == tag);

    public void Unlist(Func<string, bool> which)
    {
        foreach (var (key, view) in programs)
        {
            programs[key] = view with { Controls = [.. view.Controls.Where(c => !which(c.MRid))] };
        }
    }

    /// <summary>Whether its list is read to the end.</summary>
    public void Whole(string key, bool isWhole) => programs[key] = programs[key] with { Complete = isWhole };

    /// <summary>Time passes up to then, looked at whenever something changes by itself; then the walk brings its news.</summary>
    public Utility Read(long atS)
    {
        Sleep(atS);
        Evaluate([.. programs.Values]);
        return this;
    }

    /// <summary>Time passes without hearing anything new.</summary>
    public Utility Pass(long atS)
    {
        Sleep(atS);
        Evaluate(null);
        return this;
    }

    /// <summary>One look after a long silence, without those between.</summary>
    public Utility Leap(long atS)
    {
        Now = atS;
        Evaluate(null);
        return this;
    }

    public decimal? Amount(ControlMode mode) => Step.At(mode, Time)?.Setting.Amount;

    /// <summary>What all live envelopes for the site's targets leave at an instant.</summary>
    public Limits Limits(long? atS = null) =>
        live.Values.Select(e => (e.Segments.FirstOrDefault(s => s.From <= At(atS ?? Now) && !(s.Until <= At(atS ?? Now)))?.Limits ?? e.Default?.Limits ?? Contracts.Limits.None)).Aggregate(Contracts.Limits.None, (a, b) => a.Intersect(b));

    public long? SetPoint() => live.Values.SelectMany(e => e.Targets).FirstOrDefault(t => t.From <= Time && !(t.Until <= Time))?.TargetW;

    public static Instant At(long s) => Zero + Duration.FromSeconds(s);

    private void Sleep(long atS)
    {
        while (Step?.NextChange is { } next && next < At(atS))
        {
            Now = (long)(next - Zero).TotalSeconds;
            Evaluate(null);
        }

        Now = atS;
    }

    private void Evaluate(IReadOnlyList<ProgramView>? views)
    {
        var state = StateJson.Through(State);
        Assert.Equal(State, state);
        Step = DerSchedule.Apply(Config, state, views, Time, Seed, LostSince);
        var (after, publications, notes) = DerEnvelopes.CreatePublications(Config, Step, Time, Seed);
        foreach (var response in Step.Responses)
        {
            Responses.Add(response);
            Said.Add(string.Create(CultureInfo.InvariantCulture, $"{(long)(response.At - Zero).TotalSeconds} {response.MRid} {response.Status}"));
        }

        Notes.AddRange(Step.Notes);
        Notes.AddRange(notes);
        Publish(publications);
        var again = DerSchedule.Apply(Config, StateJson.Through(after), views, Time, Seed + 1, LostSince);
        Assert.Empty(again.Responses);
        Assert.Empty(again.Notes);
        Assert.Equal(after, again.State);
        var (same, nothing, silent) = DerEnvelopes.CreatePublications(Config, again, Time, Seed + 1);
        Assert.Empty(nothing);
        Assert.Empty(silent);
        Assert.Equal(after, same);
        State = after;
    }

    private void Publish(IReadOnlyList<EnginePublication> publications)
    {
        foreach (var publication in publications)
        {
            Publications++;
            if (publication is EnginePublication.PublishEnvelope { Envelope: var e })
            {
                // One thing that the hub refuses would cost the limits beside it.
                Assert.Null(EnvelopeReader.ReadEnvelope(JsonSerializer.SerializeToUtf8Bytes(e, ContractJson.Options)).Problem);
                Order.Add(e.Stream.Key);
                Raise((e.Target, e.Stream), e.Revision);
                live[(e.Target, e.Stream)] = e;
            }
            else if (publication is EnginePublication.WithdrawEnvelope { Withdrawal: var w })
            {
                Order.Add(w.Stream.Key);
                Raise((w.Target, w.Stream), w.Revision);
                Assert.True(live.Remove((w.Target, w.Stream)));
            }
        }
    }

    private void Raise((EnvelopeTarget, StreamId) key, long revision)
    {
        Assert.True(revision > revisions.GetValueOrDefault(key), "revisions rise");
        revisions[key] = revision;
    }
}
