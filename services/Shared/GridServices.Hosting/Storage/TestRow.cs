using System.Data.Common;
using Dapper;

namespace GridServices.Hosting.Storage;

/// <summary>The one row of <c>store_test</c>, which is there to be committed: whether anything can be stored is known only by storing.</summary>
internal static class TestRow
{
    internal const string Table = "CREATE TABLE IF NOT EXISTS store_test (one BIGINT PRIMARY KEY CHECK (one = 1), count BIGINT NOT NULL, filler {{blob}} NOT NULL)";

    // After a failure there must be room for more than a page: a nearly full disk takes a small commit between large ones that it refuses.
    private const int LargeBytes = 256 * 1024;

    internal static Task<int> WriteAsync(DbTransaction tx, bool large) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO store_test (one, count, filler) VALUES (1, 1, @filler)
        ON CONFLICT (one) DO UPDATE SET count = store_test.count + 1, filler = excluded.filler
        """,
        new { filler = new byte[large ? LargeBytes : 1] },
        tx);
}
