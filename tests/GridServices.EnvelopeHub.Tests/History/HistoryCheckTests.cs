using System.Text;
using GridServices.EnvelopeHub.History;

namespace GridServices.EnvelopeHub.Tests.History;

public sealed class HistoryCheckTests
{
    private static readonly IReadOnlyList<PublisherId> Publishers = [new("default", "/gridservices/openadr/1")];

    [Fact]
    public void A_store_that_holds_as_much_as_its_marker_or_more_is_the_same_history()
    {
        Assert.Null(HistoryCheck.FindMismatch(Stored("e1", 5), Marker("e1", 5), markerExpected: true));

        // The marker is written after the commit: a killed process may leave it one behind.
        Assert.Null(HistoryCheck.FindMismatch(Stored("e1", 6), Marker("e1", 5), markerExpected: true));
    }

    [Fact]
    public void A_store_that_holds_less_than_was_committed_was_put_back() =>
        Assert.Contains("5 commits, and 6 were made", HistoryCheck.FindMismatch(Stored("e1", 5), Marker("e1", 6), markerExpected: true), StringComparison.Ordinal);

    [Fact]
    public void An_empty_store_is_new_without_a_marker_and_lost_with_one()
    {
        Assert.Equal(HistoryCheck.First, HistoryCheck.FindMismatch(Stored(null, 0), null, markerExpected: true));
        Assert.Contains("it was lost", HistoryCheck.FindMismatch(Stored(null, 0), Marker("e1", 6), markerExpected: true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_without_a_marker_was_copied_here_where_markers_are_always_written()
    {
        Assert.NotNull(HistoryCheck.FindMismatch(Stored("e1", 5), null, markerExpected: true));
        Assert.Null(HistoryCheck.FindMismatch(Stored("e1", 5), null, markerExpected: false));
    }

    [Fact]
    public void A_marker_of_an_epoch_that_the_store_has_left_lags_and_one_that_it_never_had_leads()
    {
        Assert.Null(HistoryCheck.FindMismatch(Stored("e2", 5, "e1"), Marker("e1", 9), markerExpected: true));
        Assert.NotNull(HistoryCheck.FindMismatch(Stored("e1", 5), Marker("e2", 2), markerExpected: true));
    }

    [Fact]
    public void Tables_that_were_made_anew_are_another_history() =>
        Assert.NotNull(HistoryCheck.FindMismatch(Stored("e1", 5) with { Evidence = "16384/700", EvidenceNow = "17001/912" }, Marker("e1", 5), markerExpected: false));

    [Fact]
    public void Sites_that_are_gone_or_renamed_are_another_history()
    {
        var three = SiteCensus.None.With("default", "a").With("default", "b").With("other", "a");
        var same = SiteCensus.None.With("other", "a").With("default", "b").With("default", "a");
        var renamed = SiteCensus.None.With("default", "a").With("default", "c").With("other", "a");
        var stored = Stored("e1", 5) with { SitesMade = three };

        Assert.Null(HistoryCheck.FindMismatch(stored with { SitesFound = same }, Marker("e1", 5), markerExpected: true));
        Assert.Contains("3 sites were made in it and it holds 2", HistoryCheck.FindMismatch(stored with { SitesFound = new SiteCensus(2, null) }, Marker("e1", 5), markerExpected: true), StringComparison.Ordinal);
        Assert.Contains("other names", HistoryCheck.FindMismatch(stored with { SitesFound = renamed }, Marker("e1", 5), markerExpected: false), StringComparison.Ordinal);

        // Where one side does not know the names, the number decides.
        Assert.Null(HistoryCheck.FindMismatch(stored with { SitesFound = new SiteCensus(3, null) }, Marker("e1", 5), markerExpected: true));
    }

    [Fact]
    public void The_marker_reads_back_and_its_count_can_be_written_over()
    {
        var marker = Marker("0123456789abcdef", 41);
        var bytes = marker.ToBytes();
        HistoryMarker.WriteCount(1_000_042, bytes.AsSpan(marker.CountOffset, HistoryMarker.CountLength));

        var read = HistoryMarker.Read(bytes)!;

        Assert.Equal(("0123456789abcdef", 1_000_042), (read.Epoch, read.Commits));
        Assert.Equal(Publishers, read.Publishers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"epoch\":\"e1\",\"commits\":\"000")]
    [InlineData("{\"epoch\":\"e1\",\"commits\":\"many\",\"publishers\":[]}")]
    [InlineData("{\"epoch\":\"e.1\",\"commits\":\"1\",\"publishers\":[]}")]
    public void A_marker_that_was_cut_short_is_none(string text) => Assert.Null(HistoryMarker.Read(Encoding.UTF8.GetBytes(text)));

    private static StoredHistory Stored(string? epoch, long commits, params string[] past) => new(epoch, commits, past.ToHashSet(StringComparer.Ordinal), null, null);

    private static HistoryMarker Marker(string epoch, long commits) => new(epoch, commits, Publishers);
}
