using System.Text;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Hosting.Storage;

/// <summary>
/// The file <c>{service}.moved</c> beside a SQLite store that was moved to PostgreSQL. While it is there no service starts on that store: what came
/// after the move is elsewhere. A person ends that by deleting the file.
/// </summary>
internal sealed class MoveMark(string folder, string service)
{
    private const string Begun = "begun", Done = "done";

    internal string Path { get; } = System.IO.Path.Combine(folder, service + ".moved");

    /// <summary>The move has gone through. A file that can't be read counts as such.</summary>
    internal bool IsDone => File.Exists(Path) && Lines() is not [Begun, ..];

    /// <exception cref="StartException">The store was moved, or a move to another place did not report its end.</exception>
    internal void RequireNone(string store)
    {
        if (File.Exists(Path))
        {
            throw new StartException(Refusal(store));
        }
    }

    /// <summary>Why the store is not used, and what to do, in one line.</summary>
    internal string Refusal(string store)
    {
        var lines = Lines();
        var (place, at) = (lines.ElementAtOrDefault(1) ?? "another place", lines.ElementAtOrDefault(2) ?? "an unknown date");
        return IsDone
            ? $"The store {store} was moved to {place} on {at}; what came after that is there only. Set Storage:PostgreSql and Storage:Schema to it. To go back to the store as it was before the move, and lose what came after, delete {Path}."
            : $"A move of the store {store} to {place} began on {at} and did not report its end, so that it is not known which of the two holds. Run move-store again (with --empty-target where the target has tables and no service worked on it since), or delete {Path} to go on with this store.";
    }

    /// <summary>On the disk when it returns: from now on the target may hold the store.</summary>
    internal void Begin(string place, Instant now) => Write(Begun, place, now);

    /// <summary>The target holds the store.</summary>
    internal void End(string place, Instant now) => Write(Done, place, now);

    /// <summary>Nothing was moved.</summary>
    internal void Remove() => File.Delete(Path);

    private void Write(string state, string place, Instant now)
    {
        OwnerOnly.MakeFile(Path);
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.SetLength(0);
        file.Write(Encoding.UTF8.GetBytes($"{state}\n{place}\n{InstantPattern.General.Format(now)}\n"));
        file.Flush(flushToDisk: true);
    }

    private string[] Lines()
    {
        try
        {
            return File.ReadAllLines(Path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
