using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What came of looking at the tariffs at an instant.</summary>
/// <param name="State">The new state; the same object when nothing changed.</param>
/// <param name="Responses">Fallen due in this step, in the order in which they are to be sent.</param>
/// <param name="NextChange">When to look again although the server says nothing new; null: never.</param>
/// <param name="Tariffs">What each tariff that can be stated says from now on.</param>
/// <param name="Notes">For the log and for people.</param>
public sealed record PriceStep(
    PriceState State, IReadOnlyList<DueResponse> Responses, Instant? NextChange, IReadOnlyList<TariffPrices> Tariffs, IReadOnlyList<Note<NoteKind>> Notes);

/// <summary>The prices of one tariff over time.</summary>
/// <param name="Key">mRID of the tariff.</param>
/// <param name="Currency">ISO 4217 letters.</param>
/// <param name="Segments">Per kWh; ascending, [from, until), server time.</param>
public sealed record TariffPrices(string Key, string Currency, IReadOnlyList<PriceSegment> Segments);

/// <summary>One look at the tariffs, while it is taken.</summary>
internal sealed class PriceContext(DerScheduleConfig config, PriceState state, Instant now, ulong seed)
{
    private readonly List<DueResponse> responses = [];
    private readonly List<Note<NoteKind>> notes = [];

    public DerScheduleConfig Config => config;
    public Instant Now => now;
    public ulong Seed => seed;
    public List<HeldPrice> Prices { get; set; } = [.. state.Prices];
    public DiagnosticLog Remarks { get; } = new(state.Remarks);
    public IReadOnlyList<DueResponse> Responses => responses;
    public IReadOnlyList<Note<NoteKind>> Notes => notes;

    /// <summary>Tariffs of which something is not known, by key: nothing is published of them.</summary>
    public Dictionary<string, string> Holes { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The same object where nothing changed.</summary>
    public PriceState State()
    {
        var after = state with { Prices = Prices.ToValueList(), Remarks = Remarks.ToList() };
        return after == state ? state : after;
    }

    public void Note(NoteLevel level, ErrorClass? kind, string? about, string text) => notes.Add(new Note<NoteKind>(level, NoteKind.Price, kind, about, text));

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

    public void Respond(string mrid, byte status, string? replyTo, byte responseRequired, Instant at)
    {
        // Behaviour rule 25: as far as the server asks for it.
        if (replyTo is not null && ControlContent.IsAsked(status, replyTo, responseRequired))
        {
            responses.Add(new DueResponse(mrid, status, replyTo, config.Lfdi, at, null) { IsPrice = true });
        }
    }
}
