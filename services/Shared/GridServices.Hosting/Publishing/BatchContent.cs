using System.Net;
using System.Net.Http.Headers;
using GridServices.Contracts;

namespace GridServices.Hosting.Publishing;

/// <summary>A JSON array of the stored bodies, byte for byte.</summary>
internal sealed class BatchContent : HttpContent
{
    private const int ChunkBytes = 64 * 1024;
    private readonly IReadOnlyList<OutboxRow> _rows;

    internal BatchContent(IReadOnlyList<OutboxRow> rows)
    {
        _rows = rows;
        Headers.ContentType = new MediaTypeHeaderValue(CloudEventTypes.BatchMediaType);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _rows.Sum(row => (long)row.Body.Length) + _rows.Count + 1;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var chunks = new BufferedStream(stream, ChunkBytes);
        for (var i = 0; i < _rows.Count; i++)
        {
            chunks.WriteByte((byte)(i == 0 ? '[' : ','));
            await chunks.WriteAsync(_rows[i].Body, cancellationToken);
        }

        chunks.WriteByte((byte)']');

        // Flushed, not disposed: the stream is the connection's.
        await chunks.FlushAsync(cancellationToken);
    }
}
