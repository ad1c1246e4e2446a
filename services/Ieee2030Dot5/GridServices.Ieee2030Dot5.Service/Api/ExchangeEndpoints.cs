using System.Globalization;
using System.Text;
using GridServices.Hosting.Auth;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Journal;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>The journal: every exchange with its raw XML.</summary>
internal static class ExchangeEndpoints
{
    public static void MapExchanges(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/clients/{clientKey}/messages", ListAsync)
        .RequirePermission(Permission.ReadMessages)
        .WithTags("Messages")
        .WithName("listMessages")
        .WithSummary("The journal of requests, replies and notifications, newest first, with raw XML")
        .WithDescription("`next` is the `before` of the following page. Polls of a resource that say again what it said before are one row with `times`; of a body the first 128 KiB are kept.")
        .Produces<MessagePage>();

    private static async Task<IResult> ListAsync(
        string clientKey, HttpContext http, ClientHost host, JournalReader journal, string? before = null, string? limit = null)
    {
        var (rows, next) = await journal.ReadAsync<ExchangeRow>(http.GetClient(host, clientKey), before, limit, http.RequestAborted);
        return Results.Ok(new MessagePage([.. rows.Select(MessageItem.From)], next));
    }
}

/// <summary>A page of the journal.</summary>
public sealed record MessagePage(IReadOnlyList<MessageItem> Messages, string? Next);

/// <summary>One exchange, or a run of equal polls.</summary>
public sealed record MessageItem
{
    public required string Id { get; init; }
    public required Instant At { get; init; }

    /// <summary>The last of a run.</summary>
    public Instant? LastAt { get; init; }

    /// <summary>How many exchanges the row stands for.</summary>
    public required long Times { get; init; }

    public required MessageDirection Direction { get; init; }
    public required string Method { get; init; }
    public required string Href { get; init; }

    /// <summary>Why it was sent.</summary>
    public required string Purpose { get; init; }

    public int? HttpStatus { get; init; }
    public string? Problem { get; init; }

    /// <summary>Of the bytes received.</summary>
    public string? Sha256 { get; init; }

    /// <summary>What was sent (of a notification: what was received).</summary>
    public string? Request { get; init; }

    /// <summary>What the server answered (its first 128 KiB), where its bytes are UTF-8.</summary>
    public string? Reply { get; init; }

    /// <summary>What the server answered otherwise.</summary>
    public string? ReplyBase64 { get; init; }

    internal static MessageItem From(ExchangeRow row)
    {
        var (reply, base64) = JournalReader.Show(row.ReplyBody);
        return new MessageItem
        {
            Id = row.Id!.Value.ToString(CultureInfo.InvariantCulture),
            At = row.FirstAt,
            LastAt = row.Times > 1 ? row.LastAt : null,
            Times = row.Times,
            Direction = row.Direction,
            Method = row.Method,
            Href = row.Href,
            Purpose = row.Purpose,
            HttpStatus = row.HttpStatus,
            Problem = row.Problem,
            Sha256 = row.Sha256,
            Request = row.RequestBody is { } sent ? Encoding.UTF8.GetString(sent) : null,
            Reply = reply,
            ReplyBase64 = base64,
        };
    }
}
