using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>What the VTN knows of one VEN. Guarded by the VTN's lock.</summary>
internal sealed class VenRecord(string venId, string venName, string registrationId, Instant registeredAt)
{
    public string VenId { get; } = venId;
    public string VenName { get; } = venName;
    public string RegistrationId { get; set; } = registrationId;
    public Instant RegisteredAt { get; set; } = registeredAt;
    public int Registrations { get; set; } = 1;
    public long Polls { get; set; }
    public Instant? LastPollAt { get; set; }
    public string? Fingerprint { get; set; }

    /// <summary>Where the VEN wants to be pushed to; null: it polls.</summary>
    public string? PushAddress { get; set; }

    /// <summary>What waits for the VEN's next poll, oldest first.</summary>
    public Queue<QueuedMessage> PollQueue { get; } = new();

    /// <summary>True while the VEN has not been told of the latest change to its events.</summary>
    public bool EventsChanged { get; set; }

    public bool MetadataReceived { get; set; }
    public List<OfferedPoint> Offered { get; } = [];

    /// <summary>Running report requests: reportRequestID to specifier.</summary>
    public Dictionary<string, string> ReportRequests { get; } = new(StringComparer.Ordinal);

    /// <summary>Opts that the VEN has made in this registration, oldest first.</summary>
    public List<OptRecord> Opts { get; } = [];

    /// <summary>A cancellation to piggy-back on the next oadrUpdatedReport (rule 328).</summary>
    public IReadOnlyList<string>? CancelWithNextUpdate { get; set; }
}

/// <summary>A message, or raw bytes that stand for one.</summary>
internal sealed record QueuedMessage(XElement? Message, byte[]? Raw);
