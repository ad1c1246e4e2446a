using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>Removes evidence that is older than it has to be kept, also of pools that nobody writes any more.</summary>
/// <remarks>Used by the recorder's thread alone: nothing that a folder does may end it.</remarks>
/// <param name="root">With a folder per tenant, and in it one per pool.</param>
/// <param name="keep">How long.</param>
/// <param name="unswept">Told of a folder that can't be listed or emptied.</param>
internal sealed class EvidenceSweep(string root, Duration keep, Action<string, Exception> unswept)
{
    /// <summary>Newest segments of a pool that is written, which stay whatever their age.</summary>
    public const int AlwaysKept = 2;
    private static readonly Duration Every = Duration.FromHours(1);
    private static readonly Duration ClockStep = Duration.FromMinutes(1);
    private (Instant Now, Duration Up)? _last;

    /// <summary>Looks once an hour. A wall clock that did not hold for the whole hour is not believed: what it calls old may be of today.</summary>
    /// <param name="now">The wall clock.</param>
    /// <param name="up">A clock that nobody sets.</param>
    /// <param name="isWritten">Whether a pool's folder is in use.</param>
    public void Maintain(Instant now, Duration up, Predicate<string> isWritten)
    {
        if (_last is { } recent && up - recent.Up < Every)
        {
            return;
        }

        var moved = _last is { } before ? now - before.Now - (up - before.Up) : Duration.MaxValue;
        _last = (now, up);
        if (moved <= ClockStep && moved >= -ClockStep)
        {
            Sweep(now - keep, isWritten);
        }
    }

    private void Sweep(Instant before, Predicate<string> isWritten)
    {
        foreach (var folder in Folders(root).SelectMany(Folders))
        {
            Try(folder, () => EvidenceLog.Expire(folder, before, isWritten(folder) ? AlwaysKept : 0));
        }
    }

    private string[] Folders(string folder)
    {
        string[] found = [];
        Try(folder, () => found = Directory.Exists(folder) ? Directory.GetDirectories(folder) : []);
        return found;
    }

    private void Try(string folder, Action what)
    {
        try
        {
            what();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unswept(folder, e);
        }
    }
}
