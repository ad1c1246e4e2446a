using System.Net;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace GridServices.Cluster.Tests.Nodes;

/// <summary>What a node knows of itself, without Orleans and without a server.</summary>
internal sealed class FakeSilo : ILocalSiloDetails, IServer, IHostApplicationLifetime
{
    private readonly CancellationTokenSource _stopping = new();

    public string Name => "me";

    public string ClusterId => "c";

    public string DnsHostName => "localhost";

    public SiloAddress SiloAddress { get; } = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 7);

    public SiloAddress GatewayAddress => SiloAddress;

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => _stopping.Token;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public ClusterNode Node => _node ??= new ClusterNode(
        new Hosting.Clustering.ClusterOptions { PostgreSql = "Host=db", Name = "me" }, new ServiceIdentity("test", 1, typeof(FakeSilo).Assembly) { Clusters = true }, "http://127.0.0.1:1", this);

    private ClusterNode? _node;

    public void StopApplication() => _stopping.Cancel();

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();
}
