namespace GridServices.OpenAdr.Service.Journal;

/// <summary>One message, or a run of equal ones, as the journal keeps it.</summary>
public sealed record MessageRow : JournalRow
{
    internal static JournalTable Table { get; } = new("messages", "ven_key", ["service", "message", "body"]) { MostWaiting = 2_000 };

    /// <summary>EiEvent, EiReport, EiRegisterParty, EiOpt or OadrPoll.</summary>
    public required string Service { get; init; }

    /// <summary>The payload's element name; null where it could not be read.</summary>
    public string? Message { get; init; }

    /// <summary>The bytes as sent or received; of a run the first ones.</summary>
    public byte[]? Body { get; init; }

    /// <summary>An exchange that may be counted onto an equal one before it.</summary>
    public bool Repeatable { get; init; }

    /// <summary>Only consecutive rows are counted together.</summary>
    public override string RunKey => string.Empty;

    public override bool IsRepeatedBy(JournalRow next) =>
        next is MessageRow row && Repeatable && row.Repeatable && Direction == row.Direction && HttpStatus == row.HttpStatus
        && string.Equals(Service, row.Service, StringComparison.Ordinal)
        && string.Equals(Message, row.Message, StringComparison.Ordinal)
        && string.Equals(Problem, row.Problem, StringComparison.Ordinal);

    public override JournalRow WithoutBody() => this with { Body = null };
}
