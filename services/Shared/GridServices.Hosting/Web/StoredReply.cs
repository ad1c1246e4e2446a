using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Web;

/// <summary>What was answered to an <see cref="IdempotencyKey"/>, ready to be sent again.</summary>
public sealed class StoredReply
{
    /// <summary>Tells that the answer is the one of an earlier request.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>Of the request it answers.</summary>
    public string Sha256 { get; set; } = string.Empty;

    public long Status { get; set; }

    /// <summary>What was created; absent = nothing that has a place.</summary>
    public string? Location { get; set; }

    /// <summary>The body, JSON.</summary>
    public string? Answer { get; set; }

    /// <summary>The same answer once more.</summary>
    public IResult Again(HttpContext http)
    {
        http.Response.Headers[ReplayedHeader] = "true";
        return Send(http);
    }

    /// <summary>The answer for the first time.</summary>
    public IResult Send(HttpContext http)
    {
        http.Response.Headers.Location = Location;
        return Results.Text(Answer ?? string.Empty, "application/json", statusCode: (int)Status);
    }
}
