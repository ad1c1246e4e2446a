using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Ieee2030Dot5.ServiceDiscovery;

namespace GridServices.Ieee2030Dot5.Service.ServiceDiscovery;

/// <summary>Asks the network for servers of IEEE 2030.5, turn by turn, until all that is needed of each was told.</summary>
internal sealed class ServerFinder(DiscoverySettings settings) : IDisposable
{
    private const int MostTurns = 4;
    private const int MostQuestions = 64;

    // Whoever asks in a hurry waits: each asking sends to others' machines.
    private readonly SemaphoreSlim _turns = new(2, 2);

    /// <param name="service">From <see cref="SmartEnergyServers"/>.</param>
    /// <param name="domain">Its domain.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ProblemException">There is nobody to ask.</exception>
    public async Task<(IReadOnlyList<SmartEnergyServer> Servers, IReadOnlyList<string> LeftOut)> FindAsync(DnsName service, string domain, CancellationToken ct)
    {
        var lines = DnsClient.To(domain, settings.ResolverAt());
        if (lines.Count == 0)
        {
            throw new ProblemException(ErrorClass.Unavailable, "This machine knows no DNS server. Set ServiceDiscovery:Resolver in the service's settings, or ask for domain local or site.");
        }

        await _turns.WaitAsync(ct);
        try
        {
            var (records, asked) = (new List<DnsRecord>(), new HashSet<(DnsName, DnsKind)>());
            IReadOnlyList<(DnsName Name, DnsKind Kind)> questions = [(service, DnsKind.Pointer)];
            for (var turn = 0; turn < MostTurns && questions.Count > 0; turn++)
            {
                var answers = await Task.WhenAll(lines.Select(l => l.QueryAsync(questions, TimeSpan.FromMilliseconds(settings.WaitMilliseconds), ct)));
                records.AddRange(answers.SelectMany(a => a));
                questions = [.. SmartEnergyServers.Missing(service, records).Where(asked.Add).Take(MostQuestions)];
            }

            return SmartEnergyServers.Read(service, records);
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}
