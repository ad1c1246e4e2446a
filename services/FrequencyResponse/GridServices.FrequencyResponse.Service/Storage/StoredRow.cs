namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>A stored row that is damaged, or of a newer version: it costs what it tells of, and nothing else.</summary>
internal static partial class StoredRow
{
    /// <summary>What a row holds; null where it can't be read, which is logged as an error.</summary>
    /// <param name="read">Reads it; throws where it can't.</param>
    /// <param name="what">What the row tells of, for the log.</param>
    /// <param name="log">Where an operator looks.</param>
    public static T? Read<T>(Func<T?> read, string what, ILogger log)
        where T : class
    {
        try
        {
            if (read() is { } found)
            {
                return found;
            }

            LogIllegible(log, what, null);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogIllegible(log, what, fault);
        }

        return null;
    }

    [LoggerMessage(EventIds.StoredRowIllegible, LogLevel.Error, "What is stored can't be read and is left out: {What}")]
    private static partial void LogIllegible(ILogger logger, string what, Exception? fault);
}
