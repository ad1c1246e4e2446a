namespace GridServices.Tariffs.Service.Prices;

/// <summary>The body of an answer from outside, up to a bound.</summary>
internal static class ResponseBody
{
    /// <summary>Null where it is larger.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int most, CancellationToken ct)
    {
        await using var stream = await content.ReadAsStreamAsync(ct);
        using var whole = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, ct)) > 0;)
        {
            if (whole.Length + read > most)
            {
                return null;
            }

            whole.Write(buffer, 0, read);
        }

        return whole.ToArray();
    }
}
