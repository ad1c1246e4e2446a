using System.Globalization;
using GridServices.Hosting.Auth;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Journal;
using NodaTime;

namespace GridServices.OpenAdr.Service.Api;

/// <summary>The journal: every message with its raw XML.</summary>
internal static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/vens/{venKey}/messages", ListAsync)
        .RequirePermission(Permission.ReadMessages)
        .WithTags("Messages")
        .WithName("listMessages")
        .WithSummary("The message journal, newest first, with raw XML")
        .WithDescription("`next` is the `before` of the following page. Consecutive polls that found nothing are one row with `times`.")
        .Produces<MessagePage>();

    private static async Task<IResult> ListAsync(
        string venKey, HttpContext http, VenHost host, JournalReader journal, string? before = null, string? limit = null)
    {
        var (rows, next) = await journal.ReadAsync<MessageRow>(http.GetVen(host, venKey), before, limit, http.RequestAborted);
        return Results.Ok(new MessagePage([.. rows.Select(MessageItem.From)], next));
    }
}

/// <summary>A page of the journal.</summary>
public sealed record MessagePage(IReadOnlyList<MessageItem> Messages, string? Next);

/// <summary>One message, or a run of equal polls.</summary>
public sealed record MessageItem
{
    public required string Id { get; init; }
    public required Instant At { get; init; }

    /// <summary>The last of a run.</summary>
    public Instant? LastAt { get; init; }

    /// <summary>How many exchanges the row stands for.</summary>
    public required long Times { get; init; }

    public required MessageDirection Direction { get; init; }
    public required string Service { get; init; }

    /// <summary>The payload's element name; absent where it could not be read.</summary>
    public string? Message { get; init; }

    public int? HttpStatus { get; init; }
    public string? Problem { get; init; }

    /// <summary>Of the raw bytes.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The raw message, where its bytes are UTF-8.</summary>
    public string? Xml { get; init; }

    /// <summary>The raw message otherwise.</summary>
    public string? Base64 { get; init; }

    internal static MessageItem From(MessageRow row)
    {
        var (xml, base64) = JournalReader.Show(row.Body);
        return new MessageItem
        {
            Id = row.Id!.Value.ToString(CultureInfo.InvariantCulture),
            At = row.FirstAt,
            LastAt = row.Times > 1 ? row.LastAt : null,
            Times = row.Times,
            Direction = row.Direction,
            Service = row.Service,
            Message = row.Message,
            HttpStatus = row.HttpStatus,
            Problem = row.Problem,
            Sha256 = row.Sha256 ?? (row.Body is null ? null : JournalRow.ComputeHash(row.Body)),
            Xml = xml,
            Base64 = base64,
        };
    }
}
