using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>Where the store is, and who writes to it, with and without a cluster.</summary>
public sealed class ClusterStoreTests
{
    private static readonly ServiceIdentity Together = new("sample", 5990, typeof(ClusterStoreTests).Assembly) { Clusters = true };

    private static StoreOptions Options(ServiceIdentity identity, string? storage, string? cluster) =>
        ClusterStore.Options(identity, new StorageOptions { PostgreSql = storage }, new ClusterOptions { PostgreSql = cluster });

    [Fact]
    public void Without_a_cluster_one_instance_writes()
    {
        var alone = Options(Together, "Host=a", null);
        Assert.True(alone.OneWriter);
        Assert.Equal("Host=a", alone.PostgreSql);
    }

    [Fact]
    public void In_a_cluster_all_instances_write_to_its_database()
    {
        var shared = Options(Together, null, "Host=c");
        Assert.False(shared.OneWriter);
        Assert.Equal("Host=c", shared.PostgreSql);
        Assert.Equal(TimeSpan.FromSeconds(15), shared.StoppedAfter);
        Assert.False(Options(Together, "Host=c", "Host=c").OneWriter);
    }

    [Fact]
    public void A_service_that_does_not_work_together_has_one_writer_there_too()
    {
        var shared = Options(Together with { Clusters = false }, null, "Host=c");
        Assert.True(shared.OneWriter);
        Assert.Equal("Host=c", shared.PostgreSql);
    }

    // Each would wait for what one that is stopped holds, with a cluster and without.
    [Fact]
    public void Of_a_service_whose_instances_share_the_store_anyway_one_that_is_stopped_keeps_no_transaction_open()
    {
        var shared = Options(Together with { Clusters = false, SharesStore = true }, "Host=a", null);
        Assert.False(shared.OneWriter);
        Assert.Equal(TimeSpan.FromSeconds(15), shared.StoppedAfter);
        Assert.Null(Options(Together, "Host=a", null).StoppedAfter);
    }

    [Fact]
    public void Two_databases_are_refused_at_the_start()
    {
        var refused = Assert.Throws<StartException>(() => Options(Together, "Host=a", "Host=c"));
        Assert.Contains("leave Storage:PostgreSql out", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", 0, null, null, "Cluster:Address")]
    [InlineData("10.0.0.5", 70000, null, null, "Cluster:Port")]
    [InlineData("10.0.0.5", 0, "tcp://x", null, "Cluster:Url")]
    [InlineData("10.0.0.5", 0, null, "a b", "Cluster:Name")]
    public void Settings_that_can_not_be_meant_are_named(string address, int port, string? url, string? name, string key)
    {
        var fault = Assert.Single(new ClusterOptions { Address = address, Port = port, Url = url, Name = name }.Validate());
        Assert.StartsWith(key, fault, StringComparison.Ordinal);
    }
}
