using System.Security.Cryptography;
using GridServices.EnvelopeHub.Service.Sites;

namespace GridServices.EnvelopeHub.Service;

/// <summary>The name of this store's history: random, made with the store. Read before the first request is taken.</summary>
internal sealed class HubEpoch(SiteLog log) : IHostedService
{
    private string? _text;

    public string Text => _text ?? throw new InvalidOperationException("The epoch is read at start.");

    public async Task StartAsync(CancellationToken cancellationToken) =>
        _text = await log.EpochAsync(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
