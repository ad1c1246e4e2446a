using System.Buffers;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace GridServices.Hosting.Web;

/// <summary>Reading a body whole, within bounds, as bytes: what is checked is exactly what came.</summary>
public static class RequestBodies
{
    /// <summary>The body's bytes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBytes">More is refused without being read; also raises the server's own bound for this request.</param>
    /// <param name="mediaTypes">What Content-Type may be; <c>charset</c>, where given, must be utf-8 unless the type is XML, whose own declaration counts.</param>
    /// <exception cref="ProblemException">
    /// UNSUPPORTED_MEDIA: another type, charset, or an encoded (gzip) body. LIMIT_SIZE: too large. BACKPRESSURE: too many large bodies at once.
    /// </exception>
    public static Task<ReadOnlyMemory<byte>> ReadBodyAsync(this HttpRequest request, int maxBytes, params string[] mediaTypes) => request.ReadBodyAsync(maxBytes, 1, mediaTypes);

    /// <summary>As the other one, for bodies of which more is made than of most.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBytes">More is refused.</param>
    /// <param name="weight">How often a large body's bytes count among those that may be worked on at once.</param>
    /// <param name="mediaTypes">What Content-Type may be.</param>
    /// <exception cref="ProblemException">As for the other one.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(this HttpRequest request, int maxBytes, int weight, params string[] mediaTypes)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(mediaTypes);
        RequireMediaType(request, mediaTypes);
        Raise(request.HttpContext, maxBytes);
        if (request.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        if (request.ContentLength > BodyBudget.SmallBytes)
        {
            Budget(request).Acquire(request.HttpContext, (int)request.ContentLength.Value * weight);
        }

        return await ReadAsync(request, maxBytes, weight, request.HttpContext.RequestAborted);
    }

    /// <summary>Whether the request brings a body, however it is sent: with its length, in chunks, or as frames of HTTP/2.</summary>
    public static bool HasBody(this HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? request.ContentLength != 0;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int maxBytes, int weight, CancellationToken ct)
    {
        var reader = request.BodyReader;
        var counted = request.ContentLength is not null;
        while (true)
        {
            var read = await reader.ReadAsync(ct);
            if (!counted && read.Buffer.Length > BodyBudget.SmallBytes)
            {
                // Nobody said how large it will be.
                Budget(request).Acquire(request.HttpContext, maxBytes * weight);
                counted = true;
            }

            if (read.Buffer.Length > maxBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw TooLarge(maxBytes);
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static BodyBudget Budget(HttpRequest request) => request.HttpContext.RequestServices.GetRequiredService<BodyBudget>();

    private static void RequireMediaType(HttpRequest request, string[] allowed)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProblemException(ErrorClass.UnsupportedMedia, $"Content-Encoding '{encoding}' is not read here; send the body as it is.");
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !allowed.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase))
        {
            throw new ProblemException(
                ErrorClass.UnsupportedMedia, $"Content-Type '{request.ContentType}' is not read here; send {string.Join(" or ", allowed)}.");
        }

        var charset = HeaderUtilities.RemoveQuotes(type.Charset);
        if (charset.HasValue && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase) && !IsXml(type))
        {
            throw new ProblemException(ErrorClass.UnsupportedMedia, $"charset '{charset}' is not read here; send UTF-8.");
        }
    }

    private static bool IsXml(MediaTypeHeaderValue type) => type.SubTypeWithoutSuffix.Equals("xml", StringComparison.OrdinalIgnoreCase)
        || type.Suffix.Equals("xml", StringComparison.OrdinalIgnoreCase);

    private static void Raise(HttpContext context, int maxBytes)
    {
        // The server counts chunk framing too; ours is the exact bound.
        var raw = maxBytes + (maxBytes / 4L) + (64 * 1024);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false, MaxRequestBodySize: { } bound } feature && bound < raw)
        {
            feature.MaxRequestBodySize = raw;
        }
    }

    private static ProblemException TooLarge(int maxBytes) => new(ErrorClass.LimitSize, $"The body is larger than {maxBytes} bytes; send less at once.");
}
