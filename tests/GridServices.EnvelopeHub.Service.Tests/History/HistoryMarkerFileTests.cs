using System.Text;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service;
using GridServices.EnvelopeHub.Service.History;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.EnvelopeHub.Tests.History;

/// <summary>The file that tells a store that was put back from one that went on.</summary>
public sealed class HistoryMarkerFileTests : IAsyncDisposable
{
    private readonly TestStore _place = TestStores.Create(Dialect.Sqlite, typeof(EnvelopeHubApp).Assembly);

    private string Path => System.IO.Path.Combine(_place.Folder, HistoryMarkerFile.Name);

    public ValueTask DisposeAsync() => _place.DisposeAsync();

    [Fact]
    public void What_is_written_and_counted_on_reads_back()
    {
        var publisher = new PublisherId("default", "/gridservices/openadr/1");
        using (var file = Open())
        {
            Assert.True(file.IsExpected);
            Assert.Null(file.Read());
            file.Write(new HistoryMarker("epoch1", 5, [publisher, new PublisherId("default", "/named/1")]) { KnewHub = [publisher], Silent = [publisher] });
            file.Count(6);
            file.Count(7);
        }

        using var again = Open();
        var marker = again.Read()!;
        Assert.Equal(("epoch1", 7, 2), (marker.Epoch, marker.Commits, marker.Publishers.Count));
        Assert.Equal(publisher, Assert.Single(marker.KnewHub));
        Assert.Equal(publisher, Assert.Single(marker.Silent));
    }

    [Fact]
    public void A_count_that_comes_late_changes_nothing()
    {
        using var file = Open();
        file.Write(new HistoryMarker("epoch1", 5, []));
        file.Count(9);
        file.Count(8);
        Assert.Equal(9, file.Read()!.Commits);

        // The whole file of the same epoch never falls behind the count, of another epoch it begins anew.
        file.Write(new HistoryMarker("epoch1", 6, []));
        Assert.Equal(9, file.Read()!.Commits);
        file.Write(new HistoryMarker("epoch2", 1, []));
        Assert.Equal(("epoch2", 1), (file.Read()!.Epoch, file.Read()!.Commits));
    }

    [Fact]
    public void Nothing_is_counted_before_it_was_written_once()
    {
        using var file = Open();
        file.Count(3);
        Assert.Null(file.Read());
    }

    [Fact]
    public void A_shorter_one_leaves_no_end_of_the_longer_behind()
    {
        using var file = Open();
        file.Write(new HistoryMarker("epoch1", 5, [.. Enumerable.Range(0, 50).Select(i => new PublisherId("default", $"/publisher/{i}"))]));
        file.Write(new HistoryMarker("epoch1", 6, []));
        Assert.Empty(file.Read()!.Publishers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"epoch\":\"epoch1\",\"comm")]
    [InlineData("{\"epoch\":\"a.b\",\"commits\":\"1\",\"publishers\":[]}")]
    [InlineData("{\"epoch\":\"epoch1\",\"commits\":\"-1\",\"publishers\":[]}")]
    public void One_that_is_illegible_is_none(string text)
    {
        File.WriteAllBytes(Path, Encoding.UTF8.GetBytes(text));
        using var file = Open();
        Assert.Null(file.Read());
    }

    [Fact]
    public void A_folder_in_its_place_costs_the_marker_and_no_commit()
    {
        Directory.CreateDirectory(Path);
        using var file = Open();
        file.Write(new HistoryMarker("epoch1", 5, []));
        file.Count(6);
        Assert.Null(file.Read());
        Directory.Delete(Path);
        file.Count(7);
        file.Write(new HistoryMarker("epoch1", 7, []));
        Assert.Equal(7, file.Read()!.Commits);
    }

    private HistoryMarkerFile Open() => new(
        _place.Store,
        new StorageOptions { Path = _place.Folder },
        NullLogger<HistoryMarkerFile>.Instance);
}
