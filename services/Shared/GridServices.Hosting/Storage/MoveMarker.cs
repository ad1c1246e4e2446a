using System.Text;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Hosting.Storage;

/// <summary>
/// The file <c>{service}.moved</c> beside a SQLite store that was moved to PostgreSQL. While it is there no service starts on that store: what came
/// after the move is elsewhere; nor on an empty one that is not where it was moved to. A person ends that by deleting the file.
/// </summary>
internal sealed class MoveMarker(string folder, string service)
{
    private const string Begun = "begun", Done = "done";
    private bool _begins;
    private string[]? _before;

    internal string Path { get; } = System.IO.Path.Combine(folder, service + ".moved");

    /// <summary>The move has gone through. A file that can't be read counts as such.</summary>
    internal bool IsDone => File.Exists(Path) && Lines() is not [Begun, ..];

    /// <summary>Where a move was to go that did not report its end; null: there is none.</summary>
    internal string? BegunTo => File.Exists(Path) && Lines() is [Begun, var place, ..] ? place : null;

    /// <summary>Asked on PostgreSQL, before anything is made there.</summary>
    /// <param name="place">Where the service is to start.</param>
    /// <param name="hasTables">There is a store.</param>
    /// <exception cref="StartException">The service's store is elsewhere, or may be.</exception>
    internal void RequireMovedTo(string place, bool hasTables)
    {
        if (!File.Exists(Path))
        {
            return;
        }

        if (!IsDone)
        {
            throw new StartException(Refusal(System.IO.Path.ChangeExtension(Path, ".db")));
        }

        if (!hasTables)
        {
            var moved = Lines().ElementAtOrDefault(1) ?? "another place";
            throw new StartException(
                $"{place} has no store of {service}, but {Path} says that its store was moved to {moved}. "
                + $"Set Storage:PostgreSql (in cluster mode Cluster:PostgreSql) and Storage:Schema to that. To begin with an empty store, delete {Path}.");
        }
    }

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
            ? $"The store {store} was moved to {place} on {at}; what came after that is there only. "
                + $"Set Storage:PostgreSql (in cluster mode Cluster:PostgreSql) and Storage:Schema to it. To go back to the store as it was before the move, and lose what came after, delete {Path}."
            : $"A move of the store {store} to {place} began on {at} and did not report its end, so that it is not known which of the two holds. "
                + $"Run move-store again (with --empty-target where the target has tables and no service worked on it since), or delete {Path} and start the service on the one that you know to hold.";
    }

    /// <summary>On the disk when it returns: from now on the target may hold the store.</summary>
    internal void Begin(string place, Instant now)
    {
        // A commit that is tried again begins again.
        _before = _begins ? _before : File.Exists(Path) ? Lines() : null;
        _begins = true;
        Write([Begun, place, InstantPattern.General.Format(now)]);
    }

    /// <summary>The target holds the store.</summary>
    internal void End(string place, Instant now) => Write([Done, place, InstantPattern.General.Format(now)]);

    /// <summary>Nothing was moved since <see cref="Begin"/>: what the file said before stands.</summary>
    internal void Undo()
    {
        if (_before is not null)
        {
            Write(_before);
        }
        else if (_begins)
        {
            File.Delete(Path);
        }
    }

    // Beside and renamed: a file that was cut off in between would say less than the one before.
    private void Write(IReadOnlyList<string> lines)
    {
        var beside = Path + ".new";
        File.Delete(beside);
        using (var file = OwnerOnlyFiles.CreateFile(beside, bufferSize: 0))
        {
            file.Write(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, Path, overwrite: true);
        FolderSync.Flush(folder);
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
