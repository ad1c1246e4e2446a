using NodaTime;

namespace GridServices.UtilityClients.Tests.Rig;

/// <summary>The journal's row of a made-up protocol.</summary>
public sealed record Letter : JournalRow
{
    public static readonly JournalTable Table = new("letters", "engine_key", ["subject", "raw_body"]) { MostWaiting = 5 };

    public required string Subject { get; init; }

    public byte[]? RawBody { get; init; }

    public override string RunKey => Subject;

    public static Letter At(Instant at, string subject = "poll", params byte[] body) => new()
    {
        FirstAt = at,
        LastAt = at,
        Direction = MessageDirection.Sent,
        Subject = subject,
        RawBody = body.Length > 0 ? body : null,
    };

    public override bool IsRepeatedBy(JournalRow next) => next is Letter letter && letter.Subject == Subject && letter.HttpStatus == HttpStatus;

    public override JournalRow WithoutBody() => this with { RawBody = null };
}
