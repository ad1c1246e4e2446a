using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using GridServices.Testing;
using GridServices.Testing.Tls;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Tls;

/// <summary>What is told before certificates end: our own, a listener's, a utility's.</summary>
public sealed class CertificateExpiryTests : IDisposable
{
    private static readonly CertificateFileRules Rules = new("profile", AllowsPfx: true, _ => null, roots => roots.Count > 0 ? null : "nothing");
    private readonly PrivatePki _pki = new(depth: 2);
    private readonly FakeClock _clock = new(SystemClock.Instance.GetCurrentInstant());
    private readonly Lines _log = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task Each_use_is_warned_of_at_thirty_seven_and_one_day_and_told_of_at_its_end()
    {
        var (file, key) = _pki.Write("listener", _pki.Issue(endsIn: TimeSpan.FromDays(40)));
        var listener = WatchedCertificate.Own("push listener's certificate", new CertificatePaths { ClientCertificate = file, ClientKey = key }, Rules, "put a new one there", "no VTN can push");
        var monitor = Monitor(listener);
        foreach (var (day, expected) in new[] { (5, 0), (11, 1), (12, 1), (34, 2), (39.5, 3), (39.6, 3), (41, 4), (42, 4) })
        {
            _clock.Advance(SystemStart + Duration.FromDays(day) - _clock.GetCurrentInstant());
            await monitor.RunAsync(TestContext.Current.CancellationToken);
            Assert.Equal((day, expected), (day, _log.All.Count));
        }

        Assert.Equal(
            [$"Warning The push listener's certificate {file} ends", $"Warning The push listener's certificate {file} ends", $"Warning The push listener's certificate {file} ends", $"Error ALARM The push listener's certificate {file} ended"],
            _log.All.Select(l => l[..l.IndexOf(" at ", StringComparison.Ordinal)]));
        Assert.EndsWith("no VTN can push", _log.All.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metric_names_the_use_and_neither_file_nor_tenant()
    {
        var (soon, soonKey) = _pki.Write("a", _pki.Issue(endsIn: TimeSpan.FromDays(20)));
        var (later, laterKey) = _pki.Write("b", _pki.Issue(endsIn: TimeSpan.FromDays(90)));
        var monitor = Monitor(
            WatchedCertificate.Own("client certificate", new CertificatePaths { ClientCertificate = later, ClientKey = laterKey }, Rules, "-", "-"),
            WatchedCertificate.Own("client certificate", new CertificatePaths { ClientCertificate = soon, ClientKey = soonKey }, Rules, "-", "-"),
            WatchedCertificate.Trusted("roots", _pki.CaFile, Rules, "-", "-"));
        await monitor.RunAsync(TestContext.Current.CancellationToken);

        var measured = monitor.DaysLeft().ToDictionary(m => (string)m.Tags.ToArray().Single(t => t.Key == "use").Value!, m => m.Value);
        Assert.Equal(["client certificate", "roots"], measured.Keys.Order());
        Assert.InRange(measured["client certificate"], 19, 20.1);
        Assert.All(monitor.DaysLeft(), m => Assert.Equal(1, m.Tags.Length));
    }

    [Fact]
    public void Of_several_trusted_certificates_the_next_that_ends_counts_and_one_that_has_ended_only_where_all_have()
    {
        var ends = new[] { 5, 60, -1 }.Select(days => _pki.Issue(endsIn: TimeSpan.FromDays(days))).ToList();
        var file = Path.Combine(_pki.Folder, "pinned.pem");
        File.WriteAllText(file, string.Join('\n', ends.Select(c => c.ExportCertificatePem())));
        var watched = WatchedCertificate.Trusted("VTN certificate", file, Rules, "-", "-");
        Assert.Equal(GetNotAfter(ends[0]), watched.EndAt(SystemStart));
        Assert.Equal(GetNotAfter(ends[1]), watched.EndAt(SystemStart + Duration.FromDays(6)));
        Assert.Equal(GetNotAfter(ends[1]), watched.EndAt(SystemStart + Duration.FromDays(61)));
    }

    [Fact]
    public void Of_our_own_file_the_first_of_the_chain_counts_without_the_root_and_without_what_is_not_above_it()
    {
        using var deep = new PrivatePki(depth: 4);
        var own = deep.Issue(endsIn: TimeSpan.FromDays(5_000));
        var (file, key) = deep.Write("client", own);
        File.AppendAllText(file, "\n" + deep.Root.ExportCertificatePem() + "\n" + _pki.Issue(endsIn: TimeSpan.FromDays(1)).ExportCertificatePem());
        var watched = WatchedCertificate.Own("client certificate", new CertificatePaths { ClientCertificate = file, ClientKey = key }, Rules, "-", "-");
        Assert.Equal(GetNotAfter(deep.Intermediates[0]), watched.EndAt(SystemStart));
        Assert.True(GetNotAfter(deep.Intermediates[0]) < GetNotAfter(own));

        // One that has ended stays the end of all.
        Assert.Equal(GetNotAfter(deep.Intermediates[0]), watched.EndAt(GetNotAfter(deep.Intermediates[0]) + Duration.FromDays(1)));
    }

    [Fact]
    public void The_doctor_tells_of_what_ends_within_thirty_days_or_has()
    {
        var file = Path.Combine(_pki.Folder, "pinned.pem");
        File.WriteAllText(file, _pki.Issue(endsIn: TimeSpan.FromDays(35)).ExportCertificatePem());
        WatchedCertificate[] watched = [WatchedCertificate.Trusted("VTN certificate", file, Rules, "ask for the next", "nothing is taken")];
        Assert.Empty(Doctor.ExpiryAdvice.Describe(watched, SystemStart));
        Assert.EndsWith("ask for the next.", Assert.Single(Doctor.ExpiryAdvice.Describe(watched, SystemStart + Duration.FromDays(10))), StringComparison.Ordinal);
        Assert.EndsWith("nothing is taken.", Assert.Single(Doctor.ExpiryAdvice.Describe(watched, SystemStart + Duration.FromDays(36))), StringComparison.Ordinal);
        Assert.Empty(Doctor.ExpiryAdvice.Describe([watched[0] with { Read = () => throw new CertificateFileException("gone") }], SystemStart));
    }

    private Instant SystemStart { get; } = SystemClock.Instance.GetCurrentInstant();

    private static Instant GetNotAfter(X509Certificate2 certificate) => CertificateDetails.GetNotAfter(certificate);

    private CertificateExpiryMonitor Monitor(params WatchedCertificate[] watched) =>
        new(new WatchedCertificates(() => watched), new EngineDependencies(null!, null!, null!, null!, _clock, TimeProvider.System, null!), _log);

    private sealed class Lines : ILogger<CertificateExpiryMonitor>
    {
        public ConcurrentQueue<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{logLevel} {formatter(state, exception)}");
    }
}
