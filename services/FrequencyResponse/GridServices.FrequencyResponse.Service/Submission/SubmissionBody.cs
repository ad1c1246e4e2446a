using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace GridServices.FrequencyResponse.Service.Submission;

/// <summary>A JSON body that knows whether any of it was handed to a connection.</summary>
internal sealed class SubmissionBody : HttpContent
{
    private readonly byte[] _bytes;
    private volatile bool _wentOut;

    public SubmissionBody(string document)
    {
        _bytes = Encoding.UTF8.GetBytes(document);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <summary>False: no connection was made, and no receiver can have it.</summary>
    public bool WentOut => _wentOut;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _wentOut = true;
        return stream.WriteAsync(_bytes, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _bytes.Length;
        return true;
    }
}
