namespace GridServices.Hosting.Links;

/// <summary>Holds what is no stream in memory, within bounds, before anybody reads it.</summary>
/// <param name="inner">The connections.</param>
/// <param name="mostBytes">Longest reply; a longer one fails with <see cref="HttpRequestException"/>.</param>
public sealed class BoundedReplies(HttpMessageHandler inner, long mostBytes) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
            {
                await response.Content.LoadIntoBufferAsync(mostBytes, cancellationToken);
            }

            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
