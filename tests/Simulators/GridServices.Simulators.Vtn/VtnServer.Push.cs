using System.Text.Json.Nodes;
using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn;

/// <summary>What waits for VENs that gave a transport address is pushed to it, one message at a time and until each is answered.</summary>
public sealed partial class VtnServer
{
    private readonly List<JsonObject> pushes = [];

    /// <summary>The next message for each push VEN.</summary>
    internal IReadOnlyList<PushItem> Waiting()
    {
        lock (gate)
        {
            return [.. vens.Values.Where(v => v.PushAddress is not null).Select(Next).OfType<PushItem>()];
        }
    }

    /// <summary>The VEN answered, or not: then the message is sent again.</summary>
    internal void Pushed(PushItem item, int? status, byte[]? reply, string? problem)
    {
        lock (gate)
        {
            var said = status is 200 && reply is { Length: > 0 } ? Payload.Message(Payload.Parse(reply)) : null;
            pushes.Add(new()
            {
                ["venId"] = item.VenId,
                ["service"] = item.Service,
                ["name"] = item.Message.Name.LocalName,
                ["request"] = item.Message.ToString(SaveOptions.DisableFormatting),
                ["status"] = status,
                ["replyName"] = said?.Name.LocalName,
                ["responseCode"] = said?.Find(Ns.Ei + "responseCode"),
                ["reply"] = said?.ToString(SaveOptions.DisableFormatting),
                ["schemaErrors"] = new JsonArray([.. item.Errors(reply, said).Select(e => JsonValue.Create(e))]),
                ["problem"] = problem,
            });
            if (pushes.Count > 2_000)
            {
                pushes.RemoveAt(0);
            }

            // Section 9.1.5: what was refused so is not sent again unchanged.
            if (status is >= 400 and < 500 && vens.TryGetValue(item.VenId, out var refuser))
            {
                Settle(refuser, item);
            }

            if (said is null || !vens.TryGetValue(item.VenId, out var ven))
            {
                return;
            }

            Settle(ven, item);
            log.Add("pushed", item.VenId, $"pushed {item.Message.Name.LocalName} to {item.VenId}: {said.Name.LocalName} {said.Find(Ns.Ei + "responseCode")}");
            HandleReply(ven, said);
        }
    }

    public JsonArray ShowPushes()
    {
        lock (gate)
        {
            return [.. pushes.Select(p => p.DeepClone())];
        }
    }

    private PushItem? Next(VenRecord ven)
    {
        if (ven.PollQueue.TryPeek(out var queued))
        {
            var message = queued.Message ?? Payload.Message(Payload.Parse(queued.Raw!));
            return new PushItem(ven.VenId, ven.PushAddress!, GetService(message), message, queued.Raw, queued);
        }

        if (!ven.EventsChanged)
        {
            return null;
        }

        // Until the answer is here nothing is told; a change meanwhile is told after.
        var list = Distribute(ven, null);
        return new PushItem(ven.VenId, ven.PushAddress!, "EiEvent", list, null, null);
    }

    private static void Settle(VenRecord ven, PushItem item)
    {
        if (item.Queued is not null && ven.PollQueue.TryPeek(out var first) && ReferenceEquals(first, item.Queued))
        {
            ven.PollQueue.Dequeue();
        }
    }

    /// <summary>It did not arrive: the events are told again.</summary>
    internal void TellAgain(PushItem item)
    {
        lock (gate)
        {
            if (item.Queued is null && vens.TryGetValue(item.VenId, out var ven))
            {
                ven.EventsChanged = true;
            }
        }
    }

    private void HandleReply(VenRecord ven, XElement said)
    {
        switch (said.Name.LocalName)
        {
            case "oadrCanceledPartyRegistration":
                CanceledByVen(said);
                break;
            case "oadrCreatedReport" or "oadrCanceledReport" or "oadrRegisteredReport":
                ReportReply(ven, said);
                break;
        }
    }

    private static string GetService(XElement message) => message.Name.LocalName switch
    {
        "oadrDistributeEvent" => "EiEvent",
        "oadrRequestReregistration" or "oadrCancelPartyRegistration" => "EiRegisterParty",
        _ => "EiReport",
    };
}

/// <summary>A message to be pushed.</summary>
internal sealed record PushItem(string VenId, string Address, string Service, XElement Message, byte[]? Raw, QueuedMessage? Queued)
{
    /// <summary>Judges the reply; set where the simulator has the schema.</summary>
    public SchemaValidator? Judge { get; init; }

    public IReadOnlyList<string> Errors(byte[]? reply, XElement? said) => Judge is null || said is null ? [] : Judge.Errors(Payload.Parse(reply!));
}
