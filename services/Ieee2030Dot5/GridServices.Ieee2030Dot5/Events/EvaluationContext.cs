using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>One look at the programs, while it is taken: the state as it changes and what is to be said.</summary>
internal sealed class EvaluationContext(DerScheduleConfig config, DerScheduleState state, Instant now, ulong seed)
{
    private readonly List<DueResponse> responses = [];
    private readonly List<Note<NoteKind>> notes = [];

    public DerScheduleConfig Config => config;
    public Instant Now => now;
    public ulong Seed => seed;
    public ValueList<HeldProgram> Programs { get; set; } = state.Programs;
    public ValueList<HeldControl> Controls { get; set; } = state.Controls;
    public ValueList<HeldCurve> Curves { get; set; } = state.Curves;

    /// <summary>When the programs were to be looked at again, as the last look left it.</summary>
    public Instant? LookedAgainAt => state.LookAgainAt;

    /// <summary>See <see cref="DerScheduleState.LookAgainAt"/>.</summary>
    public Instant? LookAgainAt { get; set; } = state.LookAgainAt;

    /// <summary>What could have superseded a control and can't be read; null: nothing was read in this look.</summary>
    public UnreadSuccessors? Successors { get; set; }

    public DiagnosticLog Remarks { get; } = new(state.Remarks);
    public IReadOnlyList<DueResponse> Responses => responses;
    public IReadOnlyList<Note<NoteKind>> Notes => notes;

    /// <summary>The same object where nothing changed.</summary>
    public DerScheduleState State()
    {
        var after = state with { Programs = Programs, Controls = Controls, Curves = Curves, Remarks = Remarks.ToList(), LookAgainAt = LookAgainAt };
        return after == state ? state : after;
    }

    public void Note(NoteLevel level, ErrorClass? kind, string? about, string text) => notes.Add(new Note<NoteKind>(level, NoteKind.Control, kind, about, text));

    /// <summary>Something that was read can't be taken before then.</summary>
    public void LookAgain(Instant at) => LookAgainAt = LookAgainAt < at ? LookAgainAt : at;

    /// <summary>Says it the first time; true then.</summary>
    public bool Remark(NoteLevel level, ErrorClass kind, string about, string text, byte? told = null)
    {
        var isNew = Remarks.Add(new Remark(about, kind, told));
        if (isNew)
        {
            Note(level, kind, about, text);
        }

        return isNew;
    }

    /// <summary>A response is owed, if the server wants it.</summary>
    public void Respond(string mrid, byte status, string? replyTo, byte responseRequired, Instant at, Instant? until, int? overrideS = null)
    {
        // Behaviour rule 25: as far as the server asks for it.
        if (replyTo is not null && ControlContent.IsAsked(status, replyTo, responseRequired))
        {
            responses.Add(new DueResponse(mrid, status, replyTo, config.Lfdi, at, until) { IsLoadControl = config.Load is not null, OverrideS = overrideS });
        }
    }
}
