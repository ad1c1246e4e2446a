using GridServices.Contracts;
using NodaTime;

namespace GridServices.Wire.Engine;

/// <summary>One step while it is computed: configuration, the state so far, the notes so far and the time.</summary>
public abstract class StepContext<TConfig, TState, TKind>(TConfig config, TState state, Instant now)
    where TKind : struct, Enum
{
    private List<Note<TKind>>? _notes;

    public TConfig Config { get; } = config;

    public TState State { get; set; } = state;

    public Instant Now { get; } = now;

    public IReadOnlyList<Note<TKind>> Notes => _notes ?? (IReadOnlyList<Note<TKind>>)[];

    public void Inform(TKind kind, string text, string? about = null) => Note(new Note<TKind>(NoteLevel.Information, kind, null, about, text));

    public void Warn(TKind kind, ErrorClass? error, string text, string? about = null) => Note(new Note<TKind>(NoteLevel.Warning, kind, error, about, text));

    public void Alarm(TKind kind, ErrorClass? error, string text, string? about = null) => Note(new Note<TKind>(NoteLevel.Alarm, kind, error, about, text));

    public void Note(Note<TKind> note) => (_notes ??= []).Add(note);
}
