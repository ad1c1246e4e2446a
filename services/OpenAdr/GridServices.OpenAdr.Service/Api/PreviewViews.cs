using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using NodaTime;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>An event to try, and on what.</summary>
public sealed record PreviewBody
{
    /// <summary>The payload as the VTN sends it: oadrDistributeEvent, wrapped in oadrPayload or bare.</summary>
    public required string Xml { get; init; }

    /// <summary>The VEN whose configuration and registration count; absent: programs must be given, and a VEN of the event's own VTN is assumed.</summary>
    public string? VenKey { get; init; }

    /// <summary>Programs to try, as in a VEN's configuration; absent: the VEN's own.</summary>
    public IReadOnlyList<ProgramConfig>? Programs { get; init; }

    /// <summary>Sites to try, as in a VEN's configuration; absent: the VEN's own, else one named site-1.</summary>
    public IReadOnlyList<SiteConfig>? Sites { get; init; }

    /// <summary>When the event comes; absent: now.</summary>
    public Instant? At { get; init; }

    /// <summary>true: as if a person had opted in to every event of a program that leaves it to people.</summary>
    public bool? OptIn { get; init; }

    /// <summary>Null: neither a VEN nor programs.</summary>
    internal VenConfig? ToConfig(VenConfig? ven)
    {
        if (ven is null && Programs is null)
        {
            return null;
        }

        var config = ven ?? new VenConfig { VtnUrl = "https://vtn.example/OpenADR2/Simple/2.0b", VenName = "preview", SiteId = Sites is null ? "site-1" : null, Programs = [] };
        config = Sites is null ? config : config with { SiteId = null, Sites = Sites };
        config = config with { Programs = Programs ?? config.Programs };
        return OptIn == true ? config with { Programs = [.. config.Programs.Select(p => p.OptPolicy == OptPolicy.Manual ? p with { OptPolicy = OptPolicy.Auto } : p)] } : config;
    }

    /// <summary>True where a fault at this pointer of the configuration is one of this body.</summary>
    internal bool Owns(string pointer) =>
        (Programs is not null && pointer.StartsWith("/programs", StringComparison.Ordinal)) || (Sites is not null && pointer.StartsWith("/sites", StringComparison.Ordinal));
}

/// <summary>What an event would come to.</summary>
public sealed record PreviewItem
{
    public required Instant At { get; init; }

    /// <summary>The events as they would be held; one that would be answered with an error has status refused and says why.</summary>
    public required IReadOnlyList<EventItem> Events { get; init; }

    /// <summary>What would be published of limits and targets, one envelope per site and stream.</summary>
    public required IReadOnlyList<Envelope> Envelopes { get; init; }

    /// <summary>What would be published of prices.</summary>
    public required IReadOnlyList<PriceSeries> Prices { get; init; }

    /// <summary>What people would be told.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    internal static PreviewItem From(PolicyPreview preview, Instant at) => new()
    {
        At = at,
        Events = [.. EventItem.All(preview.State, at)],
        Envelopes = [.. preview.Publications.OfType<EnginePublication.PublishEnvelope>().Select(p => p.Envelope)],
        Prices = [.. preview.Publications.OfType<EnginePublication.PublishPrices>().Select(p => p.Prices)],
        Notes = [.. preview.Notes.Select(n => SafeText.Line(n.Text))],
    };
}
