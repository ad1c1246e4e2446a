using GridServices.Testing;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.Session;

/// <summary>The file that a controller starts from when the hub is away: what was damaged in it is not obeyed, and told.</summary>
public sealed class HeldSetFileTests : IDisposable
{
    private readonly string folder = TestFolders.Create();

    public void Dispose() => TestFolders.Remove(folder);

    [Fact]
    public void What_was_written_is_read_again()
    {
        var file = Written(out var path);
        Assert.Equal(7_000, Assert.Single(file.Read(Unwanted, Site)!.Envelopes).Segments[0].Limits.ImportLimitW);
        Assert.Equal(2, File.ReadAllLines(path).Length);
    }

    [Fact]
    public void A_file_of_an_older_version_without_a_hash_is_read()
    {
        var file = Written(out var path);
        File.WriteAllText(path, File.ReadAllLines(path)[0]);
        Assert.Single(file.Read(Unwanted, Site)!.Envelopes);
    }

    [Theory]
    [InlineData("7000", "9700", "hash does not fit")]
    [InlineData("sha256:", "sha256:0", "hash does not fit")]
    public void A_changed_file_is_told_and_not_used(string what, string with, string told) => Refuses(text => text.Replace(what, with, StringComparison.Ordinal), told);

    [Theory]
    [InlineData("7000", "-7000", "can't be obeyed")]
    [InlineData("\"envelopes\":[", "\"envelopes\":[null,", "can't be obeyed")]
    [InlineData("\"retained\":[]", "\"retained\":[null]", "can't be obeyed")]
    [InlineData("\"withdrawn\":[]", "\"withdrawn\":null", "can't be used")]
    [InlineData("\"cursor\":", "\"x\":", "cursor")]
    [InlineData("\"siteId\":\"s1\"", "\"siteId\":\"site-2\"", "site-2")]
    public void A_file_that_states_what_can_not_be_is_told_and_not_used_even_without_a_hash(string what, string with, string told) =>
        Refuses(text => text.Split('\n')[0].Replace(what, with, StringComparison.Ordinal), told);

    [Theory]
    [InlineData("null", "holds nothing")]
    [InlineData("{\"siteId\":\"s1\"}", "cursor")]
    [InlineData("", "can't be used")]
    [InlineData("{\"siteId\":", "can't be used")]
    public void What_is_no_set_is_told_and_not_used(string text, string told) => Refuses(_ => text, told);

    [Fact]
    public void A_file_of_another_hub_is_told_and_not_used_and_one_of_the_same_is()
    {
        var file = Written(out _);
        file.Write(file.Read(Unwanted, Site)! with { Hub = "hub.example:5100" });
        Assert.NotNull(file.Read(Unwanted, Site, "HUB.example:5100"));
        var notices = new List<string>();
        Assert.Null(file.Read(notices.Add, Site, "hub.example:5101"));
        Assert.Contains("hub.example:5100", Assert.Single(notices), StringComparison.Ordinal);
        Assert.NotNull(file.Read(notices.Add, Site, "hub.example:5101", keepOther: true));
        Assert.Contains("is used, though", notices[1], StringComparison.Ordinal);
    }

    // An upgrade must not drop limits.
    [Fact]
    public void A_file_of_a_version_that_named_no_hub_and_no_losses_is_used()
    {
        var file = Written(out var path);
        var old = File.ReadAllLines(path)[0].Replace(",\"losses\":[]", string.Empty, StringComparison.Ordinal);
        Assert.DoesNotContain("hub", old, StringComparison.Ordinal);
        Assert.DoesNotContain("losses", old, StringComparison.Ordinal);
        File.WriteAllText(path, old);
        Assert.Single(file.Read(Unwanted, Site, "hub.example")!.Envelopes);
    }

    private static void Unwanted(string notice) => Assert.Fail(notice);

    private HeldSetFile Written(out string path)
    {
        path = Path.Combine(folder, "held.json");
        var file = new HeldSetFile(path);
        var set = Set(1, Envelope(Dr, 1, 7_000, Holds())).Set;
        file.Write(new HeldSet { SiteId = Site, Cursor = $"{set.Epoch}.{set.Sequence}", Envelopes = [.. set.Envelopes] });
        return file;
    }

    private void Refuses(Func<string, string> change, string told)
    {
        var file = Written(out var path);
        var before = File.ReadAllText(path);
        var after = change(before);
        Assert.NotEqual(before, after);
        File.WriteAllText(path, after);
        var notices = new List<string>();
        Assert.Null(file.Read(notices.Add, Site));
        Assert.Contains(told, Assert.Single(notices), StringComparison.Ordinal);
    }
}
