using System.Runtime.InteropServices;
using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.Client;

/// <summary>One Server-Sent Event of the hub as a message. Strict: what can't be read whole is an error, never half a limit.</summary>
internal static class HubEvents
{
    /// <summary>Null for an event of a kind this version doesn't know.</summary>
    /// <exception cref="HubTalkException">A known event that can't be read.</exception>
    public static HubMessage? Read(string name, string? id, ReadOnlyMemory<byte> data) => name switch
    {
        "snapshot" => Snapshot(data),
        "envelope" or "prices" => Change(id, data),
        "effective" => new EffectiveStated(Json<EffectiveTimeline>(data)),
        "heartbeat" => new HeartbeatHeard(Json<Heartbeat>(data)),
        _ => null,
    };

    public static SetStated Set(ReadOnlyMemory<byte> data)
    {
        var set = Json<SiteEnvelopes>(data);
        RequireValidEnvelopes(data);
        return set.Complete ? new SetStated(ParseCursor(set.Epoch, set.Sequence), set) { Asked = true } : throw new HubTalkException("The hub answered with changes where the whole set was asked for.");
    }

    /// <exception cref="HubTalkException">The JSON doesn't fit the contract.</exception>
    public static T Json<T>(ReadOnlyMemory<byte> data)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(data.Span, ContractJson.Options) ?? throw new HubTalkException($"The hub sent null for a {typeof(T).Name}.");
        }
        catch (JsonException wrong)
        {
            throw new HubTalkException($"The hub sent a {typeof(T).Name} that can't be read: {wrong.Message}", wrong);
        }
    }

    private static SetStated Snapshot(ReadOnlyMemory<byte> data)
    {
        var s = Json<SiteSnapshot>(data);
        RequireValidEnvelopes(data);
        var set = new SiteEnvelopes
        {
            SiteId = s.SiteId,
            Epoch = s.Epoch,
            Sequence = s.Sequence,
            AsOf = s.AsOf,
            Complete = true,
            Envelopes = s.Envelopes,
            Withdrawn = s.Withdrawn,
            Prices = s.Prices,
            Incomplete = s.Incomplete,
            WaitingFor = s.WaitingFor,
            SiteKnown = s.SiteKnown,
        };
        return new SetStated(ParseCursor(s.Epoch, s.Sequence), set);
    }

    // The set passes the same strict reader as a change: no negative limit, no overlap, no quantity that this version doesn't know.
    private static void RequireValidEnvelopes(ReadOnlyMemory<byte> data)
    {
        using var document = JsonDocument.Parse(data);
        foreach (var envelope in document.RootElement.GetProperty("envelopes").EnumerateArray())
        {
            if (!EnvelopeReader.ReadEnvelope(JsonMarshal.GetRawUtf8Value(envelope).ToArray()).TryGet(out _, out var problem))
            {
                throw new HubTalkException($"The hub stated an envelope that can't be obeyed: {problem.Pointer} {problem.Detail}");
            }
        }
    }

    private static ChangeStated Change(string? id, ReadOnlyMemory<byte> data)
    {
        if (!Cursor.TryParse(id, out var cursor))
        {
            throw new HubTalkException($"The hub sent a change whose id '{id}' is no cursor.");
        }

        var outcome = EnvelopeReader.ReadPublication(data);
        var problem = outcome.Refusal ?? (outcome.Items is [var only] ? only.Problem : null);
        return outcome.Items is [{ Value: { } publication }]
            ? new ChangeStated(cursor, publication)
            : throw new HubTalkException($"The hub sent a change at {cursor} that can't be read: {problem?.Pointer} {problem?.Detail}");
    }

    private static Cursor ParseCursor(string epoch, string sequence) =>
        Cursor.TryParse($"{epoch}.{sequence}", out var cursor) ? cursor : throw new HubTalkException($"'{epoch}.{sequence}' is no cursor.");
}
