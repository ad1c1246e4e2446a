namespace GridServices.Simulators.Vtn.Control;

/// <summary>Ways to answer badly.</summary>
public enum FaultMode
{
    /// <summary>An HTTP status, with <see cref="Fault.Body"/> where there is one.</summary>
    Status,

    /// <summary>200 with bytes that are no XML.</summary>
    Garbage,

    /// <summary>200, well-framed, but the XML stops in the middle.</summary>
    Truncated,

    /// <summary>The right reply, a few bytes at a time.</summary>
    Drip,

    /// <summary>The right reply with another requestID.</summary>
    WrongRequestId,

    /// <summary>The connection closes before Content-Length is reached.</summary>
    CloseMidBody,

    /// <summary>200 with no body.</summary>
    Empty,

    /// <summary>302 to <see cref="Fault.Location"/>.</summary>
    Redirect,

    /// <summary>200 with <see cref="Fault.Body"/>.</summary>
    Body,

    /// <summary>No answer for <see cref="Fault.DelayMs"/>, then the connection closes.</summary>
    Hang,

    /// <summary>The right reply as text/html.</summary>
    ContentType,
}

/// <summary>A bad answer, so many times.</summary>
public sealed record Fault
{
    public required FaultMode Mode { get; init; }
    public int Times { get; init; } = 1;

    /// <summary>Only requests to this service, e.g. <c>OadrPoll</c>; null: to any.</summary>
    public string? Service { get; init; }

    /// <summary>Only this message, e.g. <c>oadrCreatedEvent</c>; null: any.</summary>
    public string? Message { get; init; }

    public int Status { get; init; } = 503;
    public string? Location { get; init; }
    public string? Body { get; init; }

    /// <summary>With Status: what the Retry-After header says, in seconds.</summary>
    public int? RetryAfterS { get; init; }

    /// <summary>Drip: between bytes' groups. Hang: how long.</summary>
    public int DelayMs { get; init; } = 50;

    /// <summary>Whether the VTN does what was asked before it answers badly. Null: not with Status, Redirect and Hang, else yes.</summary>
    public bool? Processed { get; init; }

    public bool IsProcessed => Processed ?? Mode is not (FaultMode.Status or FaultMode.Redirect or FaultMode.Hang);
}

/// <summary>The bad answers still owed, in the order they were asked for.</summary>
public sealed class Faults
{
    private readonly Lock gate = new();
    private readonly List<(Fault Fault, int Left)> waiting = [];

    public void Add(Fault fault)
    {
        lock (gate)
        {
            waiting.Add((fault, fault.Times));
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            waiting.Clear();
        }
    }

    public Fault? Next(string service, string message)
    {
        lock (gate)
        {
            var at = waiting.FindIndex(w => (w.Fault.Service ?? service) == service && (w.Fault.Message ?? message) == message);
            if (at < 0)
            {
                return null;
            }

            var (fault, left) = waiting[at];
            waiting[at] = (fault, left - 1);
            if (left <= 1)
            {
                waiting.RemoveAt(at);
            }

            return fault;
        }
    }
}
