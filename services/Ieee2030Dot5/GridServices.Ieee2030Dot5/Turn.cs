using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Devices;
using NodaTime;

namespace GridServices.Ieee2030Dot5;

/// <summary>One step in the making: the state so far, the notes so far, the time and the seed.</summary>
internal sealed class Turn(DerClientConfig config, DerClientState state, Instant now, ulong seed)
{
    private List<DerNote>? notes;
    private ImmutableSortedDictionary<string, DerDeviceConfig>? devices;

    public DerClientConfig Config { get; } = config;
    public DerClientState State { get; set; } = state;
    public Instant Now { get; } = now;
    public ulong Seed { get; } = seed;
    public IReadOnlyList<DerNote> Notes => notes ?? (IReadOnlyList<DerNote>)[];

    /// <summary>The configured devices by LFDI.</summary>
    public ImmutableSortedDictionary<string, DerDeviceConfig> Devices => devices ??= Identities.Of(Config);

    public Sep2Dialect Dialect => Dialects.Of(Config, State);

    public Instant ServerNow => State.Clock.OnServer(Now);

    public DerLine Line
    {
        get => State.Line;
        set => State = State with { Line = value };
    }

    public void Inform(NoteKind kind, string text, string? about = null) => Note(NoteLevel.Information, kind, null, text, about);

    public void Warn(NoteKind kind, ErrorClass? error, string text, string? about) => Note(NoteLevel.Warning, kind, error, text, about);

    public void Alarm(NoteKind kind, ErrorClass? error, string text, string? about) => Note(NoteLevel.Alarm, kind, error, text, about);

    public void Change(string lfdi, Func<DeviceState, DeviceState> change)
    {
        if (State.Devices.TryGetValue(lfdi, out var device))
        {
            State = State with { Devices = State.Devices.SetItem(lfdi, change(device)) };
        }
    }

    public void Note(DerNote note) => (notes ??= []).Add(note);

    private void Note(NoteLevel level, NoteKind kind, ErrorClass? error, string text, string? about) => Note(new DerNote(level, kind, error, about, text));
}
