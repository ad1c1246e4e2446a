using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace GridServices.Hosting;

/// <summary>
/// Binds Microsoft.Data.Sqlite to the system's libsqlite3, which the system patches, instead of a bundled one, which nobody would.
/// <c>GRIDSERVICES_SQLITE_LIBRARY</c> names another file.
/// </summary>
internal static class SqliteLibrary
{
    private static readonly Lock Gate = new();
    private static readonly string[] Names = ["libsqlite3.so.0", "libsqlite3.dylib", "winsqlite3.dll", "e_sqlite3", "sqlite3"];
    private static bool ready;

    /// <exception cref="StartException">There is no SQLite library.</exception>
    internal static void Use()
    {
        lock (Gate)
        {
            if (ready)
            {
                return;
            }

            var chosen = Environment.GetEnvironmentVariable("GRIDSERVICES_SQLITE_LIBRARY");
            var handle = Load(string.IsNullOrEmpty(chosen) ? Names : [chosen]);
            if (handle == 0)
            {
                throw new StartException(
                    $"The SQLite library {chosen ?? "libsqlite3"} is not there. Install it (Debian: apt-get install libsqlite3-0), or set Storage:PostgreSql to use PostgreSQL.");
            }

            var provider = typeof(SQLite3Provider_e_sqlite3).Assembly;
            NativeLibrary.SetDllImportResolver(provider, (name, _, _) => string.Equals(name, "e_sqlite3", StringComparison.Ordinal) ? handle : 0);
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            ready = true;
        }
    }

    private static nint Load(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, Assembly.GetExecutingAssembly(), null, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }
}
