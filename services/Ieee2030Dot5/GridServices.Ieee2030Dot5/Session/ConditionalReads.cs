using System.Buffers;
using GridServices.Ieee2030Dot5.Discovery;
using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>
/// Conditional reading (RFC 9110 13.1.2): what a server names the version of is sent again only once it has another. A 304 says that what is held is what
/// there is: it counts as a reading. Only what was taken as it came, whole and without a doubt, is asked for so.
/// </summary>
internal static class ConditionalReads
{
    private const int MostChars = 256;

    /// <summary>So often it is sent whole all the same: a server whose tags stand still while its content changes must not hide an order for ever.</summary>
    private static readonly Duration Whole = Duration.FromHours(1);

    // RFC 9110 8.8.3: etagc, without what is beyond ASCII.
    private static readonly SearchValues<char> Inside = SearchValues.Create([.. Enumerable.Range(0x21, 0x5e).Select(c => (char)c).Where(c => c != '"')]);

    /// <summary>The tag that goes with a request; null: the resource is asked for whole.</summary>
    public static string? FindTag(DerClientState state, DerPurpose purpose, string href, Instant now) =>
        purpose is DerPurpose.Read { From: 0 } read && state.Line.Readings.GetValueOrDefault(read.Key) is { ReadAt: not null, ToldAt: null, Pages: null, Tag: { } tag }
            && tag.Href == href && tag.At <= now && now - tag.At < Whole
            && state.Nodes.GetValueOrDefault(read.Key) is { Known: not null, Missing: false, Slipped: false } ? tag.Tag : null;

    /// <summary>What an answer is named by; null: by nothing that can be used.</summary>
    public static EntityTag? Offered(DerNext.SendRequest request, string? sent, Instant now) =>
        sent is { Length: >= 2 and <= MostChars } && IsLegible(sent.AsSpan(sent.StartsWith("W/", StringComparison.Ordinal) ? 2 : 0)) ? new EntityTag(sent, request.Href, now) : null;

    /// <summary>What an answer that was taken as it came may be asked for by; null: it is read whole.</summary>
    public static EntityTag? ChooseTag(StepContext context, NodeKind kind, Resource read) => IsFor(kind) && ListPaging.FindFacts(read) is not { HasUnreadable: true } ? context.Offered : null;

    // What leads from an EndDevice's assignments to its limits and prices. Of the rest each reading does more than to take the content.
    private static bool IsFor(NodeKind kind) =>
        kind is (>= NodeKind.AssignmentsList and <= NodeKind.DerList) or (>= NodeKind.TariffList and <= NodeKind.Curve) or NodeKind.DemandResponseList or NodeKind.LoadControlList;

    /// <summary>The server says that it has not changed.</summary>
    public static void Unchanged(StepContext context, DerPurpose.Read read, DerNext.SendRequest request)
    {
        LinkPolicy.OnAnswered(context, read);
        if (context.Line.Readings.GetValueOrDefault(read.Key) is not { ReadAt: not null, Tag: { } tag } reading || tag.Tag != request.IfNoneMatch || tag.Href != request.Href)
        {
            return; // Asked before what was held was given up: it is read whole in its turn.
        }

        reading = reading with { ReadAt = context.Now, AgainAt = null, Tries = 0, IsDeparture = false };
        context.Line = context.Line with { Readings = context.Line.Readings.SetItem(read.Key, reading) };
    }

    /// <summary>All is sent whole again.</summary>
    public static void Clear(StepContext context) => context.Line = context.Line with
    {
        Readings = context.Line.Readings.SetItems(context.Line.Readings.Where(r => r.Value.Tag is not null).Select(r => KeyValuePair.Create(r.Key, r.Value with { Tag = null }))),
    };

    private static bool IsLegible(ReadOnlySpan<char> quoted) => quoted is ['"', .., '"'] && !quoted[1..^1].ContainsAnyExcept(Inside);
}

/// <summary>The version of a resource that is held, as its server named it (RFC 9110 8.8.3).</summary>
/// <param name="Tag">As sent, with its quotes.</param>
/// <param name="Href">Path and query that were asked for: at another address it names something else.</param>
/// <param name="At">When the resource was last sent whole, our time.</param>
public sealed record EntityTag(string Tag, string Href, Instant At);
