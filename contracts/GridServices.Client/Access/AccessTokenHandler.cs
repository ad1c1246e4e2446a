using System.Net;
using System.Net.Http.Headers;

namespace GridServices.Client.Access;

/// <summary>Sends every request with the source's token; one that is called invalid (401, or 429 that says so) is not sent again.</summary>
/// <param name="source">Disposed with the handler.</param>
/// <param name="inner">What sends.</param>
public sealed class AccessTokenHandler(AccessTokenSource source, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var token = await source.GetAsync(cancellationToken).ConfigureAwait(false);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (CallsInvalid(response))
        {
            source.Forget(token);
        }

        return response;
    }

    // Behind one address others' bad tokens may have it slowed down before it is told 401: RFC 6750 3 names what is wrong in the header.
    private static bool CallsInvalid(HttpResponseMessage response) => response.StatusCode == HttpStatusCode.Unauthorized
        || (response.StatusCode == HttpStatusCode.TooManyRequests && response.Headers.WwwAuthenticate.Any(asked =>
            string.Equals(asked.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase) && asked.Parameter?.Contains("invalid_token", StringComparison.Ordinal) == true));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
