using GridServices.Adapters.Lines;
using GridServices.Adapters.Messages;
using NodaTime;

namespace GridServices.Adapters.Contacts;

/// <summary>One stage of a contact box.</summary>
/// <param name="Percent">Of the box's full power.</param>
/// <param name="Topic">The relay that is on in this stage alone; null: none is, which can be said of one stage alone (usual for 100 %).</param>
public sealed record ContactStage(int Percent, string? Topic);

/// <summary>
/// Relays as inverters and controllable loads know them: 0, 30, 60 and 100 % of full power (radio ripple control), or two stages (section 14a EnWG).
/// </summary>
public sealed record ContactBox
{
    public required Quantity Quantity { get; init; }

    /// <summary>100 %, W.</summary>
    public required long FullW { get; init; }

    /// <summary>The box's part of the site's limit, percent, where other peers keep it too.</summary>
    public int SharePercent { get; init; } = Share.Whole;

    /// <summary>One of them is 0 %.</summary>
    public required IReadOnlyList<ContactStage> Stages { get; init; }

    public string On { get; init; } = "ON";
    public string Off { get; init; } = "OFF";

    /// <summary>The highest stage within the box's share of the limit; without a limit the highest of all.</summary>
    public ContactStage ChooseStage(long? limitW) =>
        Stages.Where(s => Share.Compute(limitW, SharePercent) is not { } own || (decimal)s.Percent * FullW <= own * 100m).MaxBy(s => s.Percent) ?? Stages.MinBy(s => s.Percent)!;

    /// <summary>The relays' messages: first the one that goes on, so that there is no moment without any, which many devices take for 100 %.</summary>
    public IReadOnlyList<PeerMessage> Messages(long? limitW, Duration every)
    {
        var stage = ChooseStage(limitW);
        return [.. Stages.Where(s => s.Topic is not null).OrderByDescending(s => s == stage).Select(s => new PeerMessage(s.Topic!, s == stage ? On : Off, IsRetained: true, every))];
    }
}
