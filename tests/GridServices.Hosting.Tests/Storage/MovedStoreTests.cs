using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>A file that was moved away takes commits as before, and the next start would not find them: nothing may be acknowledged into it.</summary>
public sealed class MovedStoreTests
{
    private const string Insert = "INSERT INTO note (author, written_at, payload) VALUES ('me', 0, x'00')";

    [Fact]
    public async Task A_store_that_was_moved_away_takes_nothing_until_it_is_back()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(StoreTests).Assembly);
        await WriteAsync(place);
        var file = Assert.Single(Directory.GetFiles(place.Folder, "*.db"));
        File.Move(file, file + ".away");

        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(place));
        Assert.Contains("was moved away or replaced", refused.Message, StringComparison.Ordinal);

        File.Move(file + ".away", file);
        await WriteAsync(place);
    }

    [Fact]
    public async Task A_copy_in_its_place_is_not_the_store()
    {
        if (!OperatingSystem.IsLinux())
        {
            SkipTest.Because("only Linux names the path of an open file");
        }

        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(StoreTests).Assembly);
        await WriteAsync(place);
        var file = Assert.Single(Directory.GetFiles(place.Folder, "*.db"));
        File.Copy(file, file + ".copy");
        File.Move(file + ".copy", file, overwrite: true);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => WriteAsync(place));
    }

    private static Task<int> WriteAsync(TestStore store) => store.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(Insert, transaction: tx));
}
